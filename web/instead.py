"""Where to go instead of a run that is not on: a confirmed one before any that nobody has promised."""

from collections.abc import Iterable
from datetime import timedelta

from node import search
from node.listings import Occurrence
from node.search import Found, Query

from .context import now, session
from .states import is_sure

#: How far somebody may still go when the run they came for is cancelled.
_NEAR_M = 40_000
_NEAR_DAYS = timedelta(days=7)
_FAR_M = 400_000
_FAR_DAYS = timedelta(weeks=8)


def next_on(dates: Iterable[Occurrence]) -> Occurrence | None:
    """The first confirmed one, else the first that is on."""
    on = [one for one in dates if one.is_on]
    return min(on, key=lambda one: (not is_sure(one), one.starts), default=None)


def instead_of(missed: Occurrence) -> Found | None:
    """The nearest that is on: on that day if one can still get there, else within a week, else the nearest."""
    results = search.search(session(), _around(missed, _NEAR_M, _NEAR_DAYS), now())
    near = _on(results.found)
    if near:
        return min(near, key=lambda one: (_unsure(one), one.occurrence.starts.date(), one.distance_m or 0))
    # Everything near is cancelled, or nothing is near: look on until something is on.
    far = results.nearest or _on(search.search(session(), _around(missed, _FAR_M, _FAR_DAYS), now()).found)
    return min(far, key=lambda one: (_unsure(one), one.distance_m or 0), default=None)


def _around(missed: Occurrence, radius_m: int, days: timedelta) -> Query:
    point, day = missed.meeting_point, missed.starts.date()
    return Query(point.lat_e4, point.lon_e4, radius_m, day, day + days)


def _on(found: list[Found]) -> list[Found]:
    return [one for one in found if one.occurrence.is_on]


def _unsure(one: Found) -> bool:
    return not is_sure(one.occurrence)
