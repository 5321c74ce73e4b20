"""Find runs near a point, in a country or anywhere, on some days, of some kinds and states, a page at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import count, islice

from sqlalchemy.orm import Session

from ..directory import listing_words
from ..schedule.occurrences import Occurrence, unread_of
from ..schedule.recurrence import WEEKS_AHEAD
from . import candidates, cursor, unfolding
from .candidates import Candidate
from .cursor import Position
from .filters import ANY, Tally, tally
from .query import MAX_RESULTS, Found, Query, Results, TimedQuery, Undated, position_of
from .unfolding import Folded

#: Radii in which the nearest runs are looked for, one after the other, and then everywhere.
_CIRCLES_M = (50_000, 200_000, 800_000, 3_200_000)
#: Dates that are read in order to count what filters leave.
MOST_TALLIED = 400
#: Documents that are read at once: for a page, and for the nearest runs.
_BATCH, _BATCH_NEAREST = 24, 8


def search(session: Session, query: Query, now: datetime) -> Results:
    """What `query` finds at `now`. It never finds what has ended. It finds cancelled dates, unless `only_on`.

    Raises InvalidInput for an `after` that is no cursor.
    """
    timed = TimedQuery(query, now, cursor.read(query.after))
    return _results(session, timed, _in_order(session, timed))


def search_and_tally(session: Session, query: Query, now: datetime) -> tuple[Results, Tally]:
    """The first page of a query without filters, and its tally, from one reading."""
    timed = TimedQuery(query, now)
    every = list(islice(_in_order(session, timed), MOST_TALLIED + 1))
    return _results(session, timed, iter(every)), tally((one.occurrence for one in every), MOST_TALLIED)


def _results(session: Session, timed: TimedQuery, every: Iterator[Found]) -> Results:
    query = timed.query
    limit = max(1, min(query.limit, MAX_RESULTS))
    found, has_more = _page(every, limit, query.by_day)
    after = cursor.write(position_of(found[-1])) if has_more else None
    undated = [] if timed.after or timed.states or query.filters.are_of_dates else _undated(session, timed)
    return Results(found, after, undated[:limit])


def _page(every: Iterator[Found], limit: int, by_day: bool) -> tuple[list[Found], bool]:
    """The first `limit` dates, and whether more come. `by_day`: with all of the last one's day, as far as may be."""
    found = list(islice(every, limit))
    for one in every:
        if not by_day or one.day != found[-1].day or len(found) == MAX_RESULTS:
            return found, True
        found.append(one)
    return found, False


def dates(session: Session, query: Query, now: datetime, most_runs: int, most_dates: int) -> list[Occurrence]:
    """What the query finds, in order, as one list for a feed: of so many runs, and so many dates."""
    runs: set[tuple[str, str]] = set()
    found = []
    for one in islice(_in_order(session, TimedQuery(query, now)), most_dates):
        run = one.occurrence.chapter, one.occurrence.listing.id
        if run in runs or len(runs) < most_runs:
            runs.add(run)
            found.append(one.occurrence)
    return found


def tally_of(session: Session, query: Query, now: datetime) -> Tally:
    """What runs the query finds without its filters, for counting what filters leave. MOST_TALLIED dates are read."""
    timed = TimedQuery(replace(query, filters=ANY, after=""), now)
    return tally((found.occurrence for found in _in_order(session, timed)), MOST_TALLIED)


def _undated(session: Session, timed: TimedQuery) -> list[Undated]:
    """Runs whose dates this node cannot tell, so that they may be held on the wanted days."""
    found = candidates.undated(session, timed.wanted())
    return [
        Undated(folded.dated, unread_of(folded.dated.listing, timed.now), timed.distance_to(folded.dated.listing))
        for batch in _batches(found, _BATCH)
        for folded in _read(session, batch, timed)
    ]


def _in_order(session: Session, timed: TimedQuery) -> Iterator[Found]:
    """Every wanted occurrence, in the order of results."""
    waiting = _Waiting(timed)
    for found in candidates.in_order(session, timed.wanted()):
        for batch in _batches(found, _BATCH):
            waiting.add(_read(session, batch, timed))
            yield from waiting.due(batch[-1].position)
    yield from waiting.due(None)


class _Waiting:
    """What was read and is not given yet, the earliest first: dates, and listings whose dates are not unfolded yet."""

    def __init__(self, timed: TimedQuery) -> None:
        self._timed = timed
        self._heap: list[tuple[Position, int, Found | Folded]] = []
        self._numbers = count()

    def add(self, every: Iterable[Folded]) -> None:
        """Listings with the dates that they may have."""
        for one in every:
            # Before any date that starts then.
            self._push(Position(one.earliest, -1, "", "", ""), one)

    def due(self, before: Position | None) -> Iterator[Found]:
        """What comes before `before` (None: all of it), in order; it is unfolded when its turn comes."""
        while self._heap and (before is None or self._heap[0][0] < before):
            first = heappop(self._heap)[2]
            if isinstance(first, Found):
                yield first
            else:
                self._unfold(first)

    def _unfold(self, folded: Folded) -> None:
        dates, left = folded.unfold()
        for position, found in self._timed.found(dates):
            self._push(position, found)
        if left:
            self.add([left])

    def _push(self, position: Position, what: Found | Folded) -> None:
        heappush(self._heap, (position, next(self._numbers), what))


def nearest(session: Session, query: Query, now: datetime, limit: int) -> list[Found]:
    """The next date that is on of each of the `limit` runs nearest to the query's point, the nearest first.

    Whatever the country. On the query's days; without an end for eight weeks. Within its radius; without one at any
    distance.
    """
    first = TimedQuery(query, now).first_day
    end = query.end or first + WEEKS_AHEAD
    ahead = TimedQuery(replace(query, start=first if query.start else None, end=end), now)
    for radius in _circles(query.radius_m):
        near = candidates.nearest(session, replace(ahead.wanted(), radius_m=radius), query.point or (0, 0))
        on = list(islice(_next_on(session, near, ahead), limit))
        if len(on) == limit or radius == query.radius_m:
            return sorted(on, key=lambda one: (one.distance_m or 0, position_of(one)))
    return []


def _circles(radius_m: int | None) -> list[int | None]:
    """Circle after circle, so that the usual case reads few cells."""
    within = [circle for circle in _CIRCLES_M if radius_m is None or circle < radius_m]
    return [*within, radius_m]


def _next_on(session: Session, near: list[Candidate], timed: TimedQuery) -> Iterator[Found]:
    """Of each candidate the first date that is on, the nearest candidate first."""
    for batch in _batches(near, _BATCH_NEAREST):
        for folded in _read(session, batch, timed):
            yield from islice(_dates_on(folded, timed), 1)


def _dates_on(folded: Folded, timed: TimedQuery) -> Iterator[Found]:
    waiting = _Waiting(timed)
    waiting.add([folded])
    return (one for one in waiting.due(None) if one.occurrence.is_on)


def _read(session: Session, batch: list[Candidate], timed: TimedQuery) -> list[Folded]:
    """The listings of a batch that have what is wanted, with what their dates need."""
    if timed.has_words:
        having = set(listing_words.matching(session, timed.query.text, [one.row for one in batch]))
        batch = [one for one in batch if one.row in having]
    folded = unfolding.read(session, batch, timed.first_day, timed.last_day, timed.now)
    wanted = timed.query.filters
    return [one for one in folded if one.may_be(timed.states) and wanted.fit_listing(one.dated.listing)]


def _batches(found: list[Candidate], size: int) -> Iterator[list[Candidate]]:
    return (found[start : start + size] for start in range(0, len(found), size))
