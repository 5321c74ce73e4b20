"""Every change to one date of a run: confirm, cancel, move, undo. One tap each, one transaction each."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.documents import MeetingPoint
from federation.text import tidy
from federation.words import REASONS

from ..config import Settings
from ..database import Writing, writing
from ..directory import chapters
from ..errors import InvalidInput, NodeError, NotFound
from ..input import stale_pages as seen
from ..input.stale_pages import Changed as Changed
from ..input.validation import check_texts, refuse
from ..models import Chapter, Run, RunDate
from ..models.pause import Pausable
from ..schedule.recurrence import WEEKS_AHEAD, Occurs, has_day, later, shown, starts_of, zone
from . import listing, publishing, runs

NOTE_LIMIT = 300
#: A date is moved within its neighbourhood; further away it is another run.
FARTHEST_MOVE = timedelta(days=14)
_POINT_TEXTS = {"name": 80, "address": 200, "directions": 1000}
_LOCAL = "%Y-%m-%dT%H:%M"


class NoPromise(NodeError):
    """Nobody can promise to be there while every page says that there is no run. `pausing`: as DateView has it."""

    code = "pausing"

    def __init__(self, pausing: "Pausing") -> None:
        super().__init__(f"there is no run on that date: {pausing}")
        self.pausing = pausing


#: Why there is no run though the rule has one: HQ lists the chapter as pausing, or not at all; the chapter pauses, or
#: the run. Nothing: there is one.
Pausing = Literal["", "hq", "unlisted", "chapter", "run"]


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
    pausing: Pausing
    seen: str

    @property
    def paused(self) -> bool:
        """Whether there is no run, whatever was said of it."""
        return bool(self.pausing)

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is said of it: a planned gap, or a date of an earlier rule that is not held any more."""
        return self.planned_gap or (self.off_rule and self.state == "cancelled" and not self.new_time)


def confirm(
    session: Session, settings: Settings, run_id: str, day: date, now: datetime, saw: str | None = None
) -> None:
    """A lead will be there, where the date was moved to if it was. Again: nothing happens.

    Raises NoPromise during a pause, and Changed where the date is not as the page showed it: a promise from an old page
    would overwrite another lead's cancellation, or be one for an hour that its giver never read.
    """
    with writing(session) as transaction:
        view = require_date(transaction, runs.get(transaction, run_id), day, now)
        if view.pausing:
            raise NoPromise(view.pausing)
        # As it is told: a promise that may have been taken back since is none, and is given anew.
        before = said_of(listing.as_told(transaction, transaction.get(RunDate, (run_id, day))))
        said = replace(before, state="confirmed", reason=None, note=None)
        if before != said:
            seen.require(saw, view.seen)
            _say(transaction, settings, run_id, view, said, now)


def cancel(session: Session, settings: Settings, run_id: str, day: date, reason: str, note: str, now: datetime) -> None:
    """Cancelled, with a reason of REASONS and a note in plain words. Again with the same words: nothing happens.

    It names nothing that the lead saw: from however old a page, a cancellation is the safe direction. Whom it surprises
    finds nobody standing alone, and can undo it.
    """
    kept = _checked_note(note, {} if reason in REASONS else {"reason": "required"})
    with writing(session) as transaction:
        view = require_date(transaction, runs.get(transaction, run_id), day, now)
        before = said_of(transaction.get(RunDate, (run_id, day)))
        _say(transaction, settings, run_id, view, replace(before, state="cancelled", reason=reason, note=kept), now)


def move(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    starts: datetime | None,
    point: MeetingPoint | None,
    note: str,
    now: datetime,
    saw: str | None = None,
) -> None:
    """Held at another time (naive, in the run's zone), another place, or both, on this date alone.

    A confirmation is taken back: it was given for another hour or place. Raises Changed, or InvalidInput for `starts`
    (`required`: neither is new; `range`: over, or more than FARTHEST_MOVE away), `note` and the texts of `point`.
    """
    kept = _checked_note(note, _check_point(point) if point else {})
    with writing(session) as transaction:
        run = runs.get(transaction, run_id)
        view = require_date(transaction, run, day, now)
        point = None if point is None or _is_the_same(point, listing.point_of(run)) else point
        starts = new_start(run, day, starts, now)
        refuse({} if starts or point else {"starts": "required"})
        where = spelled(starts) if starts else None, listing.write_point(point) if point else None
        said = Said("moved", None, kept, *where)
        if said != said_of(transaction.get(RunDate, (run_id, day))):
            seen.require(saw, view.seen)
            _say(transaction, settings, run_id, view, said, now)


def undo(session: Session, settings: Settings, run_id: str, day: date, now: datetime, saw: str | None = None) -> None:
    """Take back the last tap. A second undo (a double tap) changes nothing. No undo brings a promise back: who will be
    there says so, by a tap on that date alone.

    Raises Changed if another tap came between, and InvalidInput (`range`) where it would be over: it was moved from an
    hour that has passed, and would be gone for who looks for it on its new day.
    """
    with writing(session) as transaction:
        row = transaction.get(RunDate, (run_id, day))
        before = _before(row)
        if before is None:
            return
        view = require_date(transaction, runs.get(transaction, run_id), day, now)
        seen.require(saw, view.seen)
        refuse({} if view.can_undo else {"day": "range"})
        put_back(transaction, run_id, day, before, now)
        publishing.publish(transaction, settings, now, urgent=True)


def _before(row: RunDate | None) -> Said | None:
    """What an undo of the last tap says of a date, if there is a tap to undo."""
    return without_promise(Said(*json.loads(row.before))) if row is not None and row.before is not None else None


def forget_stale_undo(row: RunDate) -> None:
    """Let no undo lead to an hour or a place that a change of the run has ended."""
    before, said = _before(row), said_of(row)
    if before is not None and not {before.starts, before.point} <= {None, said.starts, said.point}:
        row.before = None


def without_promise(said: Said) -> Said:
    """The same, less a promise to be there. What was moved stays moved: who knows of it must not be led back."""
    if said.state != "confirmed":
        return said
    return replace(said, state="moved" if said.is_moved else "unconfirmed")


def spelled(starts: datetime) -> str:
    """A start as a row keeps it: the hour on the clocks there."""
    return starts.strftime(_LOCAL)


def put_back(session: Writing, run_id: str, day: date, said: Said, now: datetime) -> None:
    """Keep what is said of a date, or that nothing is; it cannot be undone."""
    if said.state == "unconfirmed":
        session.execute(delete(RunDate).where(RunDate.run_id == run_id, RunDate.day == day))
    else:
        write(session, run_id, day, said, now)


def write(session: Writing, run_id: str, day: date, said: Said, now: datetime, before: Said | None = None) -> None:
    """Keep what is said of a date; `before`: what an undo brings back, if it may."""
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
    views = _views(session, run, today - timedelta(days=1), today + timedelta(weeks=weeks), now)
    length = timedelta(minutes=run.duration_minutes)
    return sorted((one for one in views if later(one.starts, length) > now), key=lambda one: one.starts.timestamp())


def require_date(session: Session, run: Run, day: date, now: datetime) -> DateView:
    """`day` as a date of the run that a lead can act on: NotFound if it is none, InvalidInput (`range`) if it is over
    where it was moved to, or more than eight weeks ahead.

    A planned gap is none, nor is a date of an earlier rule that is not held any more: those stay as they are.
    """
    today = now.astimezone(zone(run.timezone)).date()
    row = session.get(RunDate, (run.id, day))
    # Before the rule is asked: a day at either end of the calendar has no instant in every zone.
    if day > today + WEEKS_AHEAD or last_day(day, row) < today - timedelta(days=1):
        raise InvalidInput({"day": "range"})
    view = next((view for view in _views(session, run, day, day, now) if view.day == day), None)
    if view is None or view.is_closed:
        raise NotFound("the run is not held on that date")
    if later(view.starts, timedelta(minutes=run.duration_minutes)) <= now:
        raise InvalidInput({"day": "range"})
    return view


def last_day(day: date, row: RunDate | None) -> date:
    """The later of a date's own day and the one that it was moved to: so long somebody may look for it (§7.4)."""
    return max(day, date.fromisoformat(row.starts[:10])) if row is not None and row.starts else day


def _say(session: Writing, settings: Settings, run_id: str, view: DateView, said: Said, now: datetime) -> None:
    if view.off_rule and said.starts is None:
        # No rule gives this day its hour any more.
        said = replace(said, starts=spelled(view.starts))
    before = said_of(listing.as_told(session, session.get(RunDate, (run_id, view.day))))
    if before == said:
        return
    write(session, run_id, view.day, said, now, before)
    publishing.publish(session, settings, now, urgent=True)


def new_start(run: Run, day: date, starts: datetime | None, now: datetime) -> datetime | None:
    """The new start, or None if it is the one that the run has anyway. Raises InvalidInput."""
    if starts is None:
        return None
    if starts == datetime.combine(day, run.starts_at) and has_day(listing.schedule_of(run), day):
        return None
    # Before any arithmetic: a year 9999 runs off the calendar.
    if abs(starts.date() - day) > FARTHEST_MOVE:
        raise InvalidInput({"starts": "range"})
    if starts.replace(tzinfo=zone(run.timezone)) <= now:
        raise InvalidInput({"starts": "over"})
    return starts


def _views(session: Session, run: Run, start: date, end: date, now: datetime) -> list[DateView]:
    kept = session.scalars(select(RunDate).where(RunDate.run_id == run.id)).all()
    rows = {row.day: row for one in kept if (row := listing.as_told(session, one))}
    schedule = listing.schedule_of(run)
    said = [listing.date_state(row) for row in rows.values()]
    pausing = _Pauses(session, run)
    return [_view(run, pausing, at, rows.get(at.day), now) for at in shown(schedule, said, start, end)]


def _view(run: Run, pauses: "_Pauses", at: Occurs, row: RunDate | None, now: datetime) -> DateView:
    said = said_of(row)
    starts = starts_of(at, listing.date_state(row) if row else None)
    return DateView(
        day=at.day,
        starts=starts,
        state="cancelled" if at.planned_gap else said.state,
        reason=said.reason,
        note=said.note,
        can_undo=_can_undo(run, at, row, now),
        moved=said.is_moved or bool(at.known_for),
        new_time=said.starts is not None or bool(at.known_for),
        point=listing.read_point(said.point),
        planned_gap=at.planned_gap,
        off_rule=at.off_rule,
        known_for=at.known_for,
        pausing=pauses.on(starts.date()),
        seen=seen.mark(said, starts.isoformat(), said.point or _where_it_is(run)),
    )


def _can_undo(run: Run, at: Occurs, row: RunDate | None, now: datetime) -> bool:
    """Whether there is a tap to undo, and the date would still be held then: by the rule, or at an hour of its own."""
    before = _before(row)
    if row is None or before is None or at.planned_gap or (at.off_rule and before.starts is None):
        return False
    starts = starts_of(at, msgspec.structs.replace(listing.date_state(row), starts=before.starts))
    return later(starts, timedelta(minutes=run.duration_minutes)) > now


def _where_it_is(run: Run) -> tuple[object, ...]:
    return run.point_name, run.address, run.lat_e4, run.lon_e4


class _Pauses:
    """What pauses a run: HQ, its chapter, or itself."""

    def __init__(self, session: Session, run: Run) -> None:
        self._run, self._chapter = run, session.get_one(Chapter, 1)
        self._by_hq = paused_by_hq(session)

    def on(self, day: date) -> Pausing:
        """Why there is no run on `day`, or nothing."""
        if self._by_hq:
            return self._by_hq
        if _is_paused(self._chapter, day):
            return "chapter"
        return "run" if _is_paused(self._run, day) else ""


def paused_by_hq(session: Session) -> Pausing:
    """Whether HQ lists this chapter as pausing, or no more. A chapter that it does not know yet may well promise."""
    entry = chapters.entry_of(session, session.get_one(Chapter, 1).id)
    if entry is None or entry.status == "active":
        return ""
    return "hq" if entry.status == "paused" else "unlisted"


def _is_paused(one: Pausable, day: date) -> bool:
    return one.paused_since is not None and one.paused_since <= day and not (one.back_on and one.back_on <= day)


def _checked_note(note: str, problems: dict[str, str]) -> str | None:
    note = tidy(note)
    refuse(problems | check_texts({"note": note}, {"note": NOTE_LIMIT}, frozenset()))
    return note or None


def _is_the_same(point: MeetingPoint, usual: MeetingPoint) -> bool:
    """Nobody goes elsewhere because a point is known more exactly."""
    return msgspec.structs.replace(point, precision_m=usual.precision_m) == usual


def _check_point(point: MeetingPoint) -> dict[str, str]:
    texts = check_texts(_texts(point), _POINT_TEXTS, frozenset({"name"}))
    return texts | runs.check_point(point.lat_e4, point.lon_e4)


def _texts(point: MeetingPoint) -> dict[str, str]:
    return {name: getattr(point, name) for name in _POINT_TEXTS}


def _where(said: Said) -> tuple[str | None, str | None]:
    return said.starts, said.point
