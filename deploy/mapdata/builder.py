"""From shapes in degrees to tiles of SVG paths, level by level, and to the towns that are named on them."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import groupby, pairwise, product
from math import dist
from pathlib import Path

from node.places import gazetteer
from web.maps import projection
from web.maps.land import HALVES, LEVELS, PARTS, TILE, TOWN_LEVELS

from .shapes import Shape, area, simplified, tiles_of_line, tiles_of_ring
from .topology import Line, Topology

#: In units of the map, as all lengths here but in paths, which count half units.
_TOLERANCE = 0.85
#: No island and no lake is smaller.
_LEAST_AREA = 4.0
#: No two towns are named nearer to each other on one level.
_TOWNS_APART = 38.0
#: Before a closer level, no smaller town is named, however empty the map is: nobody looks for it there.
_LEAST_PEOPLE = {2: 1_000_000, 3: 400_000, 4: 150_000, 5: 60_000}
#: From which level on a part is drawn: before it, it would only be restless.
_FROM = {"land": 0, "water": 2, "borders": 2, "rivers": 4}
_TOWNS = """
SELECT name, lat_e4, lon_e4, population FROM place
WHERE population >= 30000 AND radius_m = 0 ORDER BY population DESC, id
"""
_TABLES = """
CREATE TABLE tile (
    level INTEGER NOT NULL, line INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
    land TEXT NOT NULL, water TEXT NOT NULL, borders TEXT NOT NULL, rivers TEXT NOT NULL,
    PRIMARY KEY (level, line, first)
) WITHOUT ROWID;
CREATE TABLE town (
    level INTEGER NOT NULL, line INTEGER NOT NULL, first INTEGER NOT NULL,
    name TEXT NOT NULL, lat_e4 INTEGER NOT NULL, lon_e4 INTEGER NOT NULL,
    PRIMARY KEY (level, line, first, lat_e4, lon_e4)
) WITHOUT ROWID;
"""
#: (line, column) to the path of each part.
Tiles = dict[tuple[int, int], dict[str, str]]
Cut = Callable[[Shape, float], Iterator[tuple[int, int, Shape]]]


def build(coasts: Path, waters: Path, target: Path) -> int:
    """Write the land to `target`; how many tiles it has. The same data make the same bytes."""
    target.unlink(missing_ok=True)
    parts = _parts(Topology(coasts), Topology(waters))
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA page_size=4096;" + _TABLES + "BEGIN;")
        count = sum(_fill_in(connection, level, parts) for level in LEVELS)
        _fill_in_towns(connection)
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    return count


def _parts(coasts: Topology, waters: Topology) -> dict[str, list[Line]]:
    return {
        "land": list(coasts.rings("land")),
        "water": list(waters.rings("lakes")),
        "borders": list(coasts.borders("countries")),
        "rivers": list(waters.lines("rivers")),
    }


def _fill_in(connection: sqlite3.Connection, level: int, parts: dict[str, list[Line]]) -> int:
    """Write the tiles of a level; how many."""
    tiles: Tiles = defaultdict(lambda: dict.fromkeys(PARTS, ""))
    whole = {part: _draw_areas(tiles, part, level, parts[part]) for part in ("land", "water") if level >= _FROM[part]}
    for part in ("borders", "rivers"):
        if level >= _FROM[part]:
            _draw_lines(tiles, part, level, parts[part])
    for tile in whole.get("water", ()):
        tiles[tile]["water"] += _square(*tile, 1)
    for tile in whole["land"] & tiles.keys():
        tiles[tile]["land"] += _square(*tile, 1)
    rows = [(level, *tile, 1, *paths.values()) for tile, paths in tiles.items()]
    # The inside of a continent has no coast: its tiles side by side are one.
    rows += [(level, *run, _square(*run), "", "", "") for run in _runs(whole["land"] - tiles.keys())]
    connection.executemany("INSERT INTO tile VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sorted(rows))
    return len(rows)


def _draw_areas(tiles: Tiles, part: str, level: int, rings: Iterable[Line]) -> set[tuple[int, int]]:
    """Draw what fills a tile in part; the tiles that are filled whole."""
    whole: set[tuple[int, int]] = set()
    for ring in rings:
        shape = _plane(ring, level)
        if area(shape) < _LEAST_AREA:
            continue
        for line, column, cut in _tiles(simplified(shape, _TOLERANCE), level, tiles_of_ring):
            if area(cut) >= TILE * TILE * 0.99999:
                whole ^= {(line, column)}
            else:
                tiles[line, column][part] += _path(cut, is_ring=True)
    return whole


def _draw_lines(tiles: Tiles, part: str, level: int, lines: Iterable[Line]) -> None:
    for every in lines:
        shape = simplified(_plane(every, level), _TOLERANCE)
        for line, column, cut in _tiles(shape, level, tiles_of_line):
            tiles[line, column][part] += _path(cut, is_ring=False)


def _plane(line: Line, level: int) -> Shape:
    return [(projection.x_of(lon, level), projection.y_of(lat, level)) for lon, lat in line]


def _tiles(shape: Shape, level: int, cut: Cut) -> Iterator[tuple[int, int, Shape]]:
    """(line, column, shape) of each tile, all of them on the one plane that begins at 180 degrees west."""
    width = projection.plane(level)
    columns = round(width / TILE)
    for column, line, part in cut(shape, TILE):
        rounds = column // columns
        if 0 <= line < columns:
            yield line, column - rounds * columns, [(x - rounds * width, y) for x, y in part]


def _path(shape: Shape, *, is_ring: bool) -> str:
    """An SVG path; nothing for what is too small to be seen."""
    points = [(round(x * HALVES), round(y * HALVES)) for x, y in shape]
    points = [point for point, _ in groupby(points)]
    if is_ring:
        points = points[:-1]
    if len(points) < (3 if is_ring else 2) or (is_ring and not area([*map(_floats, points), _floats(points[0])])):
        return ""
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
    numbers = "".join(_number(n) for step in _joined(steps) for n in step)
    return f"M{points[0][0]}{_number(points[0][1])}l{numbers.lstrip()}" + ("z" if is_ring else "")


def _floats(point: tuple[int, int]) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _joined(steps: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Steps in one direction along an edge of a tile, as one step."""
    for direction, group in groupby(steps, key=lambda step: (_sign(step[0]), _sign(step[1])) if 0 in step else None):
        same = list(group)
        yield from same if direction is None else [(sum(x for x, _ in same), sum(y for _, y in same))]


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _number(number: int) -> str:
    return f"{number}" if number < 0 else f" {number}"


def _square(line: int, column: int, count: int) -> str:
    side = TILE * HALVES
    return f"M{column * side} {line * side}h{count * side}v{side}h-{count * side}z"


def _runs(tiles: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """(line, first column, columns) of tiles side by side."""
    numbered = enumerate(sorted(tiles))
    for _, group in groupby(numbered, key=lambda one: (one[1][0], one[1][1] - one[0])):
        run = [tile for _, tile in group]
        yield (*run[0], len(run))


def _fill_in_towns(connection: sqlite3.Connection) -> None:
    """Each town once, at the first level at which no larger one that is named there lies near."""
    named: dict[int, dict[tuple[int, int], list[tuple[float, float]]]] = {
        level: defaultdict(list) for level in TOWN_LEVELS
    }
    with gazetteer.opened() as places:
        towns = places.execute(_TOWNS).fetchall()
    for name, lat_e4, lon_e4, people in towns:
        levels = [level for level in TOWN_LEVELS if people >= _LEAST_PEOPLE.get(level, 0)]
        at = {level: _place_of(level, lat_e4 / 10_000, lon_e4 / 10_000) for level in levels}
        first = next((level for level, place in at.items() if not _is_near(named[level], place)), None)
        if first is None:
            continue
        for level in range(first, TOWN_LEVELS.stop):
            named[level][_square_of(at[level], _TOWNS_APART)].append(at[level])
        column, line = _square_of(at[first], TILE)
        connection.execute("INSERT INTO town VALUES (?, ?, ?, ?, ?, ?)", (first, line, column, name, lat_e4, lon_e4))


def _place_of(level: int, lat: float, lon: float) -> tuple[float, float]:
    return projection.x_of(lon, level), projection.y_of(lat, level)


def _square_of(place: tuple[float, float], side: float) -> tuple[int, int]:
    return int(place[0] // side), int(place[1] // side)


def _is_near(named: dict[tuple[int, int], list[tuple[float, float]]], place: tuple[float, float]) -> bool:
    column, line = _square_of(place, _TOWNS_APART)
    around = product(range(column - 1, column + 2), range(line - 1, line + 2))
    return any(dist(place, other) < _TOWNS_APART for square in around for other in named.get(square, ()))
