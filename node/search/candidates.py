"""Find rows that may have a wanted date, and how early that date can be, from the indexes alone.

Most listings are held weekly on one day: from the next start of such a one all others follow, give or take a change of
clocks. So a page for five weeks from now reads the few listings that come first, and not a whole city's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    Integer,
    Unicode,
    and_,
    bindparam,
    case,
    column,
    func,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Session

from ..database import seconds
from ..directory import listing_words
from ..directory.listing_rows import CLOCKS_CHANGE_S, UNREADABLE
from ..models import HeldDocument, HeldListing
from ..places.geometry import HALF_ROUND_M, cells_within, distance_m
from .cursor import Position

#: Seconds since 1970, as they are stored.
NEXT_START = type_coerce(HeldListing.next_start, BigInteger)
WEEK_S = 7 * 86_400
#: More rows than these no text narrows down: they would all be read, and then put in order.
MOST_BY_TEXT = 500
#: The rows of so many chapters of a country are read and then put in order. Of more chapters the rows come in order.
MOST_BY_CHAPTER = 500
#: Rows without readable dates that one search reads.
MOST_UNDATED = 200
#: Rows that are asked for at first, and how many times as many each time that these were not enough: a page takes 20,
#: and a fifth of what lies in the cells around a circle lies outside of it.
_AT_FIRST, _MORE = 64, 4


class Candidate(NamedTuple):
    """`earliest`: no date that is looked for starts before it (seconds since 1970). `distance_m`: 0 without a point.

    `chapter`, `listing`: only without a point, where they order what starts at the same time.
    """

    earliest: int
    distance_m: int
    row: int
    weekly: bool
    chapter: str = ""
    listing: str = ""

    @property
    def position(self) -> Position:
        """The position before every date of the candidates that come later in order."""
        return Position(self.earliest, 0, self.chapter, self.listing, "")


@dataclass(frozen=True)
class Wanted:
    """What the indexes can tell. Seconds since 1970: dates are looked for that start from `since` on and before
    `before`, on days that begin with `floor`. Only one that was moved forward may start earlier than those days.

    `radius_m` None: any distance. `country`: of the chapters; empty: any. `ahead`: `floor` lies after now.
    `facilities`: bits, all of which must be there.
    """

    point: tuple[int, int] | None
    radius_m: int | None
    country: str
    since: int
    floor: int
    before: int
    ahead: bool
    kinds: frozenset[str]
    facilities: int
    text: str


def in_order(session: Session, wanted: Wanted) -> Iterator[list[Candidate]]:
    """Every row that may have a wanted date, in batches. The row whose date can be earliest comes first."""
    runs = _runs(wanted, wanted.point)
    chosen = _by_text(session, wanted), _by_chapter(session, wanted)
    query = _ordered(len(runs), wanted.ahead, bool(wanted.kinds), bool(wanted.facilities), *chosen)
    last: dict[str, Any] = {}
    bound, size = values_of(wanted, runs) | _BEFORE_ALL, _AT_FIRST
    while True:
        rows = session.connection().execute(query, bound | last | {"size": size}).all()
        yield _within(rows, wanted, wanted.point)
        if len(rows) < size:
            return
        last, size = {f"last_{name}": value for name, value in rows[-1]._mapping.items()}, size * _MORE


def nearest(session: Session, wanted: Wanted, point: tuple[int, int]) -> list[Candidate]:
    """Rows within the radius, the nearest first, in batches."""
    runs = _runs(wanted, point)
    query = every(len(runs), wanted.ahead, bool(wanted.kinds), bool(wanted.facilities))
    rows = session.connection().execute(query, values_of(wanted, runs)).all()
    return sorted(_within(rows, wanted, point), key=lambda one: (one.distance_m, one.row))


def undated(session: Session, wanted: Wanted) -> list[Candidate]:
    """Rows whose dates this node cannot read, the nearest first. MOST_UNDATED of them are looked at."""
    runs = _runs(wanted, wanted.point)
    chosen = _by_text(session, wanted), _by_chapter(session, wanted)
    query = _undated(len(runs), bool(wanted.kinds), bool(wanted.facilities), *chosen)
    bound = values_of(wanted, runs) | {"before": seconds(UNREADABLE) + 1}
    rows = session.connection().execute(query, bound).all()
    return sorted(_within(rows, wanted, wanted.point), key=lambda one: (one.distance_m, one.row))


def _within(rows: Any, wanted: Wanted, point: tuple[int, int] | None) -> list[Candidate]:
    if point is None:
        return [Candidate(one.earliest, 0, one.row, one.weekly, one.chapter, one.listing) for one in rows]
    reach = HALF_ROUND_M if wanted.radius_m is None else wanted.radius_m
    away = ((row, earliest, distance_m(*point, lat, lon), weekly) for row, earliest, lat, lon, weekly, *_ in rows)
    return [Candidate(earliest, metres, row, weekly) for row, earliest, metres, weekly in away if metres <= reach]


def _runs(wanted: Wanted, point: tuple[int, int] | None) -> list[tuple[int, int]]:
    return cells_within(*point, wanted.radius_m) if point and wanted.radius_m is not None else []


def _by_text(session: Session, wanted: Wanted) -> bool:
    """Whether the index of words narrows the rows down.

    It does not near a point, nor where very many rows have the words. Then `search` looks for the words in the
    documents that come first.
    """
    if not wanted.text or wanted.point is not None:
        return False
    return listing_words.count(session, wanted.text, MOST_BY_TEXT + 1) <= MOST_BY_TEXT


def _by_chapter(session: Session, wanted: Wanted) -> bool | None:
    """Whether few chapters are in the country; None without a country."""
    if not wanted.country:
        return None
    some = _CHAPTERS.limit(MOST_BY_CHAPTER + 1).subquery()
    count = session.scalar(select(func.count()).select_from(some), {"country": wanted.country}) or 0
    return count <= MOST_BY_CHAPTER


def values_of(wanted: Wanted, runs: Sequence[tuple[int, int]] = ()) -> dict[str, Any]:
    """What is bound to the parameters of a statement of this module."""
    cells = {f"{end}{number}": cell for number, run in enumerate(runs) for end, cell in zip("ab", run, strict=True)}
    times = {"floor": wanted.floor, "since": wanted.since, "before": wanted.before}
    filters = {"kinds": list(wanted.kinds), "facilities": wanted.facilities}
    return cells | times | filters | {"words": listing_words.expression(wanted.text), "country": wanted.country}


_CHAPTERS = select(HeldDocument.chapter).where(HeldDocument.country == bindparam("country", type_=Unicode))
#: By whether few chapters are in the country. No index has the second one's words: so rows are read in the order of
#: their starts, until there are enough.
_IN_COUNTRY = {True: HeldListing.chapter.in_(_CHAPTERS), False: HeldListing.chapter.concat("").in_(_CHAPTERS)}
_BEFORE_ALL = {"last_earliest": -1, "last_row": 0, "last_chapter": "", "last_listing": ""}


# Each statement is built once: building takes SQLAlchemy longer than answering takes SQLite.


@lru_cache(maxsize=512)
def _ordered(runs: int, ahead: bool, kinds: bool, facilities: bool, words: bool, by_chapter: bool | None) -> Any:
    """The rows after the last one that was read, in the index's own order where that is the order asked for."""
    earliest = _EARLIEST if ahead else NEXT_START
    query = _narrowed(every(runs, ahead, kinds, facilities), words, by_chapter)
    if not runs:
        # A whole country's runs start at nine on a Saturday: they come in the order of results.
        query = query.add_columns(HeldListing.chapter, HeldListing.listing)
    ties = (HeldListing.row,) if runs else (HeldListing.chapter, HeldListing.listing)
    last = bindparam("last_earliest", type_=BigInteger)
    # Not as "later, or equal and further on": for that SQLite would read two indexes to their ends.
    query = query.where(earliest >= last, or_(earliest > last, _behind(*ties)))
    return query.order_by(earliest, *ties).limit(bindparam("size", type_=Integer))


def _behind(first: Any, *others: Any) -> Any:
    last = bindparam(f"last_{first.name}", type_=first.type)
    return or_(first > last, and_(first == last, _behind(*others))) if others else first > last


@lru_cache(maxsize=512)
def _undated(runs: int, kinds: bool, facilities: bool, words: bool, by_chapter: bool | None) -> Any:
    query = _narrowed(every(runs, False, kinds, facilities), words, by_chapter)
    query = query.add_columns(HeldListing.chapter, HeldListing.listing).where(HeldListing.next_start == UNREADABLE)
    return query.limit(MOST_UNDATED)


def _narrowed(query: Any, words: bool, by_chapter: bool | None) -> Any:
    if words:
        query = query.where(HeldListing.row.in_(listing_words.MATCHING))
    return query if by_chapter is None else query.where(_IN_COUNTRY[by_chapter])


@lru_cache(maxsize=512)
def every(runs: int, ahead: bool, kinds: bool, facilities: bool) -> Any:
    """(row, earliest, lat_e4, lon_e4, weekly) of all that may have a wanted date, in `runs` runs of cells, if any."""
    earliest = _EARLIEST if ahead else NEXT_START
    query: Any = select(HeldListing.row, earliest.label("earliest"), HeldListing.lat_e4, HeldListing.lon_e4, _WEEKLY)
    query = query.where(earliest < bindparam("before", type_=BigInteger))
    if kinds:
        query = query.where(HeldListing.kind.in_(bindparam("kinds", expanding=True)))
    if facilities:
        bits = bindparam("facilities", type_=Integer)
        query = query.where(HeldListing.facilities.bitwise_and(bits) == bits)
    if runs:
        spans = _spans(runs)
        query = query.join(spans, HeldListing.cell.between(spans.c.column1, spans.c.column2))
    return query


def _spans(count: int) -> CTE:
    """Runs of cells as a table: joined, each is one seek of ix_held_listing_cell_next_start."""
    rows = ", ".join(f"(:a{number}, :b{number})" for number in range(count))
    return text(f"VALUES {rows}").columns(column("column1", Integer), column("column2", Integer)).cte("span")


def _earliest() -> Any:
    """The soonest that a date that is looked for can start: of a weekly listing that is next before those days, by
    counting its weeks on.
    """
    floor, since = bindparam("floor", type_=BigInteger), bindparam("since", type_=BigInteger)
    weeks = (floor - NEXT_START - CLOCKS_CHANGE_S + WEEK_S - 1) // WEEK_S
    soonest = NEXT_START + weeks * WEEK_S - CLOCKS_CHANGE_S
    return case(
        (and_(floor > NEXT_START, HeldListing.weekly, soonest > floor), soonest),
        (and_(floor > NEXT_START, HeldListing.weekly), floor),
        (since < NEXT_START, NEXT_START),
        else_=since,
    )


_EARLIEST = _earliest()
_WEEKLY = type_coerce(HeldListing.weekly, Integer)
