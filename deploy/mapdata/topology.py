"""From TopoJSON to rings and lines in degrees. A ring goes on over the antimeridian: its longitudes may pass 180."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any

#: (longitude, latitude) in degrees.
Line = list[tuple[float, float]]
_POLE = 90.0


class Topology:
    """One TopoJSON file."""

    def __init__(self, path: Path) -> None:
        self._read = json.loads(path.read_text())
        (self._dx, self._dy), (self._x, self._y) = (self._read["transform"][name] for name in ("scale", "translate"))
        self._arcs = [self._line(arc) for arc in self._read["arcs"]]

    def rings(self, name: str) -> Iterator[Line]:
        """The rings of all polygons of an object, holes too."""
        for geometry in self._geometries(name):
            for ring in _rings_of(geometry):
                yield _closed(_unwrapped(self._joined(ring)))

    def lines(self, name: str) -> Iterator[Line]:
        """The lines of an object."""
        for geometry in self._geometries(name):
            every = geometry["arcs"] if geometry["type"] == "MultiLineString" else [geometry["arcs"]]
            for line in every:
                yield _unwrapped(self._joined(line))

    def borders(self, name: str) -> Iterator[Line]:
        """The lines between two polygons of an object. Each end that three borders share is an end of each."""
        used = Counter(arc if arc >= 0 else ~arc for one in self._geometries(name) for arc in _arcs_of(one))
        for number, count in sorted(used.items()):
            if count > 1:
                yield _unwrapped(self._arcs[number])

    def _geometries(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._read["objects"][name]["geometries"]
        return found

    def _line(self, arc: list[list[int]]) -> Line:
        line, x, y = [], 0, 0
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * self._dx + self._x, y * self._dy + self._y))
        return line

    def _joined(self, arcs: Iterable[int]) -> Line:
        line: Line = []
        for number in arcs:
            arc = self._arcs[number] if number >= 0 else self._arcs[~number][::-1]
            line += arc[1:] if line else arc
        return line


def _rings_of(geometry: dict[str, Any]) -> Iterator[list[int]]:
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return (ring for polygon in polygons for ring in polygon)


def _arcs_of(geometry: dict[str, Any]) -> Iterator[int]:
    return (arc for ring in _rings_of(geometry) for arc in ring)


def _unwrapped(line: Line) -> Line:
    """The same line without a leap from one edge of the world to the other."""

    def go_on(made: Line, point: tuple[float, float]) -> Line:
        lon, lat = point
        made.append((lon - 360 * round((lon - made[-1][0]) / 360), lat))
        return made

    return reduce(go_on, line[1:], line[:1])


def _closed(ring: Line) -> Line:
    """A ring around a pole does not come back to its longitude: it is led over the pole."""
    if abs(ring[-1][0] - ring[0][0]) < 180:
        return ring
    pole = _POLE if ring[0][1] > 0 else -_POLE
    return [*ring, (ring[-1][0], pole), (ring[0][0], pole), ring[0]]
