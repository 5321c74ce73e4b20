"""A point on the globe as maps, phones and share links give it."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_plus

from federation.documents import MAX_PRECISION_M
from node.places import precision

from ..words.times import FEET_PER_METRE, degrees, reads_miles
from .lengths import read_way

Point = tuple[int, int]

_NUMBER = r"[+-]?\d{1,3}(?:[.,]\d{1,20})?"
_SIDE = r"[NSEWnsew]"
_DEGREES = r"(?:°|º|deg(?:rees)?\b|d(?=\s*\d))"
_MINUTES = r"(?:'|min\b|m(?=\s*\d|\s*[NSEW]))"
_SECONDS = r"(?:\"|''|sec\b|s(?=\s*[NSEW]))"
#: Latitude or longitude: degrees, then perhaps minutes and seconds, with the side before or after them.
_ANGLE = re.compile(
    rf"(?P<before>{_SIDE})?\s*(?P<degrees>{_NUMBER})\s*{_DEGREES}?"
    rf"(?:\s*(?P<minutes>\d{{1,2}}(?:[.,]\d{{1,20}})?)\s*{_MINUTES}\s*"
    rf"(?:(?P<seconds>\d{{1,2}}(?:[.,]\d{{1,20}})?)\s*{_SECONDS})?)?"
    rf"\s*(?P<after>(?:{_SIDE})(?![A-Za-z]))?",
)
#: Minutes and seconds as bare numbers: only with the side named after them ("51 30 36.4 N").
_BARE = re.compile(
    rf"(?P<degrees>\d{{1,3}})[\s:-]+(?P<minutes>\d{{1,2}}(?:[.,]\d{{1,20}})?)"
    rf"(?:[\s:-]+(?P<seconds>\d{{1,2}}(?:[.,]\d{{1,20}})?))?\s*(?P<after>{_SIDE})(?![A-Za-z])(?P<before>)"
)
_BETWEEN = re.compile(r"\s*[,;/|]\s*|\s+|(?<=[NSEWnsew])(?=\d)")
#: The two numbers in a link. A spot that was tapped counts before the middle of the map.
_IN_LINKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"!3d(?P<lat>-?\d{1,2}(?:\.\d+)?)!4d(?P<lon>-?\d{1,3}(?:\.\d+)?)",
        r"[?&]mlat=(?P<lat>-?\d{1,2}(?:\.\d+)?)&mlon=(?P<lon>-?\d{1,3}(?:\.\d+)?)",
        r"[?&](?:q|query|ll|sll|daddr|destination|coordinate|center|loc)=(?:loc:)?\s*"
        r"(?P<lat>-?\d{1,2}(?:\.\d+)?)\s*[,\s]\s*(?P<lon>[+-]?\d{1,3}(?:\.\d+)?)",
        r"^[Gg][Ee][Oo]:(?P<lat>-?\d{1,2}(?:\.\d+)?),(?P<lon>-?\d{1,3}(?:\.\d+)?)",
        r"/(?:search|place|dir/[^/]*)/(?P<lat>-?\d{1,2}\.\d+),\s*(?P<lon>[+-]?\d{1,3}\.\d+)",
        r"@(?P<lat>-?\d{1,2}(?:\.\d+)?),(?P<lon>-?\d{1,3}(?:\.\d+)?)",
        r"#map=[\d.]+/(?P<lat>-?\d{1,2}(?:\.\d+)?)/(?P<lon>-?\d{1,3}(?:\.\d+)?)",
    )
)
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2032\u2019\u2018\u00b4\u02b9\u02bc`", "'"),
        **dict.fromkeys("\u2033\u201d\u201c\u02ba\u3003", '"'),
        **dict.fromkeys("\u02da\u00ba\u2218", "°"),
        **dict.fromkeys("()[]{}", " "),
    }
)


#: How our own forms say that a point is not exact.
_WITHIN = re.compile(r"\s*±\s*(?P<way>\d{1,6}\s*(?:m|feet|ft))\s*$")


class _Angle(NamedTuple):
    """Degrees, the side that is named or nothing, and what the last digit is worth, in degrees."""

    degrees: float
    side: str
    step: float


class _Reading(NamedTuple):
    lat: float
    lon: float
    step: float


def is_link(text: str) -> bool:
    """Whether a web address, or a `geo:` one, was pasted."""
    return bool(re.match(r"\s*(?:https?:|geo:|www\.|maps\.|goo\.gl|osm\.org)", text, re.IGNORECASE))


def read_point(text: str) -> Point | None:
    """(lat, lon) in degrees times 10,000, as "51.5101, -0.0860" and as maps write it; None for anything else.

    Numbers beyond the globe are read as they are. The form says what is wrong with them.
    """
    reading = _read(text)
    return (_e4(reading.lat), _e4(reading.lon)) if reading else None


def read_precision(text: str) -> int | None:
    """About how far from that point the spot may be, in metres: as the text says, or else by its last digits."""
    said, reading = _WITHIN.search(text), _read(text)
    if reading is None:
        return None
    metres = read_way(said["way"]) if said else None
    return precision.of_step(reading.step) if metres is None else min(MAX_PRECISION_M, max(1, metres))


def write_point(lat_e4: int, lon_e4: int, precision_m: int | None) -> str:
    """The numbers as a form has them: "52.5731, -0.2416 ±40 m" where they are not exact to their last digit. Feet are
    whole: read again, they are the same metres.
    """
    numbers = f"{degrees(lat_e4)}, {degrees(lon_e4)}"
    if precision_m is None or precision_m <= precision.LEAST_M:
        return numbers
    metres = min(precision_m, MAX_PRECISION_M)
    return f"{numbers} ±{round(metres * FEET_PER_METRE)} feet" if reads_miles() else f"{numbers} ±{metres} m"


_LONGEST = 2000


def _read(text: str) -> _Reading | None:
    if len(text) > _LONGEST:
        return None
    return _in_link(text) if is_link(text) else _in_words(_WITHIN.sub("", text))


def _in_link(text: str) -> _Reading | None:
    """The point in a link. The link is never followed."""
    address = unquote_plus(text.strip())
    for pattern in _IN_LINKS:
        match = pattern.search(address)
        if match:
            return _Reading(float(match["lat"]), float(match["lon"]), min(map(_step, match.group("lat", "lon"))))
    return None


def _in_words(text: str) -> _Reading | None:
    plain = unicodedata.normalize("NFKC", text.translate(_LETTERS)).translate(_LETTERS).strip(" \t\n,;.")
    for first, second in _pairs(plain):
        one, other = _angle(first), _angle(second)
        if one and other:
            return _ordered(one, other)
    return None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Every way to cut the text in two, at a comma, a semicolon or a gap."""
    for match in _BETWEEN.finditer(text):
        yield text[: match.start()].strip(), text[match.end() :].strip()


def _angle(text: str) -> _Angle | None:
    match = _ANGLE.fullmatch(text) or _BARE.fullmatch(text)
    if match is None or (match["before"] and match["after"]):
        return None
    parts = [_float(match[name]) for name in ("degrees", "minutes", "seconds")]
    if parts[1] >= 60 or parts[2] >= 60:
        return None
    side = (match["before"] or match["after"] or "").upper()
    size = abs(parts[0]) + parts[1] / 60 + parts[2] / 3600
    is_below = match["degrees"].startswith("-") or side in ("S", "W")
    units = zip(("seconds", "minutes", "degrees"), (3600, 60, 1), strict=True)
    step = next(_step(match[name]) / parts for name, parts in units if match[name])
    return _Angle(-size if is_below else size, side, step)


def _step(number: str) -> float:
    """What its last digit is worth: 0.01 for "51.51"."""
    return 10.0 ** -len(number.replace(",", ".").partition(".")[2])


def _float(text: str | None) -> float:
    return float((text or "0").replace(",", "."))


def _ordered(one: _Angle, other: _Angle) -> _Reading | None:
    """The point. Latitude is the first number, unless the sides say otherwise."""
    if one.side in ("E", "W") and other.side in ("N", "S"):
        one, other = other, one
    elif one.side in ("E", "W") or other.side in ("N", "S"):
        return None
    return _Reading(one.degrees, other.degrees, min(one.step, other.step))


def _e4(number: float) -> int:
    return round(number * 10_000)
