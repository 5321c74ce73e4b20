"""Distances and grid cells on the globe. Pure; all angles in degrees times 10,000 (`_e4`)."""

from math import asin, cos, radians, sin, sqrt

#: Mean radius of the Earth in metres (IUGG).
EARTH_M = 6_371_009
#: One cell is 0.1 degree; a row of the grid has this many.
CELLS_ROUND = 3600
_CELL_E4 = 1000
_SCALE = 10_000


def distance_m(lat1_e4: int, lon1_e4: int, lat2_e4: int, lon2_e4: int) -> int:
    """Metres along the great circle (haversine: right across the antimeridian and at the poles)."""
    lat1, lon1, lat2, lon2 = (radians(value / _SCALE) for value in (lat1_e4, lon1_e4, lat2_e4, lon2_e4))
    square = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(square))))


def cell_of(lat_e4: int, lon_e4: int) -> int:
    """The number of the 0.1 degree cell a point lies in: rows from the south pole, columns from 180 degrees west."""
    row = min((lat_e4 + 90 * _SCALE) // _CELL_E4, 1799)
    column = ((lon_e4 + 180 * _SCALE) // _CELL_E4) % CELLS_ROUND
    return row * CELLS_ROUND + column
