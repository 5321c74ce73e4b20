"""Distances and grid cells on the globe. Pure; all angles in degrees times 10,000 (`_e4`)."""

from math import asin, ceil, cos, degrees, pi, radians, sin, sqrt
from typing import Any

#: Mean radius of the Earth in metres (IUGG).
EARTH_M = 6_371_009
#: Nothing is further away (metres).
HALF_ROUND_M = ceil(pi * EARTH_M)
#: One cell is 0.1 degree; a row of the grid has this many.
CELLS_ROUND = 3600
_ROWS = 1800
_CELL_E4 = 1000
_SCALE = 10_000


def distance_m(lat1_e4: int, lon1_e4: int, lat2_e4: int, lon2_e4: int) -> int:
    """Metres along the great circle (haversine: right across the antimeridian and at the poles)."""
    lat1, lat2 = radians(lat1_e4 / _SCALE), radians(lat2_e4 / _SCALE)
    across = radians((lon2_e4 - lon1_e4) / _SCALE)
    square = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(across / 2) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(square))))


def cell_of(lat_e4: int, lon_e4: int) -> int:
    """The number of the 0.1 degree cell a point lies in: rows from the south pole, columns from 180 degrees west."""
    column = ((lon_e4 + 180 * _SCALE) // _CELL_E4) % CELLS_ROUND
    return row_of(lat_e4) * CELLS_ROUND + column


def middle_of_cell(cell: Any) -> tuple[Any, Any]:
    """The latitude and the longitude of the middle of a cell: of a number, or of a column of numbers."""
    half = _CELL_E4 // 2
    return cell // CELLS_ROUND * _CELL_E4 - 90 * _SCALE + half, cell % CELLS_ROUND * _CELL_E4 - 180 * _SCALE + half


def cells_within(lat_e4: int, lon_e4: int, radius_m: int) -> list[tuple[int, int]]:
    """Runs of cells (first, last) that together hold every point within `radius_m` metres, and some points more.

    One or two runs a row: across the antimeridian a row falls into two; around a pole, or half the globe, one run of
    whole rows.
    """
    angle = (radius_m + 1) / EARTH_M  # distance_m rounds to a metre
    reach = ceil(degrees(angle) * _SCALE) + 1
    south, north = lat_e4 - reach, lat_e4 + reach
    rows = range(row_of(south), row_of(north) + 1)
    if south <= -90 * _SCALE or north >= 90 * _SCALE or angle >= pi / 2:
        return [(rows[0] * CELLS_ROUND, rows[-1] * CELLS_ROUND + CELLS_ROUND - 1)]
    # Where the circle is widest it touches two meridians, nearer to the pole than its centre: hence not reach / cos.
    width = ceil(degrees(asin(min(1.0, sin(angle) / cos(radians(lat_e4 / _SCALE))))) * _SCALE) + 1
    columns = columns_between(lon_e4 - width, lon_e4 + width)
    return [(row * CELLS_ROUND + first, row * CELLS_ROUND + last) for row in rows for first, last in columns]


def row_of(lat_e4: int) -> int:
    """The row of the grid in which a latitude lies, from the south pole."""
    return max(0, min((lat_e4 + 90 * _SCALE) // _CELL_E4, _ROWS - 1))


def columns_between(west_e4: int, east_e4: int) -> list[tuple[int, int]]:
    """Runs of columns from one meridian east to another; either may lie past the antimeridian."""
    west, east = ((value + 180 * _SCALE) // _CELL_E4 for value in (west_e4, east_e4))
    if east - west >= CELLS_ROUND - 1:
        return [(0, CELLS_ROUND - 1)]
    first, last = west % CELLS_ROUND, east % CELLS_ROUND
    return [(first, last)] if first <= last else [(first, CELLS_ROUND - 1), (0, last)]
