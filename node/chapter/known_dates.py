"""What becomes of the dates that people know when their run changes: each is told, none is simply gone (§7.4)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import MeetingPoint, Schedule

from ..database import Writing
from ..models import Run, RunDate
from ..schedule.recurrence import WEEKS_AHEAD, RuleDate, day_in, has_day, occurrences, zone
from . import dates, listing
from .dates import DateStatus, DateView
from .listing import write_point, write_start

#: People have the dates of so many days in their calendars; of a run that is held less often, the next date.
KNOWN_AHEAD = timedelta(days=14)
_OFF = DateStatus("cancelled", "other")


@dataclass(frozen=True)
class FormerRun:
    """A run before a change: its coming dates, its rule, its meeting point."""

    views: list[DateView]
    schedule: Schedule
    point: MeetingPoint

    def has_own_hour(self, view: DateView) -> bool:
        """Whether the rule did not give this date its hour: it was moved by itself, or left from an earlier rule."""
        at = _on(self.schedule, view.day)
        return at is None or not _is_same_instant(at.starts, view.starts)

    def point_of(self, view: DateView) -> MeetingPoint:
        """Where the date was held."""
        return view.point or self.point

    def has_own_point(self, view: DateView) -> bool:
        """Whether the date was held elsewhere than the run."""
        return not is_same_point(self.point_of(view), self.point)


def before_change(session: Session, run: Run, now: datetime) -> FormerRun:
    """The run as it is now, for `tell_of_change` once it has changed."""
    return FormerRun(dates.coming(session, run, now), listing.schedule_of(run), listing.point_of(run))


def known_to_people(views: list[DateView], now: datetime) -> list[DateView]:
    """The dates that people may have in their calendars: the next 14 days', or the next one, and all of which leads
    have said anything.
    """
    on = [view for view in views if not view.planned_gap]
    soon = [view for view in on if view.starts < now + KNOWN_AHEAD] or on[:1]
    return [view for view in on if view in soon or view.state != "unconfirmed" or view.known_for or view.as_announced]


def by_rule(run: Run, start: date, end: date) -> list[RuleDate]:
    """The run's dates by its rule."""
    return occurrences(listing.schedule_of(run), start, end)


def tell_of_change(
    session: Writing,
    run: Run,
    before: FormerRun,
    unchanged: Collection[date],
    restored: Collection[date],
    now: datetime,
) -> None:
    """Say of each date that people know what the change of its run means for it.

    `unchanged`: days that the change leaves as they were. `restored`: days whose status an undo has just put back.
    """
    change = _Change(session, run, before, frozenset(unchanged), frozenset(restored), now)
    changing = [view for view in before.views if view.day not in unchanged]
    told = change.unchanged | {view.day for view in known_to_people(changing, now)}
    for view in before.views:
        if view.planned_gap:
            change.tell_of_gap(view.day)
        elif view.day in told:
            change.tell_of(view)
    _forget_other_promises(session, run, told)


def _forget_other_promises(session: Writing, run: Run, told: Collection[date]) -> None:
    """Take back promises that no page showed: for an hour that has passed, or from before a restore (§8.2)."""
    promised = select(RunDate).where(RunDate.run_id == run.id, RunDate.state == "confirmed")
    for row in session.scalars(promised).all():
        if row.day not in told:
            dates.restore_status(session, run.id, row.day, dates.status_of(row).without_promise(), row.at)


@dataclass(frozen=True)
class _Change:
    """A run after its change, and before it. A promise stands only for the very hour and point that it was given for.

    Whether and where a date is held is decided first, and then whether its promise stands.
    """

    session: Writing
    run: Run
    before: FormerRun
    unchanged: frozenset[date]
    restored: frozenset[date]
    now: datetime

    @property
    def _point(self) -> MeetingPoint:
        return listing.point_of(self.run)

    def tell_of(self, view: DateView) -> None:
        """Write what is said of this date from now on, and of the days in whose place it was held."""
        if view.day not in self.restored:
            self._write(view.day, self._status_after(view, self._status(view.day)))
        for day in view.known_for:
            if day not in self.restored or view.state == "cancelled":
                self._write(day, self._redirected(view, day))

    def tell_of_gap(self, day: date) -> None:
        """Write what is said of a planned gap: it counts once the gap is taken out, not when the rule drops the day."""
        status = self._status(day).without_promise()
        first = self.run.changes_on
        if status.as_announced and day not in self.restored and (first is None or first <= day):
            status = DateStatus()  # the hour and the place before a change that this one has overtaken
        is_dropped = status.state == "moved" and not self._has(day)
        self._write(day, _OFF if is_dropped else status)

    def _status(self, day: date) -> DateStatus:
        return dates.status_of(self.session.get(RunDate, (self.run.id, day)))

    def _write(self, day: date, status: DateStatus) -> None:
        row = self.session.get(RunDate, (self.run.id, day))
        if status != dates.status_of(row):
            dates.restore_status(self.session, self.run.id, day, status, self.now)
        elif row is not None:
            dates.forget_stale_undo(row)

    def _status_after(self, view: DateView, status: DateStatus) -> DateStatus:
        if self._is_gap(view.day):
            return status.without_promise()
        starts = view.starts if self._keeps_hour(view) else self._new_start(view)
        if starts is None:
            return replace(status, starts=None, point=None) if view.state == "cancelled" else _OFF
        point = self.before.point_of(view) if self._keeps_point(view) else self._point
        return self._held_at(view, status, starts.astimezone(zone(self.run.timezone)), point)

    def _held_at(self, view: DateView, status: DateStatus, starts: datetime, point: MeetingPoint) -> DateStatus:
        """The status of a date that is held (or cancelled) at `starts` and `point`.

        It names hour and point where the run does not, or where they are new to those who knew the date. Only in the
        second case does the change move it.
        """
        at, is_off = self._on(view.day), view.state == "cancelled"
        is_new_hour = not _is_same_instant(starts, view.starts)
        is_new_point = not is_same_point(point, self.before.point_of(view))
        is_own_hour = at is None or not _is_same_instant(at.starts, starts)
        is_own_point = not is_same_point(point, self._point)
        names_hour = is_own_hour or (not is_off if is_new_hour else status.starts is not None)
        names_point = is_own_point or (not is_off if is_new_point else status.point is not None)
        status = replace(
            status,
            starts=write_start(starts) if names_hour else None,
            point=write_point(point) if names_point else None,
            as_announced=(names_hour or names_point) and not (view.moved or is_new_hour or is_new_point),
        )
        is_promised = status.state == "confirmed" and not is_new_hour and not is_new_point
        if is_off or (is_promised and not (at is None and self._is_another(view.day, starts))):
            return status
        note = status.note if self._keeps_hour(view) or self._keeps_point(view) else None
        return replace(status, state="moved" if status.is_moved else "unconfirmed", note=note)

    def _redirected(self, view: DateView, day: date) -> DateStatus:
        """The status of a day in whose place `view` was held: it leads to the run that is held now, or it is off."""
        at = self._on(view.day)
        if at is None and view.state != "cancelled" and not self._keeps_hour(view):
            at = self._on(day) or self._nearest(view)
        if at is None or self._is_gap(view.day):
            return _OFF
        former = self._status(day)
        is_elsewhere = former.point is not None or not is_same_point(self._point, self.before.point)
        point = write_point(self._point) if is_elsewhere else None
        return DateStatus("moved", None, former.note, write_start(at.starts), point)

    def _new_start(self, view: DateView) -> datetime | None:
        at = self._on(view.day) or (None if view.state == "cancelled" else self._nearest(view))
        return at.starts if at else None

    def _keeps_hour(self, view: DateView) -> bool:
        return view.day in self.unchanged or (self.before.has_own_hour(view) and not view.as_announced)

    def _keeps_point(self, view: DateView) -> bool:
        return view.day in self.unchanged or (self.before.has_own_point(view) and not view.as_announced)

    def _is_gap(self, day: date) -> bool:
        return day.isoformat() in self.run.exdates and self._has(day)

    def _has(self, day: date) -> bool:
        return has_day(listing.schedule_of(self.run), day)

    def _on(self, day: date) -> RuleDate | None:
        return _on(listing.schedule_of(self.run), day)

    def _is_another(self, day: date, starts: datetime) -> bool:
        """Whether the rule has a date of another day then: it takes this one's place, and nobody has promised it."""
        at = self._on(starts.date())
        return at is not None and at.day != day and _is_same_instant(at.starts, starts)

    def _nearest(self, view: DateView) -> RuleDate | None:
        """The run's date that takes the place of `view`: the nearest that is near, and was none before the change."""
        today = day_in(self.run.timezone, self.now)
        found = by_rule(self.run, today - timedelta(days=1), today + WEEKS_AHEAD)
        before = {one.day for one in self.before.views}
        new = [at for at in found if at.starts > self.now and at.day not in before]
        near = [at for at in new if abs(at.day - view.day) <= dates.FARTHEST_MOVE]
        return min(near, key=lambda at: abs(at.starts - view.starts), default=None)


def _on(schedule: Schedule, day: date) -> RuleDate | None:
    return next(iter(occurrences(schedule, day, day)), None)


def _is_same_instant(one: datetime, other: datetime) -> bool:
    """Whether both are one instant. Python holds an hour that a zone has twice for unequal to any in another zone."""
    return one.astimezone(UTC) == other.astimezone(UTC)


def is_same_point(one: MeetingPoint, other: MeetingPoint) -> bool:
    """Whether both are one meeting point, however the way to it is described."""
    names = ("lat_e4", "lon_e4", "name", "address")
    return all(getattr(one, name) == getattr(other, name) for name in names)
