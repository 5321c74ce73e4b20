"""Which part of the world a map shows: what fits, or what a link asks for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import cos, floor, inf, log2, radians

from node.places.gazetteer import Place
from node.search.spots import Box, Spot

from . import projection
from .clusters import Cluster, Placed
from .land import LEVELS, Window
from .projection import HEIGHT, MAX_ZOOM, MIN_ZOOM, STEP, WIDTH

#: (latitude, longitude) in degrees.
Point = tuple[float, float]
#: Units between the outermost points and the edge of the map, and nearer to which to the edge no pin has room.
_AROUND, EDGE = 40, 14
#: Where one point is all there is: a town and what lies around it.
_CLOSE = 9.0
#: As near to a pole there is no plane but Miller's.
_POLAR_ZOOM = 1.5
#: Views further away than this count cells of the directory's grid, and not runs: a cell is two units there.
_CELLS_BEFORE = 5.0
#: By how much closer a cluster's own view is.
_LEAST_STEP, _MOST_STEP = 1.0, 4.0
#: Units that are worth a link to another view.
_LEAST_MOVE = 8.0
#: What lies no further apart is one point, in metres; and what a unit is at zoom 0, at the equator.
_SAME_M, _UNIT_M = 100.0, 100_188.0
#: Of latitude, in metres; and what lies further north or south is no town.
_DEGREE_M, _MOST_LAT = 111_320, 75.0
_ADDRESS = re.compile(r"(-?\d{1,2}(?:\.\d{1,3})?),(-?\d{1,3}(?:\.\d{1,3})?),(\d{1,2}(?:\.5)?)\Z", re.ASCII)


@dataclass(frozen=True)
class View:
    """The middle of a map in degrees, and its zoom: 0 shows the world; each 1 more shows half as much."""

    lat: float
    lon: float
    zoom: float

    @property
    def address(self) -> str:
        """As it stands in a link: "51.51,-0.09,9"."""
        return f"{self.lat:.7g},{self.lon:.7g},{self.zoom:g}"

    @property
    def level(self) -> int:
        """The level at which land is drawn."""
        return min(floor(self.zoom), LEVELS[-1])

    @property
    def counts_cells(self) -> bool:
        """Whether runs of one cell of the directory's grid are one point here."""
        return self.zoom < _CELLS_BEFORE

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a point lies on the map."""
        first, step, plane, back = self._across
        return (first + lon * 10_000 * step) % plane + back, self._line(lat)

    def placed(self, spots: Iterable[Spot]) -> Iterator[Placed]:
        """Those of them whose pins have room, at their places."""
        first, step, plane, back = self._across
        lines = dict[int, float]()
        for lat_e4, lon_e4, count, row in spots:
            x = (first + lon_e4 * step) % plane + back
            if EDGE <= x <= WIDTH - EDGE:
                if (y := lines.get(lat_e4, inf)) is inf:
                    y = lines[lat_e4] = self._line(lat_e4 / 10_000)
                if EDGE <= y <= HEIGHT - EDGE:
                    yield x, y, count, row

    def window(self, level: int) -> Window:
        """What it shows of a level's plane."""
        left, upper = self._corner
        scale = 2 ** (self.zoom - level)
        return Window(left / scale, upper / scale, (left + WIDTH) / scale, (upper + HEIGHT) / scale)

    def box(self) -> Box:
        """What it shows of the globe; all of it where the map goes round the world."""
        (north, west), (south, _) = self.point_at(0, 0), self.point_at(0, HEIGHT)
        across = WIDTH / projection.plane(self.zoom) * 360
        if across >= 360:
            return Box(south_e4=_e4(south), north_e4=_e4(north))
        return Box(_e4(south), _e4(west), _e4(north), _e4(west + across))

    def point_at(self, x: float, y: float) -> Point:
        """The point of the globe that lies there."""
        left, upper = self._corner
        return projection.lat_of(upper + y, self.zoom), projection.lon_of(left + x, self.zoom)

    def zoomed(self, by: float) -> "View | None":
        """The same middle, closer or further away; None where there is no such view."""
        found = view_of(self.lat, self.lon, self.zoom + by)
        return found if found.zoom != self.zoom else None

    def moved(self, east: int, south: int) -> "View | None":
        """The same zoom half a map further; None where the map ends, and where it goes round the world already."""
        if east and projection.plane(self.zoom) <= WIDTH:
            return None
        found = view_of(*self.point_at(WIDTH / 2 * (1 + east), HEIGHT / 2 * (1 + south)), self.zoom)
        is_there = abs(found._corner[1] - self._corner[1]) < _LEAST_MOVE
        return None if found.zoom != self.zoom or (south and is_there) else found

    def closer(self, one: Cluster) -> "View | None":
        """The view in which the runs of a cluster have room, some steps closer at most. None where no view shows them
        apart.
        """
        across, down = one.right - one.left, one.bottom - one.top
        most = min(MAX_ZOOM, self.zoom + _MOST_STEP)
        if self.zoom + _LEAST_STEP > MAX_ZOOM or (not self.counts_cells and max(across, down) <= self._same):
            return None
        room = min((WIDTH - 2 * _AROUND) / max(across, 1), (HEIGHT - 2 * _AROUND) / max(down, 1))
        zoom = floor((self.zoom + log2(room)) / STEP) * STEP
        middle = self.point_at((one.left + one.right) / 2, (one.top + one.bottom) / 2)
        found = view_of(*middle, max(self.zoom + _LEAST_STEP, min(zoom, most)))
        return found if found.zoom > self.zoom else None

    def _line(self, lat: float) -> float:
        """How far below its upper edge a latitude is. A pole at the very edge is put where a pin has room."""
        y = projection.y_of(lat, self.zoom) - self._corner[1]
        return max(EDGE, min(HEIGHT - EDGE, y)) if projection.is_near_a_pole(lat) else y

    @property
    def _same(self) -> float:
        return _SAME_M / _UNIT_M * float(2**self.zoom)

    @cached_property
    def _across(self) -> tuple[float, float, float, float]:
        """(first, step, plane, back): a longitude, in degrees times 10,000, lies `(first + it * step) % plane + back`
        units from the left edge, in that round of the world that is nearest to the middle.
        """
        plane = projection.plane(self.zoom)
        back = (WIDTH - plane) / 2
        return projection.x_of(0, self.zoom) - self._corner[0] - back, plane / 3_600_000, plane, back

    @cached_property
    def _corner(self) -> tuple[float, float]:
        """The upper left corner in the plane, which the map does not leave above or below."""
        y = projection.y_of(self.lat, self.zoom)
        top, bottom = projection.y_of(90, self.zoom) + HEIGHT / 2, projection.y_of(-90, self.zoom) - HEIGHT / 2
        # A plane that is lower than the map stands on its lower edge: the south is land, the north is water.
        middle = max(top, min(bottom, y)) if top <= bottom else bottom
        return projection.x_of(self.lon, self.zoom) - WIDTH / 2, middle - HEIGHT / 2


def view_of(lat: float, lon: float, zoom: float) -> View:
    """A view in steps, so that many readers have the same one."""
    steps = round(max(MIN_ZOOM, min(MAX_ZOOM, zoom)) / STEP) * STEP
    if projection.is_near_a_pole(lat):
        steps = min(steps, _POLAR_ZOOM)
    decimals = 1 if steps < 6 else 2 if steps < 9 else 3
    return View(round(lat, decimals) + 0.0, round((lon + 180) % 360 - 180, decimals) + 0.0, steps)


def read(address: str) -> View | None:
    """The view that a link asks for; None where it asks for none that there is."""
    found = _ADDRESS.match(address)
    if found is None:
        return None
    lat, lon, zoom = map(float, found.groups())
    inside = abs(lat) <= 90 and abs(lon) <= 180 and MIN_ZOOM <= zoom <= MAX_ZOOM
    return view_of(lat, lon, zoom) if inside else None


def fit(points: Iterable[Point]) -> View | None:
    """The closest view that shows all points; None where there are none."""
    # Many thousand points on a grid have few latitudes and longitudes.
    latitudes, longitudes = set[float](), set[float]()
    for lat, lon in points:
        latitudes.add(lat)
        longitudes.add(lon)
    if not latitudes:
        return None
    south, north = min(latitudes), max(latitudes)
    west, across = _arc(longitudes)
    zoom = _POLAR_ZOOM if projection.is_near_a_pole(south) or projection.is_near_a_pole(north) else _CLOSE
    while zoom > MIN_ZOOM and not _has_room(south, north, across, zoom):
        zoom -= STEP
    middle = (projection.y_of(south, zoom) + projection.y_of(north, zoom)) / 2
    return view_of(projection.lat_of(middle, zoom), west + across / 2, zoom)


def area(place: Place) -> list[Point]:
    """The outermost points of an area, as far as its middle and its reach tell."""
    lat, lon, up = place.lat_e4 / 10_000, place.lon_e4 / 10_000, place.radius_m / _DEGREE_M
    across = up / cos(radians(lat))
    return [(max(lat - up, -_MOST_LAT), lon), (min(lat + up, _MOST_LAT), lon), (lat, lon - across), (lat, lon + across)]


def _has_room(south: float, north: float, across: float, zoom: float) -> bool:
    height = projection.y_of(south, zoom) - projection.y_of(north, zoom)
    return height <= HEIGHT - 2 * _AROUND and across / 360 * projection.plane(zoom) <= WIDTH - 2 * _AROUND


def _arc(longitudes: set[float]) -> tuple[float, float]:
    """(west, degrees across) of the shortest arc that holds all longitudes: what is left beside the widest gap."""
    ordered = sorted({lon % 360 for lon in longitudes})
    gap, west = max((b - a, b) for a, b in zip(ordered, [*ordered[1:], ordered[0] + 360], strict=True))
    return west, 360 - gap


def _e4(degrees: float) -> int:
    return round(degrees * 10_000)
