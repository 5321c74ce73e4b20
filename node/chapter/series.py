"""A series changed, or ended: who knew its dates is told, on every node (PROTOCOL.md §7.4). Each act can be undone."""

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
from ..input.validation import refuse
from ..models import Lead, Run, RunDate
from ..schedule.recurrence import WEEKS_AHEAD, zone
from . import dates, known_dates, listing, publishing, runs
from .dates import Changed, DateView, Said
from .runs import RunInput

#: Every rule has a day within so long: the protocol's largest interval is twelve months.
_RULE_WITHIN = timedelta(days=400)
#: A change can be taken back as long as few have acted on it.
UNDO_EDIT = timedelta(days=1)


class _KeptDate(msgspec.Struct):
    """A date as it stood."""

    day: date
    said: Said


@dataclass
class _Before:
    """What stood before a change."""

    run: RunInput
    dates: list[_KeptDate]


def edit(
    session: Session,
    settings: Settings,
    run_id: str,
    run: RunInput,
    now: datetime,
    saw: str | None = None,
    from_day: date | None = None,
) -> bool:
    """Change a run, from the date on `from_day` on (None: the next). True if a date that people know is told of it.

    What has begun stays as it was, and so does what comes before `from_day`. The dates of the 14 days after, and those
    of which something was said, are marked as moved. A promise stands where it is for the same hour and place. Raises
    NotFound, InvalidInput (`from_day`: `range`), or Changed: the run is not as the page showed it.
    """
    with writing(session) as transaction:
        row = runs.get(transaction, run_id)
        former = runs.input_of(row)
        runs.check(transaction, run, now, former)
        if former == runs.kept(run):
            return False
        _check_from(row, from_day, now)
        new_gaps = set(run.exdates) - set(former.exdates)
        refuse({"exdates": "moved"} if new_gaps & _held_on_other_days(transaction, row, now) else {})
        stale_pages.require(saw, runs.mark_of(row))
        said = _all_said(transaction, run_id)
        row.before_edit, row.edited_at = _remember(transaction, row), now
        _change(transaction, row, run, now, from_day=from_day)
        told = _all_said(transaction, run_id) != said
        publishing.require_room(transaction, now)
        publishing.publish(transaction, settings, now, urgent=told or _moves(former, run))
    return told


def _check_from(run: Run, from_day: date | None, now: datetime) -> None:
    today = now.astimezone(zone(run.timezone)).date()
    is_near = from_day is None or today <= from_day <= today + WEEKS_AHEAD
    refuse({} if is_near else {"from_day": "range"})


def _held_on_other_days(session: Session, run: Run, now: datetime) -> set[date]:
    """Dates that were moved to another day, or cancelled there: a planned gap on their own would hide them from who
    looks for them on that one.
    """
    coming = dates.coming(session, run, now)
    return {view.day for view in coming if not view.planned_gap and view.starts.date() != view.day}


def _change(
    session: Writing,
    run: Run,
    to: RunInput,
    now: datetime,
    from_day: date | None = None,
    said_before: Mapping[date, Said] | None = None,
) -> None:
    """Make the run what `to` says and tell who knew its dates. Other words touch no date at all.

    `said_before`: what is said again of dates that a change which is undone has marked.
    """
    is_moved = _moves(runs.input_of(run), to)
    stood = known_dates.stood(session, run, now)
    for name, value in to.columns().items():
        setattr(run, name, value)
    if not is_moved:
        return
    stay = _that_stay(run, stood.views, now, from_day)
    if from_day is not None:
        _begin_on(run, from_day, stay, now)
    again = {day: said for day, said in (said_before or {}).items() if day not in {view.day for view in stay}}
    for day, said in again.items():
        dates.put_back(session, run.id, day, dates.without_promise(said), now)
    known_dates.tell(session, run, stood, {view.day for view in stay}, again.keys(), now)


def can_undo_edit(run: Run, now: datetime) -> bool:
    """Whether the last change can still be taken back."""
    return run.before_edit is not None and is_within(run.edited_at, UNDO_EDIT, now)


def undo_edit(session: Session, settings: Settings, run_id: str, now: datetime, saw: datetime | None = None) -> None:
    """Put back what stood before the last change, less promises for dates that it moved. What was tapped since then
    stays, a promise only where it is for the same hour and place. Again: nothing happens.

    `saw`: when the change was made that the lead saw. Raises Changed if there is a newer one.
    """
    with writing(session) as transaction:
        run = runs.get(transaction, run_id)
        if not can_undo_edit(run, now):
            return
        if saw is not None and saw != run.edited_at:
            raise Changed("somebody has changed this run meanwhile")
        before = msgspec.json.decode(run.before_edit or "", type=_Before)
        said = {one.day: one.said for one in before.dates}
        rows = transaction.scalars(select(RunDate).where(RunDate.run_id == run_id)).all()
        # Nobody has tapped these since.
        marked = {row.day: said.get(row.day, Said()) for row in rows if row.at == run.edited_at and row.before is None}
        run.before_edit = run.edited_at = None
        _change(transaction, run, _as_far_as_it_can_be(transaction, run, before.run, now), now, said_before=marked)
        publishing.publish(transaction, settings, now, urgent=True)


def _as_far_as_it_can_be(session: Session, run: Run, before: RunInput, now: datetime) -> RunInput:
    """A lead may have been removed since, and the date of a planned gap moved to another day."""
    lead_id = before.lead_id if before.lead_id and session.get(Lead, before.lead_id) else None
    moved = _held_on_other_days(session, run, now)
    return replace(before, lead_id=lead_id, exdates=tuple(day for day in before.exdates if day not in moved))


def withdraw(session: Session, settings: Settings, run_id: str, now: datetime) -> None:
    """End a run. Its next dates, and all of which anything was said, are cancelled, and stay in the list until they
    have passed: who comes for one of them must not find it gone. Every node hears of it at once. Again: nothing
    happens. Like a cancellation, from however old a page: it is the safe direction.
    """
    with writing(session) as transaction:
        run = transaction.get(Run, run_id)
        if run is None:
            raise NotFound("no such run")
        if run.withdrawn_at is not None:
            return
        coming = dates.coming(transaction, run, now)
        told = known_dates.told(coming, now)
        run.withdrawn_at = now
        run.listed_until = max((max(view.day, view.starts.date()) for view in told), default=None)
        for view in coming:
            if view.state != "cancelled" and run.listed_until and view.day <= run.listed_until:
                said = dates.said_of(transaction.get(RunDate, (run_id, view.day)))
                said = replace(said, state="cancelled", reason="other", note=None)
                dates.write(transaction, run_id, view.day, said, now)
        publishing.publish(transaction, settings, now, urgent=True)


def reinstate(session: Session, settings: Settings, run_id: str, now: datetime, saw: datetime | None = None) -> None:
    """Take a withdrawal back while the run is still listed. Nobody has promised anything then; what was moved is moved
    again. `saw`: when it was withdrawn as far as the lead saw. Raises NotFound once it is gone,
    Changed if it was withdrawn again meanwhile, InvalidInput if there is no room for it.
    """
    with writing(session) as transaction:
        run = transaction.get(Run, run_id)
        if run is None or run not in listing.listed_runs(transaction, now):
            raise NotFound("no such run")
        if run.withdrawn_at is None:
            return
        if saw is not None and saw != run.withdrawn_at:
            raise Changed("somebody has withdrawn this run again meanwhile")
        for row in transaction.scalars(select(RunDate).where(RunDate.run_id == run_id)).all():
            if row.state == "confirmed" or (row.at == run.withdrawn_at and row.before is None):
                said = dates.said_of(row)
                on_again = Said("moved", starts=said.starts, point=said.point) if said.is_moved else Said()
                dates.put_back(transaction, run_id, row.day, on_again, now)
        run.withdrawn_at = run.listed_until = None
        publishing.require_room(transaction, now)
        publishing.publish(transaction, settings, now, urgent=True)


def withdrawn(session: Session, now: datetime) -> list[Run]:
    """Runs that are withdrawn and still listed."""
    return [run for run in listing.listed_runs(session, now) if run.withdrawn_at is not None]


def _moves(before: RunInput, after: RunInput) -> bool:
    names = (
        *("starts_on", "starts_at", "timezone", "repeats", "until", "exdates"),
        *("lat_e4", "lon_e4", "point_name", "address"),
    )
    after = runs.kept(after)  # a space at the end moves nobody
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _remember(session: Session, run: Run) -> str:
    rows = session.scalars(select(RunDate).where(RunDate.run_id == run.id))
    kept = [_KeptDate(row.day, dates.said_of(row)) for row in rows]
    return msgspec.json.encode(_Before(runs.input_of(run), kept)).decode()


def _all_said(session: Session, run_id: str) -> dict[date, Said]:
    rows = session.scalars(select(RunDate).where(RunDate.run_id == run_id)).all()
    return {row.day: dates.said_of(row) for row in rows}


def _that_stay(run: Run, coming: list[DateView], now: datetime, from_day: date | None) -> list[DateView]:
    """The dates that a change leaves as they were: begun, before `from_day`, or today where the new hour is past.

    Who is on the way, or out running, must not read that it is cancelled.
    """
    today = now.astimezone(zone(run.timezone)).date()
    past = {at.day for at in known_dates.by_rule(run, today - timedelta(days=1), today) if at.starts <= now}

    def stays(view: DateView) -> bool:
        is_before = from_day is not None and view.starts.date() < from_day
        return not view.planned_gap and (view.starts <= now or is_before or view.day in past)

    return [view for view in coming if stays(view)]


def _begin_on(run: Run, from_day: date, stay: list[DateView], now: datetime) -> None:
    """Let the new rule begin on its first day from `from_day` on, if it has earlier ones that were none so far."""
    today, days = now.astimezone(zone(run.timezone)).date(), {view.day for view in stay}
    earlier = known_dates.by_rule(run, today, from_day - timedelta(days=1))
    if run.repeats == "once" or all(at.day in days for at in earlier):
        return
    first = next(iter(known_dates.by_rule(run, from_day, from_day + _RULE_WITHIN)), None)
    if first is not None:
        run.starts_on = first.day
