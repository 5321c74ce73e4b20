"""Where runs are, for a map: those of a box that may have a wanted date, from the index alone."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, func, literal, select
from sqlalchemy.orm import Session

from ..directory.listings import dated_listings
from ..models import HeldDocument, HeldListing
from ..places.geometry import CELLS_ROUND, columns_between, middle_of_cell, row_of
from ..schedule.occurrences import dates_of
from . import candidates
from .query import Found, TimedQuery, position_of

#: The box of the whole globe.
_HALF_E4, _POLE_E4 = 1_800_000, 900_000


class Box(NamedTuple):
    """A part of the globe, in degrees times 10,000. Its east may lie past 180 degrees."""

    south_e4: int = -_POLE_E4
    west_e4: int = -_HALF_E4
    north_e4: int = _POLE_E4
    east_e4: int = _HALF_E4


#: (lat_e4, lon_e4, runs, row): one run, or the runs in a cell of the directory's grid. Then the point is the middle of
#: the cell, and the row is one of them.
Spot = tuple[int, int, int, int]


def inside(session: Session, timed: TimedQuery, box: Box, *, by_cell: bool) -> Iterator[Spot]:
    """Runs in a box, whatever the query's own point and words; some lie outside of it by less than a cell.

    A run counts while the index says that it may have a date that is asked for, and its document has not expired.
    `by_cell`: put together the runs of a cell.
    """
    wanted = timed.wanted()
    query = _in_cells(wanted.ahead, bool(wanted.kinds), bool(wanted.facilities), by_cell)
    rows = {"south": row_of(box.south_e4), "north": row_of(box.north_e4)}
    bound = candidates.values_of(wanted) | rows | {"now": timed.now}
    for west, east in columns_between(box.west_e4, box.east_e4):
        with closing(session.connection().execute(query, bound | {"west": west, "east": east})) as result:
            # The driver's own tuples: there may be many thousands, and SQLAlchemy's rows take longer than all the rest.
            spots: Any = result.cursor
            yield from spots


def next_dates(session: Session, rows: Sequence[int], timed: TimedQuery) -> dict[int, Found]:
    """The first wanted date of each of some runs, by row. A run that is not listed has none."""
    found = {}
    for row, dated in dated_listings(session, rows, timed.now).items():
        every = dates_of(dated, timed.first_day, timed.last_day)
        first = min((one for _, one in timed.found(every)), key=position_of, default=None)
        if first is not None:
            found[row] = first
    return found


#: Rows of expired documents, most often none: they are read once, not joined to each of many thousands.
_GONE = select(HeldListing.row).where(
    HeldListing.chapter.in_(select(HeldDocument.chapter).where(HeldDocument.expires <= bindparam("now")))
)


@lru_cache(maxsize=16)
def _in_cells(ahead: bool, kinds: bool, facilities: bool, by_cell: bool) -> Any:
    """(lat_e4, lon_e4, count, row). Row after row of the grid is one seek of ix_held_listing_cell_next_start."""
    south, north, west, east = (bindparam(name, type_=Integer) for name in ("south", "north", "west", "east"))
    rows = select(south.label("number")).cte("grid", recursive=True)
    rows = rows.union_all(select(rows.c.number + 1).where(rows.c.number < north))
    first = rows.c.number * CELLS_ROUND
    query = candidates.every(0, ahead, kinds, facilities)
    query = query.join(rows, HeldListing.cell.between(first + west, first + east)).where(HeldListing.row.not_in(_GONE))
    if not by_cell:
        return query.with_only_columns(HeldListing.lat_e4, HeldListing.lon_e4, literal(1), HeldListing.row)
    middle = middle_of_cell(HeldListing.cell)
    return query.with_only_columns(*middle, func.count(), func.min(HeldListing.row)).group_by(HeldListing.cell)
