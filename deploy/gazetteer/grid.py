"""From Great Britain's National Grid to the latitudes and longitudes of a phone.

Section numbers and names are those of Ordnance Survey's "A guide to coordinate systems in Great Britain". Seven numbers
for the whole country, right to about 5 m, and a sector of postcodes is kilometres wide: a library for it weighs 30 MB.
"""

from math import atan2, cos, degrees, hypot, radians, sin, sqrt, tan

#: Half axes of the ellipsoids in metres: Airy 1830, which the grid is drawn on, and WGS 84.
_AIRY = (6_377_563.396, 6_356_256.909)
_WGS84 = (6_378_137.000, 6_356_752.3142)
#: Annexe A: scale on the central meridian, true origin (degrees), and that origin on the grid (metres).
_SCALE, _LAT0, _LON0, _EAST0, _NORTH0 = 0.9996012717, radians(49), radians(-2), 400_000, -100_000
#: Section 6.6, turned round, from OSGB36 to WGS 84: metres, parts, radians.
_SHIFT = (446.448, -125.157, 542.060)
_GROWTH = -20.4894e-6
_TURN = tuple(radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))


def to_wgs84(east: float, north: float) -> tuple[float, float]:
    """(latitude, longitude) in degrees of a point on the grid, in metres."""
    x, y, z = _moved(*_cartesian(*_unprojected(east, north)))
    return _geodetic(x, y, z)


def _unprojected(east: float, north: float) -> tuple[float, float]:
    """Annexe C.2: (latitude, longitude) on Airy's ellipsoid, in radians."""
    a, b = _AIRY
    e2 = 1 - (b / a) ** 2
    lat = _foot(north)
    nu = a * _SCALE / sqrt(1 - e2 * sin(lat) ** 2)
    rho = nu * (1 - e2) / (1 - e2 * sin(lat) ** 2)
    eta2, t, d = nu / rho - 1, tan(lat), (east - _EAST0) / nu
    seventh = t / 2 - t / 24 * (5 + 3 * t**2 + eta2 - 9 * t**2 * eta2) * d**2
    seventh += t / 720 * (61 + 90 * t**2 + 45 * t**4) * d**4
    tenth = 1 - (nu / rho + 2 * t**2) / 6 * d**2 + (5 + 28 * t**2 + 24 * t**4) / 120 * d**4
    tenth -= (61 + 662 * t**2 + 1320 * t**4 + 720 * t**6) / 5040 * d**6
    return lat - seventh * d**2 * nu / rho, _LON0 + tenth * d / cos(lat)


def _foot(north: float) -> float:
    """The latitude at which the central meridian has that northing, to a tenth of a millimetre."""
    lat, rest = _LAT0, north - _NORTH0
    while abs(rest) > 0.0001:
        lat += rest / (_AIRY[0] * _SCALE)
        rest = north - _NORTH0 - _meridian(lat)
    return lat


def _meridian(lat: float) -> float:
    """Annexe C.1, M: metres along the central meridian from the true origin."""
    a, b = _AIRY
    n = (a - b) / (a + b)
    less, more = lat - _LAT0, lat + _LAT0
    arc = (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * less
    arc -= (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(less) * cos(more)
    arc += (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * less) * cos(2 * more)
    arc -= 35 / 24 * n**3 * sin(3 * less) * cos(3 * more)
    return b * _SCALE * arc


def _cartesian(lat: float, lon: float) -> tuple[float, float, float]:
    """Annexe B.1, on the ground of Airy's ellipsoid."""
    a, b = _AIRY
    nu = a / sqrt(1 - (1 - (b / a) ** 2) * sin(lat) ** 2)
    return nu * cos(lat) * cos(lon), nu * cos(lat) * sin(lon), (b / a) ** 2 * nu * sin(lat)


def _moved(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Section 6.2: Helmert's transformation."""
    (dx, dy, dz), (rx, ry, rz), scale = _SHIFT, _TURN, 1 + _GROWTH
    return dx + scale * x - rz * y + ry * z, dy + rz * x + scale * y - rx * z, dz - ry * x + rx * y + scale * z


def _geodetic(x: float, y: float, z: float) -> tuple[float, float]:
    """Annexe B.2: on WGS 84, in degrees."""
    a, b = _WGS84
    e2, p = 1 - (b / a) ** 2, hypot(x, y)
    lat = atan2(z, p * (1 - e2))
    for _ in range(4):  # each turn makes it a hundred times as right
        nu = a / sqrt(1 - e2 * sin(lat) ** 2)
        lat = atan2(z + e2 * nu * sin(lat), p)
    return degrees(lat), degrees(atan2(y, x))
