"""From degrees to the plane of a map, and back. Pure.

The plane of a zoom is a square of `plane(zoom)` units, with 180 degrees west at its left edge and the equator in its
middle. From zoom 2 on it is Mercator's, so that small shapes are right everywhere. Before, it is Miller's: the whole
world is to be seen, with its poles, and nobody measures a shape.
"""

from math import atan, degrees, exp, log, pi, radians, tan

#: What a map shows of its plane, in units.
WIDTH, HEIGHT = 400, 320
#: The furthest and the closest view; a view may lie half-way between two zooms.
MIN_ZOOM, MAX_ZOOM, STEP = 0.0, 11.0, 0.5
#: From here on Mercator's plane.
_MERCATOR_FROM = 2
#: Mercator has no poles: its square ends here. Miller's plane has them.
_MERCATOR_END = 85.0511
#: Miller's plane is Mercator's of four fifths of the latitude, stretched back.
_MILLER = 0.8


def plane(zoom: float) -> float:
    """How wide the whole world is, in units."""
    return float(WIDTH * 2.0**zoom)


def is_near_a_pole(lat: float) -> bool:
    """Whether Mercator's plane has no room for that latitude."""
    return abs(lat) > _MERCATOR_END - 1


def x_of(lon: float, zoom: float) -> float:
    """Units from the left edge."""
    return (lon + 180) / 360 * plane(zoom)


def y_of(lat: float, zoom: float) -> float:
    """Units from the upper edge. What lies nearer to a pole than the plane reaches is put at its edge."""
    part, end = _part(zoom)
    shown = max(-end, min(end, lat))
    return (0.5 - log(tan(pi / 4 + radians(shown) * part / 2)) / part / (2 * pi)) * plane(zoom)


def lon_of(x: float, zoom: float) -> float:
    """Degrees from -180 up to 180, however often `x` goes round the world."""
    return x / plane(zoom) * 360 % 360 - 180


def lat_of(y: float, zoom: float) -> float:
    """Degrees."""
    part, end = _part(zoom)
    across = (0.5 - y / plane(zoom)) * 2 * pi * part
    return max(-end, min(end, degrees((2 * atan(exp(across)) - pi / 2) / part)))


def _part(zoom: float) -> tuple[float, float]:
    return (1.0, _MERCATOR_END) if zoom >= _MERCATOR_FROM else (_MILLER, 90.0)
