"""What becomes of the dates that people know when their run changes: each is told, none is simply gone (§7.4)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import MeetingPoint, Schedule

from ..database import Writing
from ..models import Run, RunDate
from ..schedule.recurrence import WEEKS_AHEAD, Occurs, has_day, occurrences, zone
from . import dates, listing
from .dates import DateView, Said, spelled
from .listing import write_point

#: Whose dates are told of a change though nothing was said of them; of a run that is held less often, the next one.
TOLD = timedelta(days=14)


@dataclass(frozen=True)
class Stood:
    """How a run stood before a change: its coming dates, its rule, its place."""

    views: list[DateView]
    schedule: Schedule
    place: MeetingPoint

    def is_at_own_hour(self, view: DateView) -> bool:
        """Whether it was held when the rule did not say so: moved by itself, or left from an earlier rule."""
        at = _on(self.schedule, view.day)
        return at is None or not _is_same(at.starts, view.starts)

    def place_of(self, view: DateView) -> MeetingPoint:
        """Where it was held."""
        return view.point or self.place

    def is_at_own_place(self, view: DateView) -> bool:
        """Whether it was held elsewhere than the run."""
        return not _is_there(self.place_of(view), self.place)


def stood(session: Session, run: Run, now: datetime) -> Stood:
    """How the run stands now."""
    return Stood(dates.coming(session, run, now), listing.schedule_of(run), listing.point_of(run))


def told(views: list[DateView], now: datetime) -> list[DateView]:
    """What people may have in their calendars: that of which something was said, the next 14 days, or the next date."""
    on = [view for view in views if not view.planned_gap]
    soon = [view for view in on if view.starts < now + TOLD] or on[:1]
    return [view for view in on if view in soon or view.state != "unconfirmed" or view.known_for]


def by_rule(run: Run, start: date, end: date) -> list[Occurs]:
    """The run's dates by its rule."""
    return occurrences(listing.schedule_of(run), start, end)


def tell(
    session: Writing, run: Run, before: Stood, stay: Collection[date], again: Collection[date], now: datetime
) -> None:
    """Mark the dates that people knew `before` the run became what it is now.

    `stay`: days that the change leaves as they were. `again`: those of which is said again what was said once before.
    """
    telling = _Telling(session, run, before, frozenset(stay), frozenset(again), now)
    known = telling.stay | {view.day for view in told([one for one in before.views if one.day not in stay], now)}
    for view in before.views:
        if view.planned_gap:
            telling.tell_of_gap(view.day)
        elif view.day in known:
            telling.tell(view)
    _forget_other_promises(session, run, known)


def _forget_other_promises(session: Writing, run: Run, days: Collection[date]) -> None:
    """Promises that no page showed: they are for an hour that is past, or while nobody has answered (§8.2)."""
    promised = select(RunDate).where(RunDate.run_id == run.id, RunDate.state == "confirmed")
    for row in session.scalars(promised).all():
        if row.day not in days:
            dates.put_back(session, run.id, row.day, dates.without_promise(dates.said_of(row)), row.at)


@dataclass(frozen=True)
class _Telling:
    """What is said of each date after a change. Where it is held is one question, whether somebody has promised
    another: a promise stands only for the very hour and place.
    """

    session: Writing
    run: Run
    before: Stood
    stay: frozenset[date]
    again: frozenset[date]
    now: datetime

    @property
    def _place(self) -> MeetingPoint:
        return listing.point_of(self.run)

    def tell(self, view: DateView) -> None:
        """Of this date, and of the days in whose place it was held."""
        if view.day not in self.again:
            self._keep(view.day, self._after(view, self._said(view.day)))
        for day in view.known_for:
            if day not in self.again or view.state == "cancelled":
                self._keep(day, self._led_on(view, day))

    def tell_of_gap(self, day: date) -> None:
        """Of a planned gap. What was said of it counts again when it is taken out, not when the rule drops the day."""
        said = dates.without_promise(self._said(day))
        is_dropped = said.state == "moved" and not self._has(day)
        self._keep(day, Said("cancelled", "other") if is_dropped else said)

    def _said(self, day: date) -> Said:
        return dates.said_of(self.session.get(RunDate, (self.run.id, day)))

    def _keep(self, day: date, said: Said) -> None:
        row = self.session.get(RunDate, (self.run.id, day))
        if said != dates.said_of(row):
            dates.put_back(self.session, self.run.id, day, said, self.now)
        elif row is not None:
            dates.forget_stale_undo(row)

    def _after(self, view: DateView, said: Said) -> Said:
        if self._is_gap(view.day):
            return dates.without_promise(said)
        starts = view.starts if self._keeps_hour(view) else self._new_start(view)
        if starts is None:
            return replace(said, starts=None, point=None) if view.state == "cancelled" else Said("cancelled", "other")
        return self._held(view, said, starts.astimezone(zone(self.run.timezone)), self._new_place(view))

    def _held(self, view: DateView, said: Said, starts: datetime, place: MeetingPoint) -> Said:
        """Of a date that is held (or cancelled) at `starts` and `place`. It says these where the run does not, or where
        they are new to who knew it.
        """
        at, is_off = self._on(view.day), view.state == "cancelled"
        later, elsewhere = not _is_same(starts, view.starts), not _is_there(place, self.before.place_of(view))
        own_hour, own_place = at is None or not _is_same(at.starts, starts), not _is_there(place, self._place)
        says_hour = own_hour or (not is_off if later else said.starts is not None)
        says_place = own_place or (not is_off if elsewhere else said.point is not None)
        said = replace(
            said, starts=spelled(starts) if says_hour else None, point=write_point(place) if says_place else None
        )
        is_promised = said.state == "confirmed" and not later and not elsewhere
        if is_off or (is_promised and not (at is None and self._is_another(view.day, starts))):
            return said
        is_by_itself = self._keeps_hour(view) or self._keeps_place(view)
        return replace(
            said, state="moved" if said.is_moved else "unconfirmed", note=said.note if is_by_itself else None
        )

    def _led_on(self, view: DateView, day: date) -> Said:
        """Of a day in whose place `view` was held: it leads to the run that is held now, or it is off."""
        at = self._on(view.day)
        if at is None and view.state != "cancelled" and not self._keeps_hour(view):
            at = self._on(day) or self._nearest(view)
        if at is None or self._is_gap(view.day):
            return Said("cancelled", "other")
        was = self._said(day)
        is_elsewhere = was.point is not None or not _is_there(self._place, self.before.place)
        return Said("moved", None, was.note, spelled(at.starts), write_point(self._place) if is_elsewhere else None)

    def _new_start(self, view: DateView) -> datetime | None:
        at = self._on(view.day) or (None if view.state == "cancelled" else self._nearest(view))
        return at.starts if at else None

    def _new_place(self, view: DateView) -> MeetingPoint:
        return self.before.place_of(view) if self._keeps_place(view) else self._place

    def _keeps_hour(self, view: DateView) -> bool:
        return view.day in self.stay or self.before.is_at_own_hour(view)

    def _keeps_place(self, view: DateView) -> bool:
        return view.day in self.stay or self.before.is_at_own_place(view)

    def _is_gap(self, day: date) -> bool:
        return day.isoformat() in self.run.exdates and self._has(day)

    def _has(self, day: date) -> bool:
        return has_day(listing.schedule_of(self.run), day)

    def _on(self, day: date) -> Occurs | None:
        return _on(listing.schedule_of(self.run), day)

    def _is_another(self, day: date, starts: datetime) -> bool:
        """Whether the rule has a date of another day then: it takes this one's place, and nobody has promised it."""
        at = self._on(starts.date())
        return at is not None and at.day != day and _is_same(at.starts, starts)

    def _nearest(self, view: DateView) -> Occurs | None:
        """The run that takes a date's place: the nearest that is near, and was not one before."""
        today = self.now.astimezone(zone(self.run.timezone)).date()
        found = by_rule(self.run, today - timedelta(days=1), today + WEEKS_AHEAD)
        before = {one.day for one in self.before.views}
        new = [at for at in found if at.starts > self.now and at.day not in before]
        near = [at for at in new if abs(at.day - view.day) <= dates.FARTHEST_MOVE]
        return min(near, key=lambda at: abs(at.starts - view.starts), default=None)


def _on(schedule: Schedule, day: date) -> Occurs | None:
    return next(iter(occurrences(schedule, day, day)), None)


def _is_same(one: datetime, other: datetime) -> bool:
    """Whether both are one instant: in zones that differ, a repeated hour equals no other."""
    return one.astimezone(UTC) == other.astimezone(UTC)


def _is_there(one: MeetingPoint, other: MeetingPoint) -> bool:
    """Whether both are one place, however the way to it is described."""
    names = ("lat_e4", "lon_e4", "name", "address")
    return all(getattr(one, name) == getattr(other, name) for name in names)
