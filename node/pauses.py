"""A pause of one run, or of the whole chapter ("back on 4 March"). Every node hears at once; resuming undoes it."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from federation.text import tidy

from . import publishing, runs
from .config import Settings
from .database import writing
from .dates import Changed
from .models import Chapter, Run, RunDate
from .recurrence import zone
from .validation import check_texts, refuse

NOTE_LIMIT = 300
#: Nobody plans a pause further ahead, or a longer one.
MOST_AHEAD = timedelta(days=366)

Paused = Run | Chapter


def pause(
    session: Session,
    settings: Settings,
    run_id: str | None,
    since: date,
    back_on: date | None,
    note: str,
    now: datetime,
) -> None:
    """No run from `since` until the day before `back_on` (None: until it is resumed); no `run_id`: no run at all.

    Promises for those days are taken back. Again with the same words: nothing happens. Raises NotFound, or
    InvalidInput for `since` (`range`: before today or too far ahead), `back_on` (`before_start`, `range`) and `note`.
    """
    note = tidy(note)
    with writing(session):
        paused = _of(session, run_id)
        today = now.astimezone(zone(paused.timezone)).date()
        refuse(_problems(since, back_on, today) | check_texts({"note": note}, {"note": NOTE_LIMIT}, frozenset()))
        if (paused.paused_since, paused.back_on, paused.pause_note) == (since, back_on, note):
            return
        paused.paused_since, paused.back_on, paused.pause_note = since, back_on, note
        _take_promises_back(session, run_id, since, back_on)
        publishing.publish(session, settings, now, urgent=True)


def resume(session: Session, settings: Settings, run_id: str | None, now: datetime, seen: str | None = None) -> None:
    """The pause is over, or does not begin. Again: nothing happens. Raises NotFound.

    `seen`: the pause that the lead saw, as `span` spells it. Raises Changed if it is another one by now: an old page
    must not end the pause that somebody has made since.
    """
    with writing(session):
        paused = _of(session, run_id)
        if paused.paused_since is None:
            return
        if seen is not None and seen != span(paused):
            raise Changed("somebody has changed this pause meanwhile")
        paused.paused_since, paused.back_on, paused.pause_note = None, None, ""
        publishing.publish(session, settings, now, urgent=True)


def is_coming(paused: Paused, now: datetime) -> bool:
    """Whether there is a pause that is not over."""
    today = now.astimezone(zone(paused.timezone)).date()
    return paused.paused_since is not None and not (paused.back_on and paused.back_on <= today)


def span(paused: Paused) -> str:
    """Such as 2026-06-01/2026-07-02; the end is missing where it is not known."""
    return f"{paused.paused_since or ''}/{paused.back_on or ''}"


def _of(session: Session, run_id: str | None) -> Paused:
    return session.get_one(Chapter, 1) if run_id is None else runs.get(session, run_id)


def _problems(since: date, back_on: date | None, today: date) -> dict[str, str]:
    problems = {}
    if not today <= since <= today + MOST_AHEAD:
        problems["since"] = "range"
    if back_on is not None and back_on <= since:
        problems["back_on"] = "before_start"
    elif back_on is not None and back_on - since > MOST_AHEAD:
        problems["back_on"] = "range"
    return problems


def _take_promises_back(session: Session, run_id: str | None, since: date, back_on: date | None) -> None:
    """What was moved and promised stays moved: who knows of it must not be led back by the end of the pause."""
    promised = [RunDate.state == "confirmed", RunDate.day >= since]
    promised += [RunDate.run_id == run_id] if run_id is not None else []
    promised += [RunDate.day < back_on] if back_on is not None else []
    is_moved = or_(RunDate.starts.is_not(None), RunDate.point.is_not(None))
    session.execute(update(RunDate).where(*promised, is_moved).values(state="moved", before=None))
    session.execute(delete(RunDate).where(*promised, ~is_moved))
