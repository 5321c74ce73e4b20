"""Every change to one date of a run: confirm, cancel, undo. One tap each, one transaction each."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import Reason

from . import publishing, runs
from .config import Settings
from .database import writing
from .errors import InvalidInput, NodeError, NotFound
from .models import Run, RunDate
from .recurrence import later, occurrences, zone
from .validation import check_texts, refuse

REASONS: tuple[str, ...] = get_args(Reason)
NOTE_LIMIT = 300


class Changed(NodeError):
    """The date does not stand any more as the page showed it."""

    code = "changed"


@dataclass(frozen=True)
class DateView:
    """One coming date as a lead sees it. `state`: confirmed, cancelled or unconfirmed; `starts` aware, run's zone."""

    day: date
    starts: datetime
    state: str
    reason: str | None
    note: str | None
    can_undo: bool


def confirm(session: Session, settings: Settings, run_id: str, day: date, now: datetime) -> None:
    """A lead will be there. Again: nothing happens."""
    _change(session, settings, run_id, day, ("confirmed", None, None), now)


def cancel(session: Session, settings: Settings, run_id: str, day: date, reason: str, note: str, now: datetime) -> None:
    """Cancelled, with a reason of REASONS and a note in plain words. Again with the same words: nothing happens."""
    note = note.replace("\r\n", "\n").strip()
    problems = check_texts({"note": note}, {"note": NOTE_LIMIT}, frozenset())
    refuse(problems | ({} if reason in REASONS else {"reason": "required"}))
    _change(session, settings, run_id, day, ("cancelled", reason, note or None), now)


def undo(session: Session, settings: Settings, run_id: str, day: date, state: str, now: datetime) -> None:
    """Take back the last tap, whose `state` the lead saw. A second undo (a double tap) changes nothing.

    Raises Changed if another tap came between: an old page must not turn a cancellation into a promise.
    """
    with writing(session):
        row = session.get(RunDate, (run_id, day))
        if row is None or row.before is None:
            return
        if row.state != state:
            raise Changed("somebody has changed this date meanwhile")
        require_date(runs.get(session, run_id), day, now)
        state, reason, note = json.loads(row.before)
        if state == "unconfirmed":
            session.delete(row)
        else:
            row.state, row.reason, row.note, row.at, row.before = state, reason, note, now, None
        publishing.publish(session, settings, now, urgent=True)


def coming(session: Session, run: Run, now: datetime, weeks: int = 8) -> list[DateView]:
    """The dates of the next `weeks` weeks that have not ended, with what was said of each."""
    today = now.astimezone(zone(run.timezone)).date()
    rows = {row.day: row for row in session.scalars(select(RunDate).where(RunDate.run_id == run.id))}
    length = timedelta(minutes=run.duration_minutes)
    found = occurrences(publishing.schedule_of(run), today - timedelta(days=1), today + timedelta(weeks=weeks))
    return [_view(at.day, at.starts, rows.get(at.day)) for at in found if later(at.starts, length) > now]


def _change(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    said: tuple[str, str | None, str | None],
    now: datetime,
) -> None:
    with writing(session):
        require_date(runs.get(session, run_id), day, now)
        row = session.get(RunDate, (run_id, day))
        before = (row.state, row.reason, row.note) if row else ("unconfirmed", None, None)
        if before == said:
            return
        state, reason, note = said
        changed = RunDate(
            run_id=run_id, day=day, state=state, at=now, reason=reason, note=note, before=json.dumps(before)
        )
        session.merge(changed)
        publishing.publish(session, settings, now, urgent=True)


def require_date(run: Run, day: date, now: datetime) -> None:
    """`day` must be a date of the run (NotFound), not over and within eight weeks (InvalidInput, `range`)."""
    today = now.astimezone(zone(run.timezone)).date()
    # Before the rule is asked: a day at either end of the calendar has no instant in every zone.
    if not today - timedelta(days=1) <= day <= today + publishing.WEEKS_AHEAD:
        raise InvalidInput({"day": "range"})
    found = occurrences(publishing.schedule_of(run), day, day)
    if not found:
        raise NotFound("the run is not held on that date")
    if later(found[0].starts, timedelta(minutes=run.duration_minutes)) <= now:
        raise InvalidInput({"day": "range"})


def _view(day: date, starts: datetime, row: RunDate | None) -> DateView:
    if row is None:
        return DateView(day, starts, "unconfirmed", None, None, can_undo=False)
    return DateView(day, starts, row.state, row.reason, row.note, can_undo=row.before is not None)
