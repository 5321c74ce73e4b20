"""Runs near a point, or anywhere, on some days: candidates from the grid of cells, then exact distances and dates."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import CTE, Integer, column, select, values
from sqlalchemy.orm import Session

from . import listings
from .geometry import cells_within, distance_m
from .models import HeldListing

MAX_RESULTS = 100
MAX_DAYS = 92
USUAL_DAYS = 14
USUAL_RADIUS_M = 50_000
ENOUGH_NEAREST = 5
#: Where the nearest runs are looked for, one after the other; beyond the last, everywhere.
_CIRCLES_M = (50_000, 200_000, 800_000, 3_200_000)
#: Rows read at once, so that thousands of candidates are not decoded for the hundred that are shown.
_BATCH = 200
_DAY = timedelta(days=1)
#: Nobody plans further ahead, and the calendar ends in 9999.
_HORIZON = timedelta(days=800)


@dataclass(frozen=True)
class Query:
    """What is looked for. Angles in degrees times 10,000, both or neither; metres (None: USUAL_RADIUS_M).

    `start`..`end`: days, inclusive, each in the run's own zone; no start: today; no end: two weeks; at most MAX_DAYS.
    """

    lat_e4: int | None = None
    lon_e4: int | None = None
    radius_m: int | None = None
    start: date | None = None
    end: date | None = None

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
    """`found`: by start, then distance; cancelled ones among them. `more`: cut at MAX_RESULTS.

    `nearest`: only if nothing was found near a point: the next date that is on of each of the nearest runs, nearest
    first, from the query's start on for eight weeks.
    """

    found: list[Found]
    nearest: list[Found]
    more: bool


class _Candidate(NamedTuple):
    row: int
    next_start: datetime
    distance_m: int | None


def search(session: Session, query: Query, now: datetime) -> Results:
    """What `query` finds at `now`. What has ended is never found; what is cancelled is."""
    found = _found(session, query, now)
    nearest = _nearest(session, query, now) if query.point and not found else []
    return Results(found[:MAX_RESULTS], nearest, more=len(found) > MAX_RESULTS)


def _found(session: Session, query: Query, now: datetime) -> list[Found]:
    """Read in the order of next starts, nearer ones first, until nothing that follows comes before a full page."""
    before = _ends_before(query, now)
    radius = USUAL_RADIUS_M if query.radius_m is None else max(0, query.radius_m)
    candidates = [one for one in _candidates(session, query.point, radius) if one.next_start < before]
    found: list[Found] = []
    for batch in _batches(sorted(candidates, key=_by_next_start)):
        if sum(one.occurrence.starts <= batch[0].next_start for one in found) > MAX_RESULTS:
            break
        found.extend(_occurrences(session, batch, query, now))
    return sorted(found, key=_by_start)


def _nearest(session: Session, query: Query, now: datetime) -> list[Found]:
    """Circle after circle, so that the usual case reads few cells."""
    first = _first_day(query, now)
    ahead = replace(query, start=first if query.start else None, end=first + listings.WEEKS_AHEAD)
    for radius in (*_CIRCLES_M, None):
        candidates = sorted(_candidates(session, query.point, radius), key=lambda one: (one.distance_m, one.row))
        on = list(islice(_next_on(session, candidates, ahead, now), ENOUGH_NEAREST))
        if len(on) == ENOUGH_NEAREST or radius is None:
            return sorted(on, key=_by_distance)
    return []


def _next_on(session: Session, candidates: Iterable[_Candidate], query: Query, now: datetime) -> Iterator[Found]:
    """Of each candidate the first date that is on."""
    for batch in _batches(candidates):
        first: dict[tuple[str, str], Found] = {}
        for one in sorted(_occurrences(session, batch, query, now), key=_by_start):
            if one.occurrence.is_on:
                first.setdefault((one.occurrence.chapter, one.occurrence.listing.id), one)
        yield from sorted(first.values(), key=_by_distance)


def _candidates(session: Session, point: tuple[int, int] | None, radius_m: int | None) -> list[_Candidate]:
    """Listings that are not over, within `radius_m` (None: anywhere). The index alone is read, not the rows."""
    query = select(HeldListing.row, HeldListing.next_start, HeldListing.lat_e4, HeldListing.lon_e4)
    query = query.where(HeldListing.next_start.is_not(None))
    if point and radius_m is not None:
        spans = _spans(cells_within(*point, radius_m))
        query = query.join(spans, HeldListing.cell.between(spans.c.first, spans.c.last))
    rows = session.execute(query)
    every = (_Candidate(row, starts, _distance(point, lat, lon)) for row, starts, lat, lon in rows if starts)
    return [one for one in every if _is_within(one.distance_m, radius_m)]


def _spans(runs: list[tuple[int, int]]) -> CTE:
    """Runs of cells as a table: joined, each is one seek of ix_held_listing_cell_next_start."""
    return values(column("first", Integer), column("last", Integer), name="span").data(runs).cte()


def _occurrences(session: Session, candidates: Sequence[_Candidate], query: Query, now: datetime) -> list[Found]:
    """Every occurrence of these listings on the query's days."""
    rows = session.scalars(select(HeldListing).where(HeldListing.row.in_([one.row for one in candidates])))
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
    return first, min(query.end, first + (MAX_DAYS + 1) * _DAY)


def _ends_before(query: Query, now: datetime) -> datetime:
    """An instant after the query's days in every zone; no zone is 15 hours from UTC."""
    last = _widest(query, now)[1]
    return datetime(last.year, last.month, last.day, 15, tzinfo=now.tzinfo) + _DAY


def _is_asked_for(one: listings.Occurrence, query: Query, now: datetime) -> bool:
    """Whether a day of the occurrence is one of the query's, today being the day in its own zone."""
    start = query.start or now.astimezone(one.starts.tzinfo).date()
    length = (query.end - start).days + 1 if query.end else USUAL_DAYS
    return any(0 <= (day - start).days < min(length, MAX_DAYS) for day in (one.day, one.starts.date(), *one.moved_from))


def _distance_to(query: Query, one: listings.Occurrence) -> int | None:
    return _distance(query.point, one.meeting_point.lat_e4, one.meeting_point.lon_e4)


def _distance(point: tuple[int, int] | None, lat_e4: int, lon_e4: int) -> int | None:
    return distance_m(*point, lat_e4, lon_e4) if point else None


def _is_within(distance: int | None, radius_m: int | None) -> bool:
    return distance is None or radius_m is None or distance <= radius_m


def _by_next_start(one: _Candidate) -> tuple[datetime, int, int]:
    return one.next_start, one.distance_m or 0, one.row


def _by_start(one: Found) -> tuple[float, int, str]:
    return one.occurrence.starts.timestamp(), one.distance_m or 0, one.occurrence.listing.id


def _by_distance(one: Found) -> tuple[int, float, str]:
    return one.distance_m or 0, one.occurrence.starts.timestamp(), one.occurrence.listing.id


def _batches(candidates: Iterable[_Candidate]) -> Iterator[list[_Candidate]]:
    left = iter(candidates)
    while batch := list(islice(left, _BATCH)):
        yield batch
