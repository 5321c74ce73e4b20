"""Which rows may have a date that is looked for, and how early that can be: from the indexes alone, without a document.

Most listings are held weekly on one day: from the next start of such a one all others follow, give or take a change of
clocks. So a page for five weeks from now reads the few listings that come first, and not a whole city's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CTE, BigInteger, Integer, and_, case, column, or_, select, text, type_coerce
from sqlalchemy.orm import Session

from .. import listing_text
from ..geometry import cells_within, distance_m
from ..models import HeldListing

#: Seconds since 1970, as they are kept.
NEXT_START = type_coerce(HeldListing.next_start, BigInteger)
_WEEK_S = 7 * 86_400
#: No change of clocks is larger (seconds).
_SLACK_S = 3 * 3600
#: Rows that a text may find where no point narrows them down.
MOST_BY_TEXT = 500
#: Near a point it is looked so far ahead at first (seconds): where runs are many, the first of them are enough.
_WINDOWS_S = (86_400, 4 * 86_400)
#: Rows that are read at once where no point narrows them down.
_CHUNK = 200
_END_OF_TIME = 2**40


class Candidate(NamedTuple):
    """`earliest`: no date that is looked for starts before it (seconds since 1970). `distance_m`: 0 without a point."""

    earliest: int
    distance_m: int
    row: int


@dataclass(frozen=True)
class Wanted:
    """What the indexes can tell. Seconds since 1970: dates are looked for that start from `since` on and before
    `before`, on days that begin with `floor`. Only one that was moved forward may start earlier than those days.

    `radius_m` None: any distance. `ahead`: `floor` lies after now. `facilities`: bits, all of which must be there.
    """

    point: tuple[int, int] | None
    radius_m: int | None
    since: int
    floor: int
    before: int
    ahead: bool
    kinds: frozenset[str]
    facilities: int
    text: str


def in_order(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Every row that may have a wanted date, the one that can be earliest first."""
    if wanted.point is None:
        return _anywhere(session, wanted)
    return _near(session, wanted, wanted.point)


def nearest(session: Session, wanted: Wanted, point: tuple[int, int]) -> list[Candidate]:
    """Those within the radius, the nearest first."""
    query, bound = _select(wanted, point)
    rows = session.execute(query.where(wanted.before > NEXT_START), bound)
    found = [_candidate(row, wanted, point) for row in rows]
    return sorted((one for one in found if _is_within(one, wanted)), key=lambda one: (one.distance_m, one.row))


def _near(session: Session, wanted: Wanted, point: tuple[int, int]) -> Iterator[Candidate]:
    """Window after window of next starts; what can only be later than its window waits for its turn."""
    (query, bound), waiting, begin = _select(wanted, point), [], 0
    for length in (*_WINDOWS_S, _END_OF_TIME):
        end = min(wanted.floor + length, wanted.before)
        rows = session.execute(query.where(begin <= NEXT_START, end > NEXT_START), bound)
        waiting += [one for row in rows if _is_within(one := _candidate(row, wanted, point), wanted)]
        waiting.sort()
        due = [one for one in waiting if one.earliest < end]
        yield from due
        waiting, begin = waiting[len(due) :], end
        if end == wanted.before:
            return


def _anywhere(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Chunk after chunk in order, by the index of next starts where that is the order that is asked for."""
    if wanted.text:
        # Capped before it is ordered: a word that half of all listings have would read them all.
        query = _filtered(wanted).where(HeldListing.row.in_(listing_text.matching(wanted.text).limit(MOST_BY_TEXT)))
    else:
        query = _filtered(wanted)
    earliest = _earliest_sql(wanted) if wanted.ahead else NEXT_START
    query = query.where(earliest < wanted.before).order_by(earliest, HeldListing.row).limit(_CHUNK)
    last: tuple[int, int] = (0, 0)
    while True:
        after = or_(earliest > last[0], and_(earliest == last[0], HeldListing.row > last[1]))
        rows = session.execute(query.add_columns(earliest.label("earliest")).where(after)).all()
        yield from (Candidate(row[-1], 0, row[0]) for row in rows)
        if len(rows) < _CHUNK:
            return
        last = rows[-1][-1], rows[-1][0]


def _filtered(wanted: Wanted) -> Any:
    query: Any = select(HeldListing.row, NEXT_START, HeldListing.lat_e4, HeldListing.lon_e4, HeldListing.weekly).where(
        NEXT_START.is_not(None)
    )
    if wanted.kinds:
        query = query.where(HeldListing.kind.in_(wanted.kinds))
    if wanted.facilities:
        query = query.where(HeldListing.facilities.bitwise_and(wanted.facilities) == wanted.facilities)
    return query


def _select(wanted: Wanted, point: tuple[int, int]) -> tuple[Any, dict[str, int]]:
    """The query, and the runs of cells that it is asked with."""
    query = _filtered(wanted)
    if wanted.radius_m is None:
        return query, {}
    runs = cells_within(*point, wanted.radius_m)
    spans = _spans(len(runs))
    bound = {f"{end}{number}": cell for number, run in enumerate(runs) for end, cell in zip("ab", run, strict=True)}
    return query.join(spans, HeldListing.cell.between(spans.c.column1, spans.c.column2)), bound


@lru_cache(maxsize=512)
def _spans(count: int) -> CTE:
    """Runs of cells as a table: joined, each is one seek of ix_held_listing_cell_next_start.

    Written as text, and once: SQLAlchemy's own VALUES is put together anew for every search, which takes longer than
    the search.
    """
    rows = ", ".join(f"(:a{number}, :b{number})" for number in range(count))
    return text(f"VALUES {rows}").columns(column("column1", Integer), column("column2", Integer)).cte("span")


def _candidate(row: tuple[int, int, int, int, bool], wanted: Wanted, point: tuple[int, int]) -> Candidate:
    number, next_start, lat, lon, weekly = row
    return Candidate(_earliest(next_start, weekly, wanted), distance_m(*point, lat, lon), number)


def _is_within(one: Candidate, wanted: Wanted) -> bool:
    return wanted.radius_m is None or one.distance_m <= wanted.radius_m


def _earliest(next_start: int, weekly: bool, wanted: Wanted) -> int:
    """The soonest that a date that is looked for can start, of a listing that is next at `next_start`."""
    if next_start >= wanted.floor or not weekly:
        return max(next_start, wanted.since)
    weeks = -((next_start + _SLACK_S - wanted.floor) // _WEEK_S)
    return max(wanted.floor, next_start + weeks * _WEEK_S - _SLACK_S)


def _earliest_sql(wanted: Wanted) -> Any:
    """The same, where the database orders by it."""
    weeks = (wanted.floor - NEXT_START - _SLACK_S + _WEEK_S - 1) // _WEEK_S
    soonest = NEXT_START + weeks * _WEEK_S - _SLACK_S
    return case(
        (and_(wanted.floor > NEXT_START, HeldListing.weekly, soonest > wanted.floor), soonest),
        (and_(wanted.floor > NEXT_START, HeldListing.weekly), wanted.floor),
        (wanted.since < NEXT_START, NEXT_START),
        else_=wanted.since,
    )
