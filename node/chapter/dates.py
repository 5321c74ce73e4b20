"""What leads say of single dates of a run: confirmed, cancelled, moved, undone. One tap each, one transaction each."""

import json
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.documents import DateState, MeetingPoint, most_of
from federation.text import tidy
from federation.words import REASONS

from ..config import Settings
from ..database import Writing, writing
from ..directory import chapters
from ..errors import InvalidInput, NodeError, NotFound
from ..input import stale_pages
from ..input.validation import check_texts, refuse
from ..models import Chapter, Run, RunDate
from ..models.pause import Pausable
from ..schedule.occurrences import is_in
from ..schedule.recurrence import WEEKS_AHEAD, RuleDate, add_elapsed, dates_shown, day_in, has_day, starts_of, zone
from . import listing, publishing, runs

NOTE_LIMIT = most_of(DateState, "note")
#: A date is moved within its neighbourhood; further away it is another run.
FARTHEST_MOVE = timedelta(days=14)
_POINT_LIMITS = {name: most_of(MeetingPoint, name) for name in ("name", "address", "directions")}

#: Why there is no run on a day that the rule has: HQ lists the chapter as paused or not at all, the chapter pauses, or
#: the run does. Empty where there is a run.
PausedBy = Literal["", "hq", "unlisted", "chapter", "run"]


class NoPromise(NodeError):
    """Nobody can promise to be there while every page says that there is no run."""

    code = "paused"

    def __init__(self, paused_by: PausedBy) -> None:
        super().__init__(f"there is no run on that date: {paused_by}")
        self.paused_by = paused_by


@dataclass(frozen=True)
class DateStatus:
    """What leads have said of one date. `state`: unconfirmed, confirmed, cancelled or moved.

    `starts` (naive local) and `point` (JSON): where the date was moved to. A date that is confirmed or cancelled there
    has them, too. `as_announced`: they are those that people knew before its run was changed.
    """

    state: str = "unconfirmed"
    reason: str | None = None
    note: str | None = None
    starts: str | None = None
    point: str | None = None
    as_announced: bool = False

    @property
    def is_moved(self) -> bool:
        """Whether the date has an hour or a place of its own."""
        return self.starts is not None or self.point is not None

    def without_promise(self) -> "DateStatus":
        """The same without a promise to be there. A moved date stays moved: nobody who knows of it is led back."""
        if self.state != "confirmed":
            return self
        return replace(self, state="moved" if self.is_moved else "unconfirmed")


def status_of(row: RunDate | None) -> DateStatus:
    """What a row says. Without a row nothing has been said."""
    return DateStatus(row.state, row.reason, row.note, row.starts, row.point, row.as_announced) if row else DateStatus()


@dataclass(frozen=True)
class DateView:
    """One coming date as a lead sees it. `state` is that of DateStatus, and unconfirmed where the date merely stays.

    `starts`: when it is held (aware, in the run's zone). `new_time`: it was moved in time. `off_rule`: only an earlier
    rule of the run had it. `known_for`: days of an earlier rule in whose place it is held. `mark`: of what the page
    shows (node.input.stale_pages).
    """

    day: date
    starts: datetime
    state: str
    reason: str | None
    note: str | None
    can_undo: bool
    moved: bool
    new_time: bool
    as_announced: bool
    point: MeetingPoint | None
    planned_gap: bool
    off_rule: bool
    known_for: tuple[date, ...]
    paused_by: PausedBy
    mark: str

    @property
    def paused(self) -> bool:
        """Whether there is no run, whatever was said of the date."""
        return bool(self.paused_by)

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is said of it: a planned gap, or a date of an earlier rule that is no longer held."""
        return self.planned_gap or (
            self.off_rule and self.state == "cancelled" and not (self.new_time or self.as_announced)
        )


def confirm(
    session: Session, settings: Settings, run_id: str, day: date, now: datetime, saw: str | None = None
) -> None:
    """A lead will be there. Confirming again changes nothing.

    Raises NoPromise during a pause. Raises StalePage where the date is not as the page showed it: a promise from an old
    page would overwrite another lead's cancellation, or be given for an hour that the lead never read.
    """
    with writing(session) as transaction:
        write_promise(transaction, settings, run_id, day, now, saw)


def write_promise(
    session: Writing, settings: Settings, run_id: str, day: date, now: datetime, saw: str | None
) -> DateView:
    """Confirm in the caller's transaction. The date as it was before. Raises what `confirm` does."""
    view = require_date(session, runs.get(session, run_id), day, now)
    if view.paused_by:
        raise NoPromise(view.paused_by)
    before = _told_status(session, run_id, day)
    status = replace(before, state="confirmed", reason=None, note=None)
    if before != status:
        stale_pages.require(saw, view.mark)
        _change(session, settings, run_id, view, status, now)
    return view


def cancel(session: Session, settings: Settings, run_id: str, day: date, reason: str, note: str, now: datetime) -> None:
    """The run is off on that date. Cancelling again with the same words changes nothing.

    `reason`: one of REASONS. A page may be as old as it likes: cancelling is the safe direction. A lead whom it
    surprises can undo it, and nobody stands alone.
    """
    note = _checked_note(note, {} if reason in REASONS else {"reason": "required"})
    with writing(session) as transaction:
        view = require_date(transaction, runs.get(transaction, run_id), day, now)
        before = status_of(transaction.get(RunDate, (run_id, day)))
        status = replace(before, state="cancelled", reason=reason, note=note or None)
        _change(transaction, settings, run_id, view, status, now)


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
    """This date alone is held at another time (naive, in the run's zone), at another point, or both.

    A confirmation is taken back: it was given for another hour or point. Raises StalePage. Raises InvalidInput for
    `note`, for the texts of `point`, and for `starts` (`required`: neither is new; `range`: further away than
    FARTHEST_MOVE; `over`: it has passed).
    """
    note = _checked_note(note, _check_point(point) if point else {})
    with writing(session) as transaction:
        run = runs.get(transaction, run_id)
        view = require_date(transaction, run, day, now)
        point = None if point is None or _is_the_same(point, listing.point_of(run)) else point
        starts = new_start(run, view, starts, now) if starts else None
        where = listing.write_start(starts) if starts else None, listing.write_point(point) if point else None
        before = status_of(transaction.get(RunDate, (run_id, day)))
        is_new = any(where) and not (before.as_announced and where == (before.starts, before.point))
        refuse({} if is_new else {"starts": "required"})
        status = DateStatus("moved", None, note or None, *where)
        if status != before:
            stale_pages.require(saw, view.mark)
            _change(transaction, settings, run_id, view, status, now)


def undo(session: Session, settings: Settings, run_id: str, day: date, now: datetime, saw: str | None = None) -> None:
    """Take back the last tap. A second undo (a double tap) changes nothing.

    An undo never brings a promise back: a lead gives it by a tap on that date alone. Raises StalePage if another tap
    came between. Raises InvalidInput (`range`) where the date would be over: it was moved from an hour that has passed,
    and people who look for it on its new day would not find it.
    """
    with writing(session) as transaction:
        row = transaction.get(RunDate, (run_id, day))
        before = _before(row)
        if before is None:
            return
        view = require_date(transaction, runs.get(transaction, run_id), day, now)
        stale_pages.require(saw, view.mark)
        refuse({} if view.can_undo else {"day": "range"})
        restore_status(transaction, run_id, day, before, now)
        publishing.publish(transaction, settings, now, urgent=True)


def _change(
    session: Writing, settings: Settings, run_id: str, view: DateView, status: DateStatus, now: datetime
) -> None:
    """Keep a lead's word on a date and tell every node. An undo brings back what stood before."""
    if view.off_rule and status.starts is None:
        # No rule gives this day its hour any more.
        status = replace(status, starts=listing.write_start(view.starts))
    before = _told_status(session, run_id, view.day)
    if before != status:
        write_status(session, run_id, view.day, status, now, before)
        publishing.publish(session, settings, now, urgent=True)


def _told_status(session: Session, run_id: str, day: date) -> DateStatus:
    """What other nodes are told of a date. Confirming gives a promise again that they are not told."""
    return status_of(listing.as_told(session, session.get(RunDate, (run_id, day))))


def _before(row: RunDate | None) -> DateStatus | None:
    """What an undo of the last tap brings back, if there is a tap to undo."""
    return DateStatus(*json.loads(row.before)).without_promise() if row is not None and row.before is not None else None


def forget_stale_undo(row: RunDate) -> None:
    """Let no undo lead to an hour or a place that a change of the run has ended."""
    before, status = _before(row), status_of(row)
    if before is not None and not {before.starts, before.point} <= {None, status.starts, status.point}:
        row.before = None


def restore_status(session: Writing, run_id: str, day: date, status: DateStatus, now: datetime) -> None:
    """Keep what is said of a date, or that nothing is. It cannot be undone."""
    if status.state == "unconfirmed":
        session.execute(delete(RunDate).where(RunDate.run_id == run_id, RunDate.day == day))
    else:
        write_status(session, run_id, day, status, now)


def write_status(
    session: Writing, run_id: str, day: date, status: DateStatus, now: datetime, before: DateStatus | None = None
) -> None:
    """Keep what is said of a date. `before`: what an undo brings back; None where there is no undo."""
    undoes_to = None if before is None else json.dumps(astuple(before))
    session.merge(RunDate(run_id=run_id, day=day, at=now, before=undoes_to, **vars(status)))


def coming(session: Session, run: Run, now: datetime, weeks: int = 8) -> list[DateView]:
    """The dates of the next `weeks` weeks that have not ended, the next one first."""
    today = day_in(run.timezone, now)
    views = _views(session, run, today - timedelta(days=1), today + timedelta(weeks=weeks), now)
    return sorted((view for view in views if _ends(run, view.starts) > now), key=lambda view: view.starts.timestamp())


def require_date(session: Session, run: Run, day: date, now: datetime) -> DateView:
    """A date of the run that a lead can act on.

    Raises NotFound if `day` is none, is a planned gap, or is a date of an earlier rule that is no longer held. Raises
    InvalidInput (`range`) if the date is over where it was moved to, or lies more than eight weeks ahead.
    """
    today = day_in(run.timezone, now)
    row = session.get(RunDate, (run.id, day))
    # Before the rule is asked: a day at either end of the calendar has no instant in every zone.
    if day > today + WEEKS_AHEAD or last_day(day, row) < today - timedelta(days=1):
        raise InvalidInput({"day": "range"})
    view = next((view for view in _views(session, run, day, day, now) if view.day == day), None)
    if view is None or view.is_closed:
        raise NotFound("the run is not held on that date")
    if _ends(run, view.starts) <= now:
        raise InvalidInput({"day": "range"})
    return view


def find(session: Session, run: Run, day: date, now: datetime) -> DateView | None:
    """A date of the run, over or not; None where no rule has the day and nothing was said of it."""
    return next((view for view in _views(session, run, day, day, now) if view.day == day), None)


def ends_at(run: Run, view: DateView) -> datetime:
    """When a date is over."""
    return _ends(run, view.starts)


def last_day(day: date, row: RunDate | None) -> date:
    """A date's own day, or the one that it was moved to if that is later. Until then people look for it (§7.4)."""
    return max(day, date.fromisoformat(row.starts[:10])) if row is not None and row.starts else day


def new_start(run: Run, view: DateView, starts: datetime, now: datetime) -> datetime | None:
    """The new start, or None if people know the run's date for it anyway. Raises InvalidInput."""
    is_of_rule = starts == datetime.combine(view.day, run.starts_at) and has_day(listing.schedule_of(run), view.day)
    if is_of_rule and (not view.as_announced or starts == view.starts.replace(tzinfo=None)):
        return None
    # Before any arithmetic: a year 9999 runs off the calendar.
    if abs(starts.date() - view.day) > FARTHEST_MOVE:
        raise InvalidInput({"starts": "range"})
    if starts.replace(tzinfo=zone(run.timezone)) <= now:
        raise InvalidInput({"starts": "over"})
    return starts


def _views(session: Session, run: Run, start: date, end: date, now: datetime) -> list[DateView]:
    every = session.scalars(select(RunDate).where(RunDate.run_id == run.id)).all()
    rows = {row.day: row for each in every if (row := listing.as_told(session, each))}
    pauses = _Pauses(session, run)
    found = dates_shown(listing.schedule_of(run), map(listing.date_state, rows.values()), start, end)
    return [_view(run, pauses, at, rows.get(at.day), now) for at in found]


def _view(run: Run, pauses: "_Pauses", at: RuleDate, row: RunDate | None, now: datetime) -> DateView:
    status = status_of(row)
    starts, stays = starts_of(at, listing.date_state(row) if row else None), status.as_announced
    state = "unconfirmed" if stays and status.state == "moved" else status.state
    here = run.point_name, run.address, run.lat_e4, run.lon_e4
    return DateView(
        day=at.day,
        starts=starts,
        state="cancelled" if at.planned_gap else state,
        reason=status.reason,
        note=status.note,
        can_undo=_can_undo(run, at, row, now),
        moved=(status.is_moved and not stays) or bool(at.known_for),
        new_time=(status.starts is not None and not stays) or bool(at.known_for),
        as_announced=stays,
        point=listing.read_point(status.point),
        planned_gap=at.planned_gap,
        off_rule=at.off_rule,
        known_for=at.known_for,
        paused_by=pauses.on(starts.date()),
        mark=stale_pages.mark(status, starts.isoformat(), status.point or here),
    )


def _can_undo(run: Run, at: RuleDate, row: RunDate | None, now: datetime) -> bool:
    """Whether there is a tap to undo, and the date would still be held then: by the rule, or at an hour of its own."""
    before = _before(row)
    if row is None or before is None or at.planned_gap or (at.off_rule and before.starts is None):
        return False
    return _ends(run, starts_of(at, msgspec.structs.replace(listing.date_state(row), starts=before.starts))) > now


def _ends(run: Run, starts: datetime) -> datetime:
    return add_elapsed(starts, timedelta(minutes=run.duration_minutes))


class _Pauses:
    """What pauses a run: HQ, its chapter, or itself."""

    def __init__(self, session: Session, run: Run) -> None:
        self._run, self._chapter = run, session.get_one(Chapter, 1)
        self._by_hq = paused_by_hq(session)

    def on(self, day: date) -> PausedBy:
        """Why there is no run on `day`, or nothing."""
        if self._by_hq:
            return self._by_hq
        if _is_paused(self._chapter, day):
            return "chapter"
        return "run" if _is_paused(self._run, day) else ""


def paused_by_hq(session: Session) -> PausedBy:
    """Whether HQ lists this chapter as paused, or not any more. A chapter that HQ does not know yet may promise."""
    entry = chapters.entry_of(session, session.get_one(Chapter, 1).id)
    if entry is None or entry.status == "active":
        return ""
    return "hq" if entry.status == "paused" else "unlisted"


def _is_paused(one: Pausable, day: date) -> bool:
    pause = listing.spelled_pause(one)
    return pause is not None and is_in(pause, day)


def _checked_note(note: str, problems: dict[str, str]) -> str:
    """The note without stray spaces. Raises InvalidInput for it and for the other `problems` together."""
    note = tidy(note)
    refuse(problems | check_texts({"note": note}, {"note": NOTE_LIMIT}, frozenset()))
    return note


def _is_the_same(point: MeetingPoint, usual: MeetingPoint) -> bool:
    """Nobody goes elsewhere because a point is known more exactly."""
    return msgspec.structs.replace(point, precision_m=usual.precision_m) == usual


def _check_point(point: MeetingPoint) -> dict[str, str]:
    texts = {name: getattr(point, name) for name in _POINT_LIMITS}
    return check_texts(texts, _POINT_LIMITS, frozenset({"name"})) | runs.check_point(point.lat_e4, point.lon_e4)
