"""Every change to one date of a run: confirm, cancel, move, undo. One tap each, one transaction each."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import MeetingPoint
from federation.text import tidy
from federation.words import REASONS

from . import directory, publishing, runs
from .config import Settings
from .database import writing
from .errors import InvalidInput, NodeError, NotFound
from .models import Chapter, Run, RunDate
from .models.pause import Pausable
from .recurrence import Occurs, later, occurrences, shown, starts_of, zone
from .validation import check_texts, refuse

NOTE_LIMIT = 300
#: A date is moved within its neighbourhood; further away it is another run.
FARTHEST_MOVE = timedelta(days=14)
_POINT_TEXTS = {"name": 80, "address": 200, "directions": 1000}
_LOCAL = "%Y-%m-%dT%H:%M"


class Changed(NodeError):
    """It does not stand any more as the page showed it."""

    code = "changed"


@dataclass(frozen=True)
class Said:
    """What is said of a date. `state`: unconfirmed, confirmed, cancelled or moved; `starts` (naive local) and `point`:
    where it was moved to, kept while it is confirmed or cancelled there.
    """

    state: str = "unconfirmed"
    reason: str | None = None
    note: str | None = None
    starts: str | None = None
    point: str | None = None

    @property
    def is_moved(self) -> bool:
        """Whether it is held elsewhere, or at another time, than the run says."""
        return self.starts is not None or self.point is not None


def said_of(row: RunDate | None) -> Said:
    """What a row says; no row: nothing yet."""
    return Said(row.state, row.reason, row.note, row.starts, row.point) if row else Said()


@dataclass(frozen=True)
class DateView:
    """One coming date as a lead sees it. `state` as Said has it; `starts` aware, in the run's zone, where it was moved
    to; `new_time`: that it was moved in time. `off_rule`: of an earlier rule. `known_for`: days of an earlier rule in
    whose place it is held. `paused`: with its run, or the whole chapter, by itself or by HQ.
    """

    day: date
    starts: datetime
    state: str
    reason: str | None
    note: str | None
    can_undo: bool
    moved: bool
    new_time: bool
    point: MeetingPoint | None
    planned_gap: bool
    off_rule: bool
    known_for: tuple[date, ...]
    paused: bool


def confirm(session: Session, settings: Settings, run_id: str, day: date, now: datetime) -> None:
    """A lead will be there, where the date was moved to if it was. Again: nothing happens.

    Raises Changed while HQ has paused the chapter: nobody goes to a run that every page shows as pausing.
    """
    with writing(session):
        require_date(session, runs.get(session, run_id), day, now)
        if _is_paused_by_hq(session):
            raise Changed("HQ has paused this chapter")
        before = said_of(session.get(RunDate, (run_id, day)))
        _say(session, settings, run_id, day, replace(before, state="confirmed", reason=None, note=None), now)


def cancel(session: Session, settings: Settings, run_id: str, day: date, reason: str, note: str, now: datetime) -> None:
    """Cancelled, with a reason of REASONS and a note in plain words. Again with the same words: nothing happens."""
    kept = _checked_note(note, {} if reason in REASONS else {"reason": "required"})
    with writing(session):
        require_date(session, runs.get(session, run_id), day, now)
        before = said_of(session.get(RunDate, (run_id, day)))
        _say(session, settings, run_id, day, replace(before, state="cancelled", reason=reason, note=kept), now)


def move(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    starts: datetime | None,
    point: MeetingPoint | None,
    note: str,
    now: datetime,
) -> None:
    """Held at another time (naive, in the run's zone), another place, or both, on this date alone.

    A confirmation is taken back: it was given for another hour or place. Raises InvalidInput for `starts` (`required`:
    neither is new; `range`: over, or more than FARTHEST_MOVE away), `note` and the texts of `point`.
    """
    kept = _checked_note(note, check_texts(_texts(point), _POINT_TEXTS, frozenset({"name"})) if point else {})
    with writing(session):
        run = runs.get(session, run_id)
        require_date(session, run, day, now)
        point = None if point == publishing.point_of(run) else point
        starts = _new_start(run, day, starts, now)
        refuse({} if starts or point else {"starts": "required"})
        said = Said("moved", None, kept, _spelled(starts), msgspec.json.encode(point).decode() if point else None)
        _say(session, settings, run_id, day, said, now)


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
        require_date(session, runs.get(session, run_id), day, now)
        before = Said(*json.loads(row.before))
        if before.state == "unconfirmed":
            session.delete(row)
        else:
            write(session, run_id, day, before, now)
        publishing.publish(session, settings, now, urgent=True)


def write(session: Session, run_id: str, day: date, said: Said, now: datetime, before: Said | None = None) -> None:
    """Keep what is said of a date, inside writing; `before`: what an undo brings back, if it may."""
    kept = None if before is None else json.dumps([before.state, before.reason, before.note, *_where(before)])
    session.merge(
        RunDate(
            run_id=run_id,
            day=day,
            state=said.state,
            at=now,
            reason=said.reason,
            note=said.note,
            starts=said.starts,
            point=said.point,
            before=kept,
        )
    )


def coming(session: Session, run: Run, now: datetime, weeks: int = 8) -> list[DateView]:
    """The dates of the next `weeks` weeks that have not ended, with what was said of each; the next first."""
    today = now.astimezone(zone(run.timezone)).date()
    views = _views(session, run, today - timedelta(days=1), today + timedelta(weeks=weeks))
    length = timedelta(minutes=run.duration_minutes)
    return sorted((one for one in views if later(one.starts, length) > now), key=lambda one: one.starts.timestamp())


def require_date(session: Session, run: Run, day: date, now: datetime) -> None:
    """`day` must be a date of the run (NotFound), not over and within eight weeks (InvalidInput, `range`).

    A planned gap is none, nor is a date of an earlier rule: those stay as they are.
    """
    today = now.astimezone(zone(run.timezone)).date()
    # Before the rule is asked: a day at either end of the calendar has no instant in every zone.
    if not today - timedelta(days=1) <= day <= today + publishing.WEEKS_AHEAD:
        raise InvalidInput({"day": "range"})
    found = occurrences(publishing.schedule_of(run), day, day)
    if not found:
        raise NotFound("the run is not held on that date")
    row = session.get(RunDate, (run.id, day))
    starts = max(found[0].starts, starts_of(found[0], publishing.date_state(row) if row else None))
    if later(starts, timedelta(minutes=run.duration_minutes)) <= now:
        raise InvalidInput({"day": "range"})


def _say(session: Session, settings: Settings, run_id: str, day: date, said: Said, now: datetime) -> None:
    before = said_of(session.get(RunDate, (run_id, day)))
    if before == said:
        return
    write(session, run_id, day, said, now, before)
    publishing.publish(session, settings, now, urgent=True)


def _new_start(run: Run, day: date, starts: datetime | None, now: datetime) -> datetime | None:
    """The new start, or None if it is the one that the run has anyway."""
    if starts is None or starts == datetime.combine(day, run.starts_at):
        return None
    # Before any arithmetic: a year 9999 runs off the calendar.
    if abs(starts.date() - day) > FARTHEST_MOVE:
        raise InvalidInput({"starts": "range"})
    if starts.replace(tzinfo=zone(run.timezone)) <= now:
        raise InvalidInput({"starts": "over"})
    return starts


def _views(session: Session, run: Run, start: date, end: date) -> list[DateView]:
    rows = {row.day: row for row in session.scalars(select(RunDate).where(RunDate.run_id == run.id))}
    schedule = publishing.schedule_of(run)
    said = [publishing.date_state(row) for row in rows.values()]
    pausing, by_hq = (run, session.get_one(Chapter, 1)), _is_paused_by_hq(session)
    return [_view(pausing, by_hq, at, rows.get(at.day)) for at in shown(schedule, said, start, end)]


def _view(pausing: Iterable[Pausable], by_hq: bool, at: Occurs, row: RunDate | None) -> DateView:
    said = said_of(row)
    starts = starts_of(at, publishing.date_state(row) if row else None)
    return DateView(
        day=at.day,
        starts=starts,
        state="cancelled" if at.planned_gap else said.state,
        reason=said.reason,
        note=said.note,
        can_undo=row is not None and row.before is not None and not at.off_rule,
        moved=said.is_moved or bool(at.known_for),
        new_time=said.starts is not None or bool(at.known_for),
        point=msgspec.json.decode(said.point, type=MeetingPoint) if said.point else None,
        planned_gap=at.planned_gap,
        off_rule=at.off_rule,
        known_for=at.known_for,
        paused=by_hq or any(_is_paused(one, starts.date()) for one in pausing),
    )


def _is_paused_by_hq(session: Session) -> bool:
    entry = directory.entry_of(session, session.get_one(Chapter, 1).id)
    return entry is not None and entry.status == "paused"


def _is_paused(one: Pausable, day: date) -> bool:
    return one.paused_since is not None and one.paused_since <= day and not (one.back_on and one.back_on <= day)


def _checked_note(note: str, problems: dict[str, str]) -> str | None:
    note = tidy(note)
    refuse(problems | check_texts({"note": note}, {"note": NOTE_LIMIT}, frozenset()))
    return note or None


def _texts(point: MeetingPoint) -> dict[str, str]:
    return {name: getattr(point, name) for name in _POINT_TEXTS}


def _spelled(starts: datetime | None) -> str | None:
    return starts.strftime(_LOCAL) if starts else None


def _where(said: Said) -> tuple[str | None, str | None]:
    return said.starts, said.point
