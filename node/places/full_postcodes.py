"""Full postcodes of Great Britain, 2.6 million in the space of 15 MB: one row of the gazetteer a sector.

Royal Mail calls the last two letters a unit. A sector has up to 400 of them. Its row has a bit for each unit that
exists, and the points of those in the order of their numbers.
"""

import sqlite3
from itertools import product
from struct import Struct
from typing import NamedTuple

#: Twenty letters: those that nobody takes for others in a hurry.
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_NUMBERS = {first + second: number for number, (first, second) in enumerate(product(_LETTERS, repeat=2))}
_BITMAP_BYTES = len(_NUMBERS) // 8
#: Degrees times 10,000 north and east of the sector's middle, and how exact that is in tens of metres.
_PACKED = Struct("<hhB")
_STEP_M = 10
_MOST_STEPS = 255
#: Further than that from the middle of its sector a point is a slip of the source.
_FARTHEST_E4 = 32_767

TABLE = """
CREATE TABLE sector (
    code TEXT PRIMARY KEY, lat_e4 INTEGER NOT NULL, lon_e4 INTEGER NOT NULL, units BLOB NOT NULL, points BLOB NOT NULL
);
"""
_BY_CODE = "SELECT lat_e4, lon_e4, units, points FROM sector WHERE code = ?"
_INSERT = "INSERT INTO sector VALUES (?, ?, ?, ?, ?)"


class Point(NamedTuple):
    """Degrees times 10,000, and about how far from there the doors are."""

    lat_e4: int
    lon_e4: int
    precision_m: int


def number_of(unit: str) -> int | None:
    """The number of two capital letters, below 400; None of what no postcode ends with."""
    return _NUMBERS.get(unit)


def insert(connection: sqlite3.Connection, code: str, middle: tuple[int, int], points: dict[int, Point]) -> None:
    """Write the row of one sector, such as "PE1 1"; `points` by the number of their unit."""
    near = {number: point for number, point in points.items() if _is_near(point, middle)}
    bitmap = sum(1 << number for number in near).to_bytes(_BITMAP_BYTES, "little")
    packed = b"".join(_pack(near[number], middle) for number in sorted(near))
    connection.execute(_INSERT, (code, *middle, bitmap, packed))


def _is_near(point: Point, middle: tuple[int, int]) -> bool:
    return max(abs(point.lat_e4 - middle[0]), abs(point.lon_e4 - middle[1])) <= _FARTHEST_E4


def _pack(point: Point, middle: tuple[int, int]) -> bytes:
    steps = min(_MOST_STEPS, -(-point.precision_m // _STEP_M))
    return _PACKED.pack(point.lat_e4 - middle[0], point.lon_e4 - middle[1], steps)


def find(connection: sqlite3.Connection, sector: str, unit: str) -> Point | None:
    """The point of "PE1 1", "XS". None where there is no such postcode."""
    number, row = number_of(unit), connection.execute(_BY_CODE, (sector,)).fetchone()
    if number is None or row is None:
        return None
    lat, lon, bitmap, packed = row
    exist = int.from_bytes(bitmap, "little")
    if not exist >> number & 1:
        return None
    before = (exist & (1 << number) - 1).bit_count()
    north, east, steps = _PACKED.unpack_from(packed, before * _PACKED.size)
    return Point(lat + north, lon + east, steps * _STEP_M)
