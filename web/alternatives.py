"""Where to go instead of a run that is not on. A confirmed run comes before a run that nobody has promised.

The search asks only for runs that are on: on a day of storms the cancelled ones would fill its first page.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from node import search
from node.directory import listings
from node.directory.listings import Occurrence
from node.schedule.recurrence import WEEKS_AHEAD
from node.search.query import USUAL_RADIUS_M, Found, Query

from .context import now, session
from .words.states import is_sure
from .words.times import METRES_PER_MILE

#: How far somebody may still go when the run they came for is cancelled.
_NEAR_M = 40_000
_NEAR_DAYS = timedelta(days=7)
#: A hundred miles. Nobody goes further for an hour's run.
FARTHEST_M = round(100 * METRES_PER_MILE)
_ENOUGH = 5
#: How much nearer a run must be to come before one that a lead has promised.
_STEP_M = 10_000
_SURE = frozenset({"confirmed"})


def next_on(dates: Iterable[Occurrence]) -> Occurrence | None:
    """The first confirmed date, else the first that is on."""
    on = [one for one in dates if one.is_on]
    return min(on, key=lambda one: (not is_sure(one), one.starts), default=None)


def alternative_to(missed: Occurrence) -> Found | None:
    """The nearest run to go to instead. For a date that is not confirmed yet, only a confirmed one will do."""
    point = missed.meeting_point
    around = Query(point.lat_e4, point.lon_e4, start=missed.starts.date(), only_on=True)
    return _nearest(around, only_sure=missed.is_on)


def alternative_to_lost(chapter_id: str, listing_id: str) -> Found | None:
    """The nearest run to go to instead of a run that no page shows any more; None where nobody knows where it was."""
    point = listings.where_it_was(session(), chapter_id, listing_id)
    if point is None:
        return None
    return _nearest(Query(point.lat_e4, point.lon_e4, start=_today(), only_on=True), only_sure=False)


def farthest_to(query: Query) -> int:
    """How many metres from a query's point `nearest_to` looks."""
    return max(query.radius_m or 0, USUAL_RADIUS_M, FARTHEST_M)


def nearest_to(query: Query) -> list[Found]:
    """The runs near a query's point that are on after its days, the very next one among them.

    Runs that a lead has promised come first where they are within reach, and of those as far away. One is among them.
    """
    reach = max(query.radius_m or 0, USUAL_RADIUS_M)
    around = Query(*(query.point or (0, 0)), farthest_to(query), query.start, only_on=True)
    week = replace(around, end=(query.start or _today()) + WEEKS_AHEAD, limit=1)
    sure = search.nearest(session(), replace(around, radius_m=reach, states=_SURE), now(), _ENOUGH)
    if not sure:
        sure = search.nearest(session(), replace(around, states=_SURE), now(), 1)
    every = [*search.search(session(), week, now()).found, *sure, *search.nearest(session(), around, now(), _ENOUGH)]
    once = {(one.occurrence.chapter, one.occurrence.listing.id, one.occurrence.day): one for one in every}
    away = [(one.distance_m or 0, one) for one in list(once.values())[:_ENOUGH]]
    return [one for _, one in sorted(away, key=lambda pair: _place_among(pair[0], pair[1], reach))]


def _place_among(metres: int, one: Found, reach: int) -> tuple[bool, int, bool, int]:
    sure = is_sure(one.occurrence)
    return not sure or metres > reach, metres // _STEP_M, not sure, metres


def next_in(query: Query) -> list[Found]:
    """The next runs in a query's country that are on after its days begin, each once; promised ones come first."""
    first = query.start or _today()
    ahead = Query(country=query.country, start=query.start, end=first + WEEKS_AHEAD, only_on=True)
    once: dict[tuple[str, str], Found] = {}
    for one in search.search(session(), ahead, now()).found:
        once.setdefault((one.occurrence.chapter, one.occurrence.listing.id), one)
    return sorted(list(once.values())[:_ENOUGH], key=lambda one: not is_sure(one.occurrence))


def promised_soon(limit: int) -> list[Found]:
    """The first runs anywhere that a lead has promised, of today and tomorrow."""
    query = Query(start=_today(), end=_today() + timedelta(days=1), states=_SURE, only_on=True, limit=limit)
    return search.search(session(), query, now()).found


def _nearest(around: Query, *, only_sure: bool) -> Found | None:
    """The nearest on the first day of a week that has one near, else the nearest within reach; promised ones first."""
    queries = [replace(around, states=_SURE)] if only_sure else [replace(around, states=_SURE), around]
    searches = [(search_, query) for search_ in (_soon, _far) for query in queries]
    return next((found for search_, query in searches if (found := search_(query)) is not None), None)


def _soon(query: Query) -> Found | None:
    first = query.start or _today()
    week = replace(query, radius_m=_NEAR_M, end=first + _NEAR_DAYS, limit=1)
    found = search.search(session(), week, now()).found
    day = found[0].occurrence.starts.date() if found else None
    return _first(replace(week, start=day, end=day)) if day else None


def _far(query: Query) -> Found | None:
    return _first(replace(query, radius_m=FARTHEST_M))


def _first(query: Query) -> Found | None:
    return next(iter(search.nearest(session(), query, now(), 1)), None)


def _today() -> date:
    return now().date()
