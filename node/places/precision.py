"""How exact a point is: about how far from it, in metres, the spot may be that somebody means."""

from math import ceil, isqrt

#: A pin on a map is for points that are this exact. From there one sees who is waiting.
PIN_M = 100
#: Nobody means a corner of a hamlet by its name.
_LEAST_TOWN_M = 500
#: We keep four decimals, which is to six metres; a phone is no better.
LEAST_M = 10
#: Half of a degree of latitude, and so the most that a number without decimals is off.
_HALF_DEGREE_M = 55_660


def of_town(people: int) -> int:
    """The radius of a town of so many people: a kilometre for ten thousand, five for a quarter of a million."""
    return max(_LEAST_TOWN_M, 10 * isqrt(people))


def of_decimals(lat: int, lon: int) -> int:
    """Of two numbers in degrees with so many decimals. A zero at the end of one may have been left out, so the
    other one decides.
    """
    return of_step(10.0 ** -max(lat, lon))


def of_step(degrees: float) -> int:
    """Of numbers whose last digit is worth so many degrees."""
    return max(LEAST_M, ceil(degrees * _HALF_DEGREE_M))


def is_a_pin(precision_m: int | None) -> bool:
    """Whether a link to that very point leads people right. None, which is not known, is taken for exact."""
    return precision_m is None or precision_m <= PIN_M
