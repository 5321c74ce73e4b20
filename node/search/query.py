"""What a search asks for, and what it finds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from federation.documents import DateState, Listing
from federation.encodings import from_local

from ..directory import listing_rows, listing_words
from ..places.geometry import distance_m
from ..schedule.occurrences import DatedListing, Occurrence
from .candidates import Wanted
from .cursor import Position
from .filters import ANY, Filters

MAX_RESULTS = 100
PAGE = 20
MAX_DAYS = 92
USUAL_DAYS = 14
USUAL_RADIUS_M = 50_000
#: The hour at which the evening begins.
EVENING = 17
#: How long after its start somebody may still catch up with a run. Later it is offered to nobody.
CATCH_UP = timedelta(minutes=10)
_CONFIRMED = frozenset({"confirmed"})
_DAY = timedelta(days=1)
#: Searches look no further ahead. Nobody plans further, and the calendar ends in 9999.
_HORIZON = timedelta(days=800)


@dataclass(frozen=True)
class Query:
    """What is looked for. Angles in degrees times 10,000, both or neither; metres (None: USUAL_RADIUS_M).

    `start`..`end`: days, inclusive, each in the run's own zone; no start: today; no end: two weeks; at most MAX_DAYS.
    Of days that are over everywhere nothing is found.
    `country`: ISO alpha-2: only runs of chapters that say they are there; with it goes no point. Empty: anywhere.
    `only_on`: only what somebody can still go to (`Occurrence.is_on`), so that a page's cut loses none of these.
    `is_evening`: only dates that start in the evening. `text`: each of its words begins a word of the listing.
    `states`: as pages show them (`paused` beside listings.State); empty: any. `filters`: what people want of a run.
    `after`: Results.cursor of the page before; `limit`: at most MAX_RESULTS. `by_day`: a page ends with a day, so that
    its dates can be put in another order within each day.
    """

    lat_e4: int | None = None
    lon_e4: int | None = None
    radius_m: int | None = None
    start: date | None = None
    end: date | None = None
    country: str = ""
    only_on: bool = False
    text: str = ""
    states: frozenset[str] = frozenset()
    is_evening: bool = False
    filters: Filters = ANY
    after: str = ""
    limit: int = PAGE
    by_day: bool = False

    @property
    def point(self) -> tuple[int, int] | None:
        """The point from which distances count, if the query has one."""
        return None if self.lat_e4 is None or self.lon_e4 is None else (self.lat_e4, self.lon_e4)


class Found(NamedTuple):
    """One occurrence. `distance_m`: from the query's point to where it is held on that date; None without a point."""

    occurrence: Occurrence
    distance_m: int | None

    @property
    def day(self) -> date:
        """The day on which it is held, in the run's own zone."""
        return self.occurrence.starts.date()


class Undated(NamedTuple):
    """A listing whose dates this node cannot read, and what is stated of some. `distance_m`: to its usual place."""

    dated: DatedListing
    unread: list[DateState]
    distance_m: int | None


@dataclass(frozen=True)
class Results:
    """A page of results.

    `found`: by start, then distance, with cancelled dates among them. `cursor`: where the next page begins, if there is
    one. `undated`: on the first page, listings that may be held on any day, the nearest first.
    """

    found: list[Found]
    cursor: str | None
    undated: list[Undated] = field(default_factory=list)


@dataclass(frozen=True)
class TimedQuery:
    """A query at one moment. `after`: the position behind which its page begins."""

    query: Query
    now: datetime
    after: Position | None = None

    @cached_property
    def first_day(self) -> date:
        """The query's start, or the day it is where today begins last (12 hours behind UTC); far days are brought
        near.
        """
        today = (self.now - timedelta(hours=12)).date()
        return min(max(self.query.start or today, today), today + _HORIZON)

    @cached_property
    def last_day(self) -> date:
        """With `first_day`: days that hold the query's days in every zone; between two zones lie two days at most."""
        first, end = self.first_day, self.query.end
        if end is None:
            return first + (USUAL_DAYS + 1) * _DAY
        return max(first - _DAY, min(end, first + (MAX_DAYS + 1) * _DAY))

    @cached_property
    def has_words(self) -> bool:
        """Whether it names anything that a text can have."""
        return listing_words.has_words(self.query.text)

    @cached_property
    def states(self) -> frozenset[str]:
        """The states that a document must name; empty: any."""
        return _CONFIRMED if self.query.filters.only_confirmed else self.query.states

    def wanted(self) -> Wanted:
        """What of it the indexes can tell."""
        query, since = self.query, self.after.starts if self.after else 0
        # An instant before and one after the query's days in every zone; no zone is 15 hours from UTC.
        floor = max(_midnight(self.first_day) - 15 * 3600, since)
        before = _midnight(self.last_day) + (24 + 15) * 3600
        return Wanted(
            point=query.point,
            radius_m=USUAL_RADIUS_M if query.radius_m is None else max(0, query.radius_m),
            country=query.country,
            since=since,
            floor=floor,
            # A page may begin behind a date that was moved past these days: what is left then lies there, too.
            before=max(before, floor + 1),
            ahead=floor > self.now.timestamp(),
            kinds=query.filters.kinds,
            facilities=listing_rows.facility_bits(query.filters.facilities),
            text=query.text if self.has_words else "",
        )

    def found(self, every: Iterable[Occurrence]) -> Iterator[tuple[Position, Found]]:
        """Those that are asked for, with their positions in the order of results."""
        for one in every:
            if self._is_asked_for(one):
                found = Found(one, self.distance_to(one))
                position = position_of(found)
                if self.after is None or position > self.after:
                    yield position, found

    def _is_asked_for(self, one: Occurrence) -> bool:
        """Whether its state is one of the query's, and one of its days is, today being the day in its own zone."""
        query = self.query
        if (query.only_on and not one.is_on) or has_left(one, self.now):
            return False
        shown = _shown_state(one)
        if (query.states and shown not in query.states) or (self.states and shown not in self.states):
            return False
        if not query.filters.fit_day(one) or (query.is_evening and not _is_of_an_evening(one)):
            return False
        start = query.start or self.now.astimezone(one.starts.tzinfo).date()
        length = min((query.end - start).days + 1, MAX_DAYS) if query.end else USUAL_DAYS
        days = (one.day, one.starts.date(), *one.moved_from)
        return any(day >= self.first_day and 0 <= (day - start).days < length for day in days)

    def distance_to(self, one: Occurrence | Listing) -> int | None:
        """From the query's point to where it is held; None without a point."""
        point, at = self.query.point, one.meeting_point
        return distance_m(*point, at.lat_e4, at.lon_e4) if point else None


def position_of(found: Found) -> Position:
    """Where in the order of results it stands."""
    of = found.occurrence
    return Position(int(of.starts.timestamp()), found.distance_m or 0, of.chapter, of.listing.id, of.day.isoformat())


def has_left(one: Occurrence, now: datetime) -> bool:
    """Whether a run has set off too long ago. One that is off is still shown: somebody may wait for it."""
    is_off = one.paused or one.state in ("cancelled", "unclear")
    return one.begun and not is_off and one.starts.astimezone(UTC) + CATCH_UP < now


def _shown_state(one: Occurrence) -> str:
    return "paused" if one.paused and one.state != "cancelled" else one.state


def _is_of_an_evening(one: Occurrence) -> bool:
    """Whether it starts in the evening. So did one that was moved from there: whoever looks for tonight reads of it."""
    usual = from_local(one.listing.schedule.dtstart)
    return one.starts.hour >= EVENING or (one.moved and usual.hour >= EVENING)


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
