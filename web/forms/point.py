"""A point on the globe as maps, phones and share links give it."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote_plus

Point = tuple[int, int]

_NUMBER = r"[+-]?\d{1,3}(?:[.,]\d{1,20})?"
_SIDE = r"[NSEWnsew]"
_DEGREES = r"(?:°|º|deg(?:rees)?\b|d(?=\s*\d))"
_MINUTES = r"(?:'|min\b|m(?=\s*\d|\s*[NSEW]))"
_SECONDS = r"(?:\"|''|sec\b|s(?=\s*[NSEW]))"
#: One of the two: degrees, then perhaps minutes and seconds, with the side before or after it.
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
#: The pair of a link, the place that was tapped before the middle of the map that was looked at.
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


def is_link(text: str) -> bool:
    """Whether a web address, or a `geo:` one, was pasted."""
    return bool(re.match(r"\s*(?:https?:|geo:|www\.|maps\.|goo\.gl|osm\.org)", text, re.IGNORECASE))


def read_point(text: str) -> Point | None:
    """(lat, lon) in degrees times 10,000, as "51.5101, -0.0860" and as maps write it; None for anything else.

    Numbers beyond the globe are read as they are: what is wrong with them is said elsewhere.
    """
    if len(text) > _LONGEST:
        return None
    return _in_link(text) if is_link(text) else _in_words(text)


_LONGEST = 2000


def _in_link(text: str) -> Point | None:
    """A link is read, and never followed."""
    address = unquote_plus(text.strip())
    for pattern in _IN_LINKS:
        match = pattern.search(address)
        if match:
            return _e4(float(match["lat"])), _e4(float(match["lon"]))
    return None


def _in_words(text: str) -> Point | None:
    plain = unicodedata.normalize("NFKC", text.translate(_LETTERS)).translate(_LETTERS).strip(" \t\n,;.")
    for first, second in _pairs(plain):
        one, other = _angle(first), _angle(second)
        if one and other:
            return _ordered(one, other)
    return None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Every way to cut it in two: at a comma, a semicolon or a gap; a decimal comma is no cut."""
    for match in _BETWEEN.finditer(text):
        yield text[: match.start()].strip(), text[match.end() :].strip()


def _angle(text: str) -> tuple[float, str] | None:
    """(degrees, the side it names or nothing)."""
    match = _ANGLE.fullmatch(text) or _BARE.fullmatch(text)
    if match is None or (match["before"] and match["after"]):
        return None
    parts = [_float(match[name]) for name in ("degrees", "minutes", "seconds")]
    if parts[1] >= 60 or parts[2] >= 60:
        return None
    side = (match["before"] or match["after"] or "").upper()
    size = abs(parts[0]) + parts[1] / 60 + parts[2] / 3600
    is_below = match["degrees"].startswith("-") or side in ("S", "W")
    return (-size if is_below else size), side


def _float(text: str | None) -> float:
    return float((text or "0").replace(",", "."))


def _ordered(one: tuple[float, str], other: tuple[float, str]) -> Point | None:
    """Latitude first, unless the sides say otherwise."""
    sides = (one[1], other[1])
    if sides[0] in ("E", "W") and sides[1] in ("N", "S"):
        one, other = other, one
    elif sides[0] in ("E", "W") or sides[1] in ("N", "S"):
        return None
    return _e4(one[0]), _e4(other[0])


def _e4(degrees: float) -> int:
    return round(degrees * 10_000)
