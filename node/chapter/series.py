"""A run is changed or ended as a whole. Those who knew its dates are told on every node (PROTOCOL.md §7.4).

Each of these acts can be undone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clocks import is_within
from ..config import Settings
from ..database import Writing, writing
from ..errors import NotFound
from ..input import stale_pages
from ..input.stale_pages import StalePage
from ..input.validation import refuse
from ..models import Person, Run, RunDate
from ..schedule.recurrence import LONGEST_GAP, WEEKS_AHEAD, add_elapsed, day_in
from . import dates, known_dates, listing, publishing, runs
from .dates import DateStatus, DateView
from .runs import RunInput

#: A change can be undone while few people have acted on it.
UNDO_EDIT = timedelta(days=1)
#: A run that differs in one of these is held on other dates, at another hour or at another point.
_WHEN_AND_WHERE = (
    *("starts_on", "starts_at", "timezone", "repeats", "until", "exdates"),
    *("lat_e4", "lon_e4", "point_name", "address"),
)


class _FormerDate(msgspec.Struct):
    """What was said of a date before a change. The databases have it under the name "said"."""

    day: date
    status: DateStatus = msgspec.field(name="said")


@dataclass
class _BeforeEdit:
    """What stood before a change. `changes_on`: the day of an earlier change that was still to come."""

    run: RunInput
    dates: list[_FormerDate]
    changes_on: date | None = None


def edit(
    session: Session,
    settings: Settings,
    run_id: str,
    run: RunInput,
    now: datetime,
    saw: str | None = None,
    from_day: date | None = None,
) -> bool:
    """Change a run, from its date on `from_day` on. True if people are told of it for a date.

    None: from the day on which it begins to be as a form shows it, which is that of a change to come, or the next date.

    Dates that have begun, or come before `from_day`, stay as they were. The dates of the 14 days after, and all of
    which leads have said anything, are marked as moved. A promise stands if hour and point are the same. Raises
    NotFound, InvalidInput (`from_day`: `range`), and StalePage if the run is not as the page showed it.
    """
    with writing(session) as transaction:
        row = runs.get(transaction, run_id)
        former = runs.input_of(row)
        runs.check(transaction, run, now, former)
        if former == runs.as_stored(run):
            return False
        _check_from(row, from_day, now)
        to_come = listing.change_to_come(row, now)
        _check_gaps(transaction, row, set(run.exdates) - set(former.exdates), now)
        stale_pages.require(saw, runs.mark_of(row))
        statuses = _statuses(transaction, run_id)
        before = _BeforeEdit(former, [_FormerDate(day, status) for day, status in statuses.items()], to_come)
        row.before_edit, row.edited_at = msgspec.json.encode(before).decode(), now
        _change(transaction, row, run, now, from_day or to_come)
        is_told = _statuses(transaction, run_id) != statuses
        publishing.require_room(transaction, now)
        publishing.publish(transaction, settings, now, urgent=is_told or _moves(former, run))
    return is_told


def _check_from(run: Run, from_day: date | None, now: datetime) -> None:
    today = day_in(run.timezone, now)
    is_near = from_day is None or today <= from_day <= today + WEEKS_AHEAD
    refuse({} if is_near else {"from_day": "range"})


def _check_gaps(session: Session, run: Run, new_gaps: set[date], now: datetime) -> None:
    """Raise InvalidInput for a new gap on a date that was moved: it would hide the date from people who look for it."""
    refuse({"exdates": "moved"} if new_gaps & _held_on_other_days(session, run, now) else {})


def _held_on_other_days(session: Session, run: Run, now: datetime) -> set[date]:
    """Dates that were moved to another day, or cancelled there."""
    coming = dates.coming(session, run, now)
    return {view.day for view in coming if not view.planned_gap and view.starts.date() != view.day}


def _change(
    session: Writing,
    run: Run,
    to: RunInput,
    now: datetime,
    from_day: date | None = None,
    former_statuses: Mapping[date, DateStatus] | None = None,
) -> None:
    """Make the run what `to` says, and tell those who knew its dates. Other words touch no date.

    `former_statuses`: what an undone change had found said of the dates that it marked. Then `from_day` is that of the
    change before.
    """
    moves = _moves(runs.input_of(run), to)
    before = known_dates.before_change(session, run, now)
    for name, value in to.columns().items():
        setattr(run, name, value)
    if not moves:
        return
    run.changes_on = from_day
    unchanged = _unchanged(run, before.views, now, from_day)
    if from_day is not None and former_statuses is None:
        _begin_on(run, from_day, unchanged, now)
    begun = _unchanged(run, before.views, now, None)
    restored = {day: status for day, status in (former_statuses or {}).items() if day not in begun}
    unchanged -= restored.keys()
    for day, status in restored.items():
        dates.restore_status(session, run.id, day, status.without_promise(), now)
    known_dates.tell_of_change(session, run, before, unchanged, restored.keys(), now)


def can_undo_edit(run: Run, now: datetime) -> bool:
    """Whether the last change can still be undone."""
    return run.before_edit is not None and is_within(run.edited_at, UNDO_EDIT, now)


def undo_edit(session: Session, settings: Settings, run_id: str, now: datetime, saw: datetime | None = None) -> None:
    """Undo the last change, without promises for dates that it moved. Undoing it again changes nothing.

    What leads have tapped since then stays; a promise stays if hour and point are the same. `saw`: when the change was
    made that the lead saw. Raises StalePage if there is a newer one.
    """
    with writing(session) as transaction:
        run = runs.get(transaction, run_id)
        if not can_undo_edit(run, now):
            return
        _require_same(saw, run.edited_at)
        before = msgspec.json.decode(run.before_edit or "", type=_BeforeEdit)
        former = {one.day: one.status for one in before.dates}
        rows = transaction.scalars(select(RunDate).where(RunDate.run_id == run_id)).all()
        # Nobody has tapped a date that still has the change's own time.
        marked = [row.day for row in rows if row.at == run.edited_at and row.before is None]
        run.before_edit = run.edited_at = None
        statuses = {day: former.get(day, DateStatus()) for day in marked}
        to = _still_possible(transaction, run, before.run, now)
        _change(transaction, run, to, now, before.changes_on, statuses)
        publishing.publish(transaction, settings, now, urgent=True)


def _require_same(saw: datetime | None, at: datetime | None) -> None:
    """Raise StalePage where a page showed an act of another time than `at`."""
    if saw is not None and saw != at:
        raise StalePage("somebody has changed this run meanwhile")


def _still_possible(session: Session, run: Run, before: RunInput, now: datetime) -> RunInput:
    """As before, without a lead who was removed since, and without planned gaps on dates that were moved since."""
    lead_id = before.lead_id if before.lead_id and session.get(Person, before.lead_id) else None
    moved = _held_on_other_days(session, run, now)
    return replace(before, lead_id=lead_id, exdates=tuple(day for day in before.exdates if day not in moved))


def withdraw(session: Session, settings: Settings, run_id: str, now: datetime) -> None:
    """End a run. Ending it again changes nothing.

    Its next dates, and all of which leads have said anything, are cancelled. They stay in the list until they have
    passed: people who come for one of them must not find it gone. Every node hears of it at once. The page may be as
    old as it likes: ending is the safe direction, like cancelling.
    """
    with writing(session) as transaction:
        run = transaction.get(Run, run_id)
        if run is None:
            raise NotFound("no such run")
        if run.withdrawn_at is None:
            end(transaction, run, now)
            publishing.publish(transaction, settings, now, urgent=True)


def end(session: Writing, run: Run, now: datetime) -> None:
    """End a run, as `withdraw` does. The caller publishes it."""
    coming = dates.coming(session, run, now)
    last_days = [max(view.day, view.starts.date()) for view in known_dates.known_to_people(coming, now)]
    run.withdrawn_at, run.listed_until = now, max(last_days, default=None)
    _say_earlier(session, run, now)
    for view in coming:
        if view.state != "cancelled" and run.listed_until and view.day <= run.listed_until:
            status = dates.status_of(session.get(RunDate, (run.id, view.day)))
            off = replace(status, state="cancelled", reason="other", note=None)
            dates.write_status(session, run.id, view.day, off, now)


def _say_earlier(session: Writing, run: Run, now: datetime) -> None:
    """Put what was said in this second into the one before: `reinstate` knows by its second what a withdrawal said."""
    for row in session.scalars(select(RunDate).where(RunDate.run_id == run.id, RunDate.at >= now)).all():
        row.at = now - timedelta(seconds=1)


def reinstate(session: Session, settings: Settings, run_id: str, now: datetime, saw: datetime | None = None) -> None:
    """Take a withdrawal back while the run is still listed. No promise comes back; moved dates are moved again.

    `saw`: when the run was withdrawn as far as the lead saw. Raises NotFound once the run is gone, StalePage if it was
    withdrawn again meanwhile, InvalidInput if there is no room for it.
    """
    with writing(session) as transaction:
        run = transaction.get(Run, run_id)
        if run is None or run not in listing.listed_runs(transaction, now):
            raise NotFound("no such run")
        if run.withdrawn_at is None:
            return
        _require_same(saw, run.withdrawn_at)
        for row in transaction.scalars(select(RunDate).where(RunDate.run_id == run_id)).all():
            if row.state == "confirmed" or (row.at == run.withdrawn_at and row.before is None):
                was = dates.status_of(row)
                on_again = replace(was, state="confirmed", reason=None, note=None).without_promise()
                dates.restore_status(transaction, run_id, row.day, on_again, now)
        run.withdrawn_at = run.listed_until = None
        publishing.require_room(transaction, now)
        publishing.publish(transaction, settings, now, urgent=True)


def withdrawn(session: Session, now: datetime) -> list[Run]:
    """Runs that are withdrawn and still listed."""
    return [run for run in listing.listed_runs(session, now) if run.withdrawn_at is not None]


def _moves(before: RunInput, after: RunInput) -> bool:
    after = runs.as_stored(after)  # a space at the end moves nobody
    return any(getattr(before, name) != getattr(after, name) for name in _WHEN_AND_WHERE)


def _statuses(session: Session, run_id: str) -> dict[date, DateStatus]:
    rows = session.scalars(select(RunDate).where(RunDate.run_id == run_id)).all()
    return {row.day: dates.status_of(row) for row in rows}


def _unchanged(run: Run, coming: list[DateView], now: datetime, from_day: date | None) -> set[date]:
    """The dates that a change leaves as they were: begun, before `from_day`, or today where the new hour has passed.

    A person who is on the way, or out running, must not read that the run is cancelled.
    """
    today = day_in(run.timezone, now)
    past = {at.day for at in known_dates.by_rule(run, today - timedelta(days=1), today) if at.starts <= now}

    def stays(view: DateView) -> bool:
        is_before = from_day is not None and view.starts.date() < from_day
        return not view.planned_gap and (view.starts <= now or is_before or view.day in past)

    return {view.day for view in coming if stays(view)}


def _begin_on(run: Run, from_day: date, unchanged: set[date], now: datetime) -> None:
    """Let the new rule begin on its first day from `from_day` on, if it has earlier days that had no run so far. What
    is over by the new rule, too, is no such day: many a lead enters a change after the run.
    """
    today, length = day_in(run.timezone, now), timedelta(minutes=run.duration_minutes)
    earlier = known_dates.by_rule(run, today, from_day - timedelta(days=1))
    if run.repeats == "once" or all(at.day in unchanged or add_elapsed(at.starts, length) <= now for at in earlier):
        return
    first = next(iter(known_dates.by_rule(run, from_day, from_day + LONGEST_GAP)), None)
    if first is not None:
        run.starts_on = first.day
