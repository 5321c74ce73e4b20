"""A change of a run for a day more than eight weeks ahead, so far that no page has its dates.

It stays here until its day comes near. Then it is made as a change that a lead enters ahead (PROTOCOL.md §7.3,
`changes_on`): who knows the run's dates is told in the same way.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import PointTexts

from ..chapter import runs, series
from ..chapter.runs import RunInput
from ..config import Settings
from ..database import writing
from ..errors import InvalidInput
from ..input import stale_pages
from ..input.translations import Translations
from ..input.validation import refuse
from ..models import Person, Run
from ..schedule.recurrence import WEEKS_AHEAD, day_in

#: Where a run is, and the texts that lead there.
_PLACE = ("point_name", "address", "lat_e4", "lon_e4")
_WAYS = PointTexts.__struct_fields__
#: Nobody plans further ahead.
_FARTHEST = timedelta(days=730)


@dataclass(frozen=True)
class LaterChange:
    """What the run was when the change was entered, what it will be, and from which day on."""

    from_day: date
    former: RunInput
    to: RunInput

    def made_to(self, run: RunInput) -> RunInput:
        """`run` with what the change changes. What leads have changed otherwise since then stays."""
        names = [field.name for field in fields(RunInput)]
        changed = [name for name in names if getattr(self.to, name) != getattr(self.former, name)]
        still = {"translations": self._still_true(run, changed)}
        return replace(run, **still | {name: getattr(self.to, name) for name in changed})

    def _still_true(self, run: RunInput, changed: Collection[str]) -> Translations:
        """The texts in further languages without those that were written since, of what the change changes: nobody is
        led to the former place in Welsh.
        """
        is_moved = any(name in changed for name in _PLACE)
        stale = {name for name in runs.TRANSLATED if name in changed or (is_moved and name in _WAYS)}
        knew = self.former.translations
        return {
            tag: {
                name: text for name, text in texts.items() if name not in stale or knew.get(tag, {}).get(name) == text
            }
            for tag, texts in run.translations.items()
        }


def of(run: Run) -> LaterChange | None:
    """The change of a run that waits for its day; None for none."""
    return msgspec.json.decode(run.later_change, type=LaterChange) if run.later_change else None


def is_later(run: Run, from_day: date | None, now: datetime) -> bool:
    """Whether a change from that day on has to wait."""
    return from_day is not None and from_day > day_in(run.timezone, now) + WEEKS_AHEAD


def plan(session: Session, run_id: str, to: RunInput, from_day: date, now: datetime, saw: str | None = None) -> bool:
    """Keep a change for later, in place of an earlier one. False where it would change nothing.

    Raises NotFound, InvalidInput (`from_day`: `range`), and StalePage if the run is not as the page showed it.
    """
    with writing(session) as transaction:
        run = runs.get(transaction, run_id)
        former = runs.input_of(run)
        runs.check(transaction, to, now, former)
        refuse({"from_day": "range"} if from_day > day_in(run.timezone, now) + _FARTHEST else {})
        stale_pages.require(saw, runs.mark_of(run))
        to = runs.as_stored(to)
        if to == former:
            return False
        run.later_change = msgspec.json.encode(LaterChange(from_day, former, to)).decode()
    return True


def drop(session: Session, run_id: str) -> None:
    """Take a change for later back. Where there is none, nothing changes."""
    with writing(session) as transaction:
        runs.get(transaction, run_id).later_change = None


def make_due(session: Session, settings: Settings, now: datetime) -> None:
    """Make each change whose day has come near. One that cannot be made any more stays, and the board says so."""
    waiting = select(Run.id).where(Run.later_change.is_not(None), Run.withdrawn_at.is_(None))
    for run_id in session.scalars(waiting).all():
        run = runs.get(session, run_id)
        change = of(run)
        if change is not None and not is_later(run, change.from_day, now):
            _make(session, settings, run, change, now)


def _make(session: Session, settings: Settings, run: Run, change: LaterChange, now: datetime) -> None:
    to = change.made_to(runs.input_of(run))
    is_gone = to.lead_id is not None and session.get(Person, to.lead_id) is None
    today = day_in(run.timezone, now)
    try:
        series.edit(
            session,
            settings,
            run.id,
            replace(to, lead_id=None) if is_gone else to,
            now,
            # A node that was off for weeks makes it from now on.
            from_day=max(change.from_day, today),
        )
    except InvalidInput:
        return
    drop(session, run.id)


def as_run(run: Run) -> Run | None:
    """The run as it will be, for a form; None where no change waits."""
    change = of(run)
    if change is None:
        return None
    values: dict[str, Any] = change.made_to(runs.input_of(run)).columns()
    return Run(id=run.id, **values)
