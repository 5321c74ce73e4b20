"""The land, the water and the towns of a map, from a file of tiles that `python -m deploy.mapdata` makes.

The file is opened for one map and closed again, so that no land lies in memory. A tile is drawn at its level already:
its paths are put together as they are.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from math import ceil, floor
from pathlib import Path
from typing import NamedTuple

LAND = Path(__file__).parent / "land.sqlite"
#: The zooms at which land is drawn; closer views are the last one, enlarged.
LEVELS = range(7)
TOWN_LEVELS = range(2, 11)
#: The side of a tile in units, and a unit in the numbers of its paths.
TILE, HALVES = 100, 2
#: Tiles around the world at level 0.
_AROUND = 4
PARTS = ("land", "water", "borders", "rivers")
_TILES = f"""
SELECT {", ".join(PARTS)} FROM tile WHERE level = ? AND line BETWEEN ? AND ? AND first <= ? AND first + count > ?
"""  # noqa: S608 - our own words
_TOWNS = """
SELECT name, lat_e4, lon_e4 FROM town WHERE level = ? AND line BETWEEN ? AND ? AND first BETWEEN ? AND ?
"""


class Window(NamedTuple):
    """A part of a level's plane, in units. Its right edge may lie past 180 degrees east."""

    west: float
    north: float
    east: float
    south: float


class Town(NamedTuple):
    """A town that is named on a map."""

    name: str
    lat_e4: int
    lon_e4: int


class Piece(NamedTuple):
    """The paths of a window up to an edge of the world, in half units. `shift`: by how many units of its level the
    piece is to be moved right.
    """

    shift: int
    land: str
    water: str
    borders: str
    rivers: str

    @property
    def letters(self) -> int:
        """How many of them a page would have."""
        return sum(map(len, self[1:]))


@contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    """For one map."""
    with closing(sqlite3.connect(f"{LAND.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        yield connection


def pieces(land: sqlite3.Connection, level: int, window: Window) -> list[Piece]:
    """What is drawn of a window: one piece, or two where it lies across 180 degrees."""
    return [
        Piece(shift, *("".join(every) for every in zip(*tiles, strict=True)))
        for shift, (first, last) in _spans(level, window)
        if (tiles := land.execute(_TILES, (level, *_lines(window), last, first)).fetchall())
    ]


def towns(land: sqlite3.Connection, windows: Mapping[int, Window]) -> list[Town]:
    """The towns that are named on levels, in a window of each; the largest on the first levels."""
    return [
        Town(*row)
        for level, window in windows.items()
        for _, columns in _spans(level, window)
        for row in land.execute(_TOWNS, (level, *_lines(window), *columns))
    ]


def has_coarser(level: int) -> bool:
    """Whether the level before is of the same plane: level 1 is Miller's, level 2 Mercator's."""
    return level not in (0, 2)


def _lines(window: Window) -> tuple[int, int]:
    return floor(window.north / TILE), ceil(window.south / TILE) - 1


def _spans(level: int, window: Window) -> Iterator[tuple[int, tuple[int, int]]]:
    """(shift, (first, last column)) for each round of the world that the window lies in."""
    around = _AROUND * 2**level
    first, last = floor(window.west / TILE), ceil(window.east / TILE) - 1
    for turn in range(first // around, last // around + 1):
        start = turn * around
        yield start * TILE, (max(first - start, 0), min(last - start, around - 1))
