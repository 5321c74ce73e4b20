"""What the demo's leads have said of their runs by the time that somebody looks. Each says it by a lead's own act."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from node.chapter import dates, pauses, runs, series
from node.config import Settings
from node.models import Run

from .story import Happening

_Act = Callable[[Session, Settings, Run, datetime], None]
_LATER = timedelta(minutes=30)


def let_happen(session: Session, settings: Settings, run: Run, happening: Happening, now: datetime) -> None:
    """Say it of a run whose first date is its next one."""
    _ACTS[happening](session, settings, run, now)


def _confirm(session: Session, settings: Settings, run: Run, now: datetime) -> None:
    dates.confirm(session, settings, run.id, run.starts_on, now)


def _say_nothing(session: Session, settings: Settings, run: Run, now: datetime) -> None:
    """Nobody has promised to be there yet."""


def _cancel(session: Session, settings: Settings, run: Run, now: datetime) -> None:
    dates.cancel(session, settings, run.id, run.starts_on, "weather", "Storm warning. Stay safe and warm.", now)


def _move(session: Session, settings: Settings, run: Run, now: datetime) -> None:
    starts = datetime.combine(run.starts_on, run.starts_at) + _LATER
    dates.move(session, settings, run.id, run.starts_on, starts, None, "There is a concert before us.", now)
    dates.confirm(session, settings, run.id, run.starts_on, now)


def _change_the_hour(session: Session, settings: Settings, run: Run, now: datetime) -> None:
    starts_at = (datetime.combine(run.starts_on, run.starts_at) + _LATER).time()
    series.edit(session, settings, run.id, replace(runs.input_of(run), starts_at=starts_at), now)


def _pause_run(session: Session, settings: Settings, run: Run, now: datetime) -> None:
    _pause(session, settings, run, run.id, now)


def _pause_chapter(session: Session, settings: Settings, run: Run, now: datetime) -> None:
    _pause(session, settings, run, None, now)


def _pause(session: Session, settings: Settings, run: Run, run_id: str | None, now: datetime) -> None:
    # From the first date on, not from today: in another zone today is another day.
    back_on = run.starts_on + timedelta(weeks=4)
    pauses.pause(
        session, settings, run_id, run.starts_on, back_on, "We rest for a month, and are glad to be back.", now
    )


_ACTS: dict[Happening, _Act] = {
    "confirmed": _confirm,
    "unconfirmed": _say_nothing,
    "cancelled": _cancel,
    "moved": _move,
    "new hour": _change_the_hour,
    "paused": _pause_run,
    "chapter paused": _pause_chapter,
}
