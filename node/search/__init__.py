"""Runs near a point, or anywhere, on some days, by what they are and what is said of them: a page at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import islice

from sqlalchemy.orm import Session

from .. import listing_rows, listing_text, listings
from ..geometry import distance_m
from . import candidates, cursor
from .candidates import Candidate, Wanted
from .cursor import Place

MAX_RESULTS = 100
PAGE = 20
MAX_DAYS = 92
USUAL_DAYS = 14
USUAL_RADIUS_M = 50_000
ENOUGH_NEAREST = 5
#: Where the nearest runs are looked for, one after the other; beyond the last, everywhere.
_CIRCLES_M = (50_000, 200_000, 800_000, 3_200_000)
#: Documents that are read at once.
_BATCH = 24
_DAY = timedelta(days=1)
#: Nobody plans further ahead, and the calendar ends in 9999.
_HORIZON = timedelta(days=800)


@dataclass(frozen=True)
class Query:
    """What is looked for. Angles in degrees times 10,000, both or neither; metres (None: USUAL_RADIUS_M).

    `start`..`end`: days, inclusive, each in the run's own zone; no start: today; no end: two weeks; at most MAX_DAYS.
    Of days that are over everywhere nothing is found.
    `text`: each of its words begins a word of the listing. `states`: as pages show them (`paused` beside
    listings.State); `kinds`, `facilities`: of federation.documents, all facilities together; empty: any.
    `after`: Results.cursor of the page before; `limit`: at most MAX_RESULTS.
    """

    lat_e4: int | None = None
    lon_e4: int | None = None
    radius_m: int | None = None
    start: date | None = None
    end: date | None = None
    text: str = ""
    states: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    facilities: frozenset[str] = frozenset()
    after: str = ""
    limit: int = PAGE

    @property
    def point(self) -> tuple[int, int] | None:
        """Where from, if it says so."""
        return None if self.lat_e4 is None or self.lon_e4 is None else (self.lat_e4, self.lon_e4)


@dataclass(frozen=True)
class Found:
    """One occurrence. `distance_m`: from the query's point to where it is held on that date; None without a point."""

    occurrence: listings.Occurrence
    distance_m: int | None


@dataclass(frozen=True)
class Results:
    """`found`: by start, then distance; cancelled ones among them. `cursor`: where the next page begins, if there is
    one.

    `nearest`: only if nothing was found near a point: the next date that is on of each of the nearest runs, nearest
    first, from the query's start on for eight weeks.
    """

    found: list[Found]
    nearest: list[Found]
    cursor: str | None

    @property
    def more(self) -> bool:
        """Whether there is another page."""
        return self.cursor is not None


def search(session: Session, query: Query, now: datetime) -> Results:
    """What `query` finds at `now`. What has ended is never found; what is cancelled is.

    Raises InvalidInput for an `after` that is no cursor.
    """
    after = cursor.read(query.after)
    limit = max(1, min(query.limit, MAX_RESULTS))
    found = list(islice(_in_order(session, query, after, now), limit + 1))
    nearest = _nearest(session, query, now) if query.point and not found and after is None else []
    more = len(found) > limit
    return Results(found[:limit], nearest, cursor.write(_place(found[limit - 1])) if more else None)


def _in_order(session: Session, query: Query, after: Place | None, now: datetime) -> Iterator[Found]:
    """Every occurrence that is looked for, in order: one is given once nothing that is still unread can come before."""
    waiting: list[tuple[Place, int, Found]] = []
    for batch in _batches(candidates.in_order(session, _wanted(query, after, now))):
        while waiting and waiting[0][0].starts < batch[0].earliest:
            yield heappop(waiting)[2]
        for one in _occurrences(session, batch, query, now):
            place = _place(one)
            if after is None or place > after:
                heappush(waiting, (place, id(one), one))
    while waiting:
        yield heappop(waiting)[2]


def _nearest(session: Session, query: Query, now: datetime) -> list[Found]:
    """Circle after circle, so that the usual case reads few cells."""
    first = _first_day(query, now)
    ahead = replace(query, start=first if query.start else None, end=first + listings.WEEKS_AHEAD)
    for radius in (*_CIRCLES_M, None):
        wanted = replace(_wanted(ahead, None, now), radius_m=radius)
        near = candidates.nearest(session, wanted, query.point or (0, 0))
        on = list(islice(_next_on(session, near, ahead, now), ENOUGH_NEAREST))
        if len(on) == ENOUGH_NEAREST or radius is None:
            return sorted(on, key=_by_distance)
    return []


def _next_on(session: Session, near: Iterable[Candidate], query: Query, now: datetime) -> Iterator[Found]:
    """Of each candidate the first date that is on."""
    for batch in _batches(near):
        first: dict[tuple[str, str], Found] = {}
        for one in sorted(_occurrences(session, batch, query, now), key=_place):
            if one.occurrence.is_on:
                first.setdefault((one.occurrence.chapter, one.occurrence.listing.id), one)
        yield from sorted(first.values(), key=_by_distance)


def _wanted(query: Query, after: Place | None, now: datetime) -> Wanted:
    start, end = _widest(query, now)
    # An instant before and one after the query's days in every zone; no zone is 15 hours from UTC.
    floor = int(datetime(start.year, start.month, start.day, tzinfo=now.tzinfo).timestamp()) - 15 * 3600
    before = int(datetime(end.year, end.month, end.day, tzinfo=now.tzinfo).timestamp()) + (24 + 15) * 3600
    since = after.starts if after else 0
    floor = max(floor, since)
    return Wanted(
        point=query.point,
        radius_m=USUAL_RADIUS_M if query.radius_m is None else max(0, query.radius_m),
        since=since,
        floor=floor,
        before=max(before, floor),
        ahead=floor > now.timestamp(),
        kinds=query.kinds,
        facilities=listing_rows.facility_bits(query.facilities),
        text=query.text if listing_text.has_words(query.text) else "",
    )


def _occurrences(session: Session, batch: list[Candidate], query: Query, now: datetime) -> list[Found]:
    """Every occurrence of these listings on the query's days."""
    rows = [one.row for one in batch]
    if query.point and listing_text.has_words(query.text):
        rows = list(session.scalars(listing_text.matching(query.text, rows)))
    start, end = _widest(query, now)
    found = listings.occurrences_of(session, rows, start, end, now)
    return [Found(one, _distance_to(query, one)) for one in found if _is_asked_for(one, query, now)]


def _first_day(query: Query, now: datetime) -> date:
    """The query's start, or the day it is where today begins last (12 hours behind UTC); far days are brought near."""
    today = (now - timedelta(hours=12)).date()
    return min(max(query.start or today, today), today + _HORIZON)


def _widest(query: Query, now: datetime) -> tuple[date, date]:
    """Days that hold the query's days in every zone: between two zones lie two days at most."""
    first = _first_day(query, now)
    if query.end is None:
        return first, first + (USUAL_DAYS + 1) * _DAY
    return first, max(first - _DAY, min(query.end, first + (MAX_DAYS + 1) * _DAY))


def _is_asked_for(one: listings.Occurrence, query: Query, now: datetime) -> bool:
    """Whether its state is one of the query's, and one of its days is, today being the day in its own zone."""
    if query.states and _shown_state(one) not in query.states:
        return False
    start, first = query.start or now.astimezone(one.starts.tzinfo).date(), _first_day(query, now)
    length = (query.end - start).days + 1 if query.end else USUAL_DAYS
    days = [day for day in (one.day, one.starts.date(), *one.moved_from) if day >= first]
    return any(0 <= (day - start).days < min(length, MAX_DAYS) for day in days)


def _shown_state(one: listings.Occurrence) -> str:
    return "paused" if one.paused and one.state != "cancelled" else one.state


def _distance_to(query: Query, one: listings.Occurrence) -> int | None:
    point = one.meeting_point
    return distance_m(*query.point, point.lat_e4, point.lon_e4) if query.point else None


def _place(one: Found) -> Place:
    of = one.occurrence
    return Place(int(of.starts.timestamp()), one.distance_m or 0, of.chapter, of.listing.id, of.day.isoformat())


def _by_distance(one: Found) -> tuple[int, Place]:
    return one.distance_m or 0, _place(one)


def _batches(found: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    left = iter(found)
    while batch := list(islice(left, _BATCH)):
        yield batch
