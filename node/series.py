"""A series changed, or ended: who knew its dates is told, on every node (PROTOCOL.md §7.4). Each act can be undone."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.documents import MeetingPoint

from . import dates, publishing, runs, seen
from .clocks import is_within
from .config import Settings
from .database import writing
from .dates import Changed, DateView, Said
from .errors import NotFound
from .models import Run, RunDate
from .recurrence import Occurs, zone
from .recurrence import occurrences as occurrences_of
from .runs import RunInput

#: Whose dates are told of a change; of a run that is held less often, the next one.
TOLD = timedelta(days=14)
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

    What has begun stays as it was, and so does what comes before `from_day`. The dates of the 14 days after are marked
    as moved. Confirmations go then: whoever promised to be there promised another hour, or another place. Raises
    NotFound, InvalidInput, or Changed: the run is not as the page showed it.
    """
    with writing(session):
        row = runs.get(session, run_id)
        former = runs.input_of(row)
        runs.check(session, run, now, former)
        if former == runs.kept(run):
            return False
        seen.require(saw, runs.mark_of(row))
        coming = dates.coming(session, row, now)
        said = _all_said(session, run_id)
        row.before_edit, row.edited_at = _remember(session, row), now
        for name, value in run.columns().items():
            setattr(row, name, value)
        stay = _that_stay(row, coming, now, from_day)
        if from_day is not None:
            _begin_on(row, from_day, stay, now)
        _tell(session, row, [view for view in coming if view not in stay], stay, former, now)
        _keep(session, row, stay, former, now)
        _forget_gaps(session, row)
        told = _all_said(session, run_id) != said
        publishing.require_room(session, now)
        publishing.publish(session, settings, now, urgent=told or _moves(former, run))
    return told


def forget_promises(run: Run) -> None:
    """Let no undo of the last change bring a promise back, inside writing."""
    if run.before_edit is not None:
        before = msgspec.json.decode(run.before_edit, type=_Before)
        kept = [_KeptDate(one.day, dates.without_promise(one.said)) for one in before.dates]
        run.before_edit = msgspec.json.encode(_Before(before.run, kept)).decode()


def can_undo_edit(run: Run, now: datetime) -> bool:
    """Whether the last change can still be taken back."""
    return run.before_edit is not None and is_within(run.edited_at, UNDO_EDIT, now)


def undo_edit(session: Session, settings: Settings, run_id: str, now: datetime, saw: datetime | None = None) -> None:
    """Put back what stood before the last change. What was cancelled since then stays so. Again: nothing happens.

    `saw`: when the change was made that the lead saw. Raises Changed if there is a newer one.
    """
    with writing(session):
        run = runs.get(session, run_id)
        if not can_undo_edit(run, now):
            return
        if saw is not None and saw != run.edited_at:
            raise Changed("somebody has changed this run meanwhile")
        before = msgspec.json.decode(run.before_edit or "", type=_Before)
        known, former = _known_dates(dates.coming(session, run, now), now), runs.input_of(run)
        for name, value in before.run.columns().items():
            setattr(run, name, value)
        _put_dates_back(session, run, before.dates, now)
        run.before_edit = run.edited_at = None
        _lead_back(session, run, known, former, now)
        publishing.publish(session, settings, now, urgent=True)


def withdraw(session: Session, settings: Settings, run_id: str, now: datetime) -> None:
    """End a run. Its next dates are cancelled, and stay in the list until they have passed: who comes for one of them
    must not find it gone. Every node hears of it at once. Again: nothing happens. Like a cancellation, from however old
    a page: it is the safe direction.
    """
    with writing(session):
        run = session.get(Run, run_id)
        if run is None:
            raise NotFound("no such run")
        if run.withdrawn_at is not None:
            return
        coming = dates.coming(session, run, now)
        known = _known_dates(coming, now)
        run.withdrawn_at = now
        run.listed_until = max((max(view.day, view.starts.date()) for view in known), default=None)
        for view in coming:
            if view.state != "cancelled" and run.listed_until and view.day <= run.listed_until:
                _cancel(session, run, view.day, now)
        publishing.publish(session, settings, now, urgent=True)


def reinstate(session: Session, settings: Settings, run_id: str, now: datetime, saw: datetime | None = None) -> None:
    """Take a withdrawal back while the run is still listed. Nobody has promised anything then: dates that it
    cancelled are not confirmed. `saw`: when it was withdrawn as far as the lead saw. Raises NotFound once it is gone,
    Changed if it was withdrawn again meanwhile, InvalidInput if there is no room for it.
    """
    with writing(session):
        run = session.get(Run, run_id)
        if run is None or run not in publishing.listed_runs(session, now):
            raise NotFound("no such run")
        if run.withdrawn_at is None:
            return
        if saw is not None and saw != run.withdrawn_at:
            raise Changed("somebody has withdrawn this run again meanwhile")
        by_it = (RunDate.at == run.withdrawn_at, RunDate.before.is_(None))
        session.execute(delete(RunDate).where(RunDate.run_id == run_id, *by_it))
        run.withdrawn_at = run.listed_until = None
        publishing.require_room(session, now)
        publishing.publish(session, settings, now, urgent=True)


def withdrawn(session: Session, now: datetime) -> list[Run]:
    """Runs that are withdrawn and still listed."""
    return [run for run in publishing.listed_runs(session, now) if run.withdrawn_at is not None]


def _moves(before: RunInput, after: RunInput) -> bool:
    names = (
        *("starts_on", "starts_at", "timezone", "repeats", "until", "exdates"),
        *("lat_e4", "lon_e4", "point_name", "address"),
    )
    after = runs.kept(after)  # a space at the end moves nobody
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _known_dates(coming: list[DateView], now: datetime) -> list[DateView]:
    """What people may have in their calendars: the dates of the next 14 days, or else the next one."""
    views = [view for view in coming if not view.planned_gap]
    return [view for view in views if view.starts < now + TOLD] or views[:1]


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
    past = {at.day for at in _by_rule(run, today - timedelta(days=1), today) if at.starts <= now}

    def stays(view: DateView) -> bool:
        is_before = from_day is not None and view.starts.date() < from_day
        return not view.planned_gap and (view.starts <= now or is_before or view.day in past)

    return [view for view in coming if stays(view)]


def _by_rule(run: Run, start: date, end: date) -> list[Occurs]:
    return occurrences_of(publishing.schedule_of(run), start, end)


def _begin_on(run: Run, from_day: date, stay: list[DateView], now: datetime) -> None:
    """Let the new rule begin on its first day from `from_day` on, if it has earlier ones that were none so far."""
    today, days = now.astimezone(zone(run.timezone)).date(), {view.day for view in stay}
    if run.repeats == "once" or all(at.day in days for at in _by_rule(run, today, from_day - timedelta(days=1))):
        return
    first = next(iter(_by_rule(run, from_day, from_day + _RULE_WITHIN)), None)
    if first is not None:
        run.starts_on = first.day


def _keep(session: Session, run: Run, stay: list[DateView], former: RunInput, now: datetime) -> None:
    """What is said of dates that stay as they were: their own time and place, where the new rule has others."""
    place = former_point(former)
    for view in stay:
        said = dates.said_of(session.get(RunDate, (run.id, view.day)))
        at = next(iter(_by_rule(run, view.day, view.day)), None)
        local = view.starts.replace(tzinfo=None)
        is_new = at is None or at.starts.replace(tzinfo=None) != local
        point = view.point or place
        kept = replace(
            said,
            starts=local.strftime("%Y-%m-%dT%H:%M") if is_new else None,
            point=msgspec.json.encode(point).decode() if point != publishing.point_of(run) else None,
        )
        if view.off_rule or kept == said:
            continue
        if kept.state in ("unconfirmed", "moved"):
            kept = replace(kept, state="moved" if kept.is_moved else "unconfirmed")
        dates.put_back(session, run.id, view.day, kept, now)


def former_point(former: RunInput) -> MeetingPoint:
    """Where the run was held before a change."""
    return MeetingPoint(former.point_name, former.address, former.directions, former.lat_e4, former.lon_e4)


def _tell(
    session: Session, run: Run, coming: list[DateView], stay: list[DateView], former: RunInput, now: datetime
) -> None:
    """Mark the dates that people know, and forget what was said of others, which nobody knows by heart.

    `coming`: as they stood before the change, less those that `stay`.
    """
    known, before = _known_dates(coming, now), {view.day for view in coming}
    kept = {day for view in stay for day in (view.day, *view.known_for)}
    days = kept | {day for view in known for day in (view.day, *view.known_for)}
    new = {day: at for day, at in _new_dates(run, now).items() if day not in kept}
    promised_else = _is_promised_else(run, former)
    for row in session.scalars(select(RunDate).where(RunDate.run_id == run.id)).all():
        is_broken = row.state == "confirmed" and promised_else
        if row.day not in days and (is_broken or row.day not in new):
            session.delete(row)
        elif promised_else and row.day not in kept:
            dates.forget_promise(row)
    session.flush()
    for view in known:
        for day in (view.day, *view.known_for):
            _mark(session, run, view, day, _instead(view, day, before, new), former, now)


def _mark(
    session: Session, run: Run, view: DateView, day: date, instead: Occurs | None, former: RunInput, now: datetime
) -> None:
    """One known day. Those that are cancelled, or were moved by themselves, stay so, less a promise."""
    said = dates.said_of(session.get(RunDate, (run.id, day)))
    if said.state == "cancelled" or view.off_rule:
        return  # its promise, which an undo would bring back, is forgotten in _tell
    stays = instead is not None and instead.day == day and not _is_promised_else(run, former)
    if said.is_moved and day == view.day and stays:
        return
    if said.is_moved and day == view.day:
        dates.write(session, run.id, day, replace(said, state="moved"), now)
    elif instead is None:
        _cancel(session, run, day, now)
    elif (marked := _moved_to(run, view, instead, former)).is_moved:
        dates.write(session, run.id, day, marked, now)


def _instead(view: DateView, day: date, before: set[date], new: dict[date, Occurs]) -> Occurs | None:
    """The run that takes a date's place: on the same day, or else the nearest that is near and was not one before."""
    if day in new:
        return new[day]
    near = [at for at in new.values() if at.day not in before and abs(at.day - day) <= dates.FARTHEST_MOVE]
    return min(near, key=lambda at: abs(at.starts - view.starts), default=None)


def _lead_back(session: Session, run: Run, known: list[DateView], former: RunInput, now: datetime) -> None:
    """After an undo: who has heard of a day meanwhile that the former rule does not have is led back, too."""
    new = _new_dates(run, now)
    for view in known:
        if view.day not in new and session.get(RunDate, (run.id, view.day)) is None:
            nearest = min(new.values(), key=lambda at: abs(at.starts - view.starts), default=None)
            _mark(session, run, view, view.day, nearest, former, now)


def _moved_to(run: Run, view: DateView, instead: Occurs, former: RunInput) -> Said:
    """Said of a date that is now held as `instead`: its time or its place, whichever is new."""
    local = instead.starts.replace(tzinfo=None)
    is_new = local != view.starts.replace(tzinfo=None) or instead.starts != view.starts
    point = publishing.point_of(run) if _is_elsewhere(run, former) else None
    return Said(
        "moved",
        starts=local.strftime("%Y-%m-%dT%H:%M") if is_new else None,
        point=msgspec.json.encode(point).decode() if point else None,
    )


def _is_elsewhere(run: Run, former: RunInput) -> bool:
    names = ("lat_e4", "lon_e4", "point_name", "address")
    return any(getattr(run, name) != getattr(former, name) for name in names)


def _is_promised_else(run: Run, former: RunInput) -> bool:
    """Whether a promise that was given before the change was for another hour or place."""
    return _is_elsewhere(run, former) or _is_at_another_hour(run, former)


def _is_at_another_hour(run: Run, former: RunInput) -> bool:
    return (run.starts_at, run.timezone) != (former.starts_at, former.timezone)


def _new_dates(run: Run, now: datetime) -> dict[date, Occurs]:
    """The coming dates by the rule as it is now."""
    today = now.astimezone(zone(run.timezone)).date()
    found = _by_rule(run, today - timedelta(days=1), today + publishing.WEEKS_AHEAD)
    return {at.day: at for at in found if at.starts > now}


def _cancel(session: Session, run: Run, day: date, now: datetime) -> None:
    said = dates.said_of(session.get(RunDate, (run.id, day)))
    dates.write(session, run.id, day, replace(said, state="cancelled", reason="other", note=None), now)


def _forget_gaps(session: Session, run: Run) -> None:
    """Nothing more is said of a day that is now a planned gap, but for a cancellation, less the promise before it: the
    gap may be taken out again, and nobody has said then that the date is on.
    """
    gaps = [date.fromisoformat(text) for text in run.exdates]
    for row in session.scalars(select(RunDate).where(RunDate.run_id == run.id, RunDate.day.in_(gaps))).all():
        if row.state == "cancelled":
            dates.forget_promise(row)
        else:
            session.delete(row)


def _put_dates_back(session: Session, run: Run, kept: list[_KeptDate], now: datetime) -> None:
    """As they stood; but those that somebody has cancelled since the change stay so."""
    rows = session.scalars(select(RunDate).where(RunDate.run_id == run.id)).all()
    since = {row.day for row in rows if row.state == "cancelled" and row.before is not None and _is_after(row, run)}
    for row in rows:
        if row.day not in since:
            session.delete(row)
        else:
            row.starts = row.point = None
            dates.forget_promise(row)
    session.flush()
    for one in kept:
        if one.day not in since and one.said.state != "unconfirmed":
            dates.write(session, run.id, one.day, one.said, now)


def _is_after(row: RunDate, run: Run) -> bool:
    return run.edited_at is not None and row.at >= run.edited_at
