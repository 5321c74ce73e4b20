"""Towns by name, and postcodes, offline: one SQLite file made at install time, opened read-only for each look-up.

Only the machine's own disk is asked: where somebody looks for a run tells nobody else.
"""

import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import NodeError
from . import postcodes, precision, units
from .geometry import distance_m

GAZETTEER = Path(__file__).parents[1] / "data" / "places.sqlite"
#: Of the file's tables: a file of another edition is not read.
EDITION = 3
MAX_CHOICES = 8
#: Populations at which a name moves up a tier: the big towns of a prefix are found without reading all its hamlets.
TIERS = (100_000, 10_000)
_MAX_TEXT = 100
_CLEAR_LEAD = 15
#: A byname weighs as little: "York" is York, though Toronto was called so; "New York" is the city, not the hamlet.
_BYNAME_WEIGHT = 1 / 20
_NEAR_M = 60_000
#: GeoNames has some towns twice ("St Albans" and "Saint Albans", Victoria).
_SAME_M = 10_000

#: Letters that no accent makes, and so Unicode does not take apart.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"})
_APOSTROPHES = re.compile(r"['`\u00b4\u02bb\u02bc\u2018\u2019]")
_NO_WORD = re.compile(r"[\W_]+")
_SAINT = re.compile(r"\bsaint\b")
_COORDINATES = re.compile(r"\s*([+-]?\d{1,2}(?:\.\d{1,10})?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d{1,10})?)\s*")

_BY_ID = "SELECT * FROM town WHERE id = ?"
_BY_NAME = "SELECT town.*, own FROM name JOIN town ON town.id = place WHERE tier IN (0, 1, 2) AND folded = ?"
_BY_CODE = """
SELECT 0, name, region, country, country_name, lat_e4, lon_e4, timezone, 0, words, 1 FROM coded WHERE code = ?
ORDER BY country != ?, country != 'GB'
"""
_TOWNS_BESIDE = """
SELECT name, lat_e4, lon_e4 FROM place
WHERE country = ? AND id != ? AND population >= ? AND lat_e4 BETWEEN ? AND ?
"""
_KNOWN_TOWN = 40_000
# Weighed before the town's words are looked up: a short beginning has thousands of names.
_BY_PREFIX = """
SELECT town.*, own FROM (
    SELECT name.place AS number, max(own) AS own, population * CASE max(own) WHEN 1 THEN 1.0 ELSE ? END AS weight
    FROM name JOIN place ON place.id = name.place WHERE tier = ? AND folded >= ? AND folded < ?
    GROUP BY name.place ORDER BY weight DESC, number LIMIT ?
) JOIN town ON town.id = number ORDER BY weight DESC, number
"""


class GazetteerMissing(NodeError):
    """The places have not been built for this program. The message is one line and says the way out."""


@dataclass(frozen=True)
class Place:
    """A town or a part of one. `region` is empty where not known; `country` ISO alpha-2; angles in degrees times
    10,000; `timezone` IANA. A postcode has id 0, its nearest town's name and zone, and a point in its middle. A point
    that was typed as coordinates has id 0, and neither country nor zone.
    """

    id: int
    name: str
    region: str
    country: str
    country_name: str
    lat_e4: int
    lon_e4: int
    timezone: str
    population: int
    #: A larger town near by, where another place would have the same label.
    beside: str = field(default="", compare=False)
    #: How far an area reaches; 0: a town.
    radius_m: int = 0
    #: Of a postcode and of coordinates: how far from its point what is meant may be. 0: the size of the town says it.
    spread_m: int = 0

    @property
    def label(self) -> str:
        """Such as "Peterborough, England, United Kingdom", "Newport (Telford), England, United Kingdom"."""
        name = f"{self.name} ({self.beside})" if self.beside else self.name
        return ", ".join(part for part in (name, self.region, self.country_name) if part)

    @property
    def precision_m(self) -> int:
        """About how far from its point a spot in it may be, in metres."""
        return self.spread_m or self.radius_m or precision.of_town(self.population)


@dataclass(frozen=True)
class Resolution:
    """What a search box means: the `place`, or None if it must be asked; `choices` are the (other) candidates."""

    place: Place | None
    choices: list[Place]


@dataclass(frozen=True)
class _Candidate:
    """`words`: folded names and codes of its region and country, each between bars. `own`: not found by a byname."""

    place: Place
    words: str
    own: bool

    @property
    def weight(self) -> float:
        return self.place.population * (1 if self.own else _BYNAME_WEIGHT)


def find(text: str, limit: int = 10) -> list[Place]:
    """Places that `text` may mean, best first: exact names by population, then beginnings of names.

    "peterborough, canada", "Portland Maine" and "hackney london" narrow; "51.51,-0.08" gives that one point, "PE1 1XF"
    the point of that postcode under the name of PE1 1. Raises GazetteerMissing.
    """
    with closing(open_gazetteer()) as connection:
        found = [*_exact(connection, text), *_begun(connection, text, limit)]
    return list({one.place.id: one.place for one in found}.values())[:limit]


def resolve(text: str, home: str = "") -> Resolution:
    """The place `text` means, if that is clear: the only one of its name, or by far the largest.

    `home`: the country of those who ask (ISO alpha-2); it says whether "4000" alone is clear. Raises GazetteerMissing.
    """
    takes_numbers = home in postcodes.NUMBERS_ARE_CLEAR or not text.strip().isdecimal()
    with closing(open_gazetteer()) as connection:
        exact = _exact(connection, text, takes_numbers, home)
        found = exact or _begun(connection, text, MAX_CHOICES)
        places = _told_apart(connection, [one.place for one in found[: MAX_CHOICES + 1]])
    is_clear = len(found) == 1 or (exact and exact[0].weight >= _CLEAR_LEAD * exact[1].weight)
    return Resolution(places[0], places[1 : MAX_CHOICES + 1]) if is_clear else Resolution(None, places[:MAX_CHOICES])


def _told_apart(connection: sqlite3.Connection, places: list[Place]) -> list[Place]:
    """Those with the same label get a larger town beside them."""
    labels = Counter(one.label for one in places)
    return [replace(one, beside=_beside(connection, one)) if labels[one.label] > 1 else one for one in places]


def _beside(connection: sqlite3.Connection, place: Place) -> str:
    """The nearest town, in the same country, that people far away know."""
    bounds = (place.country, place.id, _KNOWN_TOWN, place.lat_e4 - 10_000, place.lat_e4 + 10_000)
    towns = connection.execute(_TOWNS_BESIDE, bounds).fetchall()
    near = min(towns, key=lambda town: distance_m(place.lat_e4, place.lon_e4, town[1], town[2]), default=None)
    return near[0] if near else ""


def get(place_id: int) -> Place | None:
    """The place of that id. Raises GazetteerMissing."""
    with closing(open_gazetteer()) as connection:
        row = connection.execute(_BY_ID, (place_id,)).fetchone() if abs(place_id) < 2**63 else None
    return Place(*row[:9]) if row else None


def fold(text: str) -> str:
    """`text` as names are compared: no case, accent or apostrophe, other punctuation as one space, "st" for "saint"."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold()).translate(_LETTERS)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _SAINT.sub("st", _NO_WORD.sub(" ", bare).strip())


def tier_of(population: int) -> int:
    """0 for the names of the largest places."""
    return sum(population < bound for bound in TIERS)


def open_gazetteer() -> sqlite3.Connection:
    """For one look-up; raises GazetteerMissing."""
    # Immutable: no lock, no journal. A new build is a new file, which the next look-up opens.
    try:
        connection = sqlite3.connect(f"{GAZETTEER.as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.OperationalError as error:
        raise GazetteerMissing("the places are missing: `make install` builds node/data/places.sqlite") from error
    if _edition(connection) != EDITION:
        connection.close()
        raise GazetteerMissing("the places are of another edition: `make install` builds node/data/places.sqlite anew")
    return connection


def _edition(connection: sqlite3.Connection) -> int | None:
    """None of what is no SQLite file."""
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError:
        return None


def _coordinates(text: str) -> Place | None:
    match = _COORDINATES.fullmatch(text)
    if match is None:
        return None
    lat, lon = float(match[1]), float(match[2])
    if abs(lat) > 90 or abs(lon) > 180:
        return None
    spread = precision.of_decimals(*(len(text.partition(".")[2]) for text in match.groups()))
    return Place(0, f"{lat:g}, {lon:g}", "", "", "", round(lat * 10_000), round(lon * 10_000), "", 0, spread_m=spread)


def _readings(text: str) -> Iterator[tuple[str, list[str]]]:
    """(name, what narrows it) in the order in which they are tried: all of it a name, then split at commas or words."""
    yield fold(text), []
    parts = _parts(text)
    if len(parts) > 1:
        yield parts[0], parts[1:]
        return
    words = fold(text).split()
    for at in range(len(words) - 1, max(0, len(words) - 5), -1):
        yield " ".join(words[:at]), [" ".join(words[at:])]


def _parts(text: str) -> list[str]:
    return [part for part in map(fold, text.split(",")) if part]


def _exact(connection: sqlite3.Connection, text: str, takes_numbers: bool = True, home: str = "") -> list[_Candidate]:
    """The places that `text` names, the weightiest first; a town goes before digits that may be a postcode."""
    text = text[:_MAX_TEXT]
    point = _coordinates(text)
    if point is not None:
        return [_Candidate(point, "", own=True)]
    return (
        _coded(connection, text, postcodes.british, home)
        or [one for one in _coded(connection, text, postcodes.lettered, home) if one.place.country in ("CA", "IE")]
        or _by_name(connection, text)
        or (_coded(connection, text, postcodes.numeric, home) if takes_numbers else [])
    )


def _by_name(connection: sqlite3.Connection, text: str) -> list[_Candidate]:
    for name, narrowing in _readings(text):
        found = _narrow(connection, _named(connection, name), narrowing)
        if found:
            return found
    return []


def _coded(connection: sqlite3.Connection, text: str, read: Callable[[str], list[str]], home: str) -> list[_Candidate]:
    """The places of the postcode in `text`, as `read` understands it, if what stands beside it names where that is.

    A code of two countries has two places, that of `home` first.
    """
    for words, rest in _splits(fold(text).split()):
        for code in read(" ".join(words)):
            found = _of_code(connection, code, home)
            if fitting := [one for one in found if _lies_in(connection, one, " ".join(rest))]:
                return fitting
    return []


def _of_code(connection: sqlite3.Connection, code: str, home: str) -> list[_Candidate]:
    if postcodes.is_full(code):
        return _of_full_code(connection, code[:-2], code[-2:])
    spread = postcodes.precision_m(code)
    found = map(_candidate, connection.execute(_BY_CODE, (code, home)))
    return [replace(one, place=replace(one.place, spread_m=spread)) for one in found]


def _of_full_code(connection: sqlite3.Connection, sector: str, unit: str) -> list[_Candidate]:
    """Under the name of its sector: where exactly somebody lives is in no page, link or log."""
    point = units.find(connection, sector, unit)
    if point is None:
        return []
    lat, lon, spread = point
    found = _of_code(connection, sector, "GB")
    return [replace(one, place=replace(one.place, lat_e4=lat, lon_e4=lon, spread_m=spread)) for one in found]


def _splits(words: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """(what may be a postcode of one word or two, what stands beside it): "SE1 London" as well as "London SE1"."""
    yield words, []
    for count in (2, 1):
        yield words[:count], words[count:]
        yield words[-count:], words[:-count]


def _lies_in(connection: sqlite3.Connection, candidate: _Candidate, rest: str) -> bool:
    """Whether `rest` is the region, the country or a town near by; nothing fits everywhere."""
    if not rest or _fits(candidate.words, rest):
        return True
    return any(_is_near(candidate.place, town.place) for town in _by_name(connection, rest))


def _named(connection: sqlite3.Connection, name: str) -> list[_Candidate]:
    """The places of that folded name, each once, the weightiest first."""
    found = [_candidate(row) for row in connection.execute(_BY_NAME, (name,))]
    kept: list[_Candidate] = []
    for one in sorted(found, key=lambda one: (-one.weight, one.place.id)):
        if not any(_is_same(one.place, other.place) for other in kept):
            kept.append(one)
    return kept


def _begun(connection: sqlite3.Connection, text: str, limit: int) -> list[_Candidate]:
    """Up to `limit` places with a name that begins like `text`, or like what stands before its first comma."""
    name, *narrowing = _parts(text[:_MAX_TEXT]) or [""]
    found: list[_Candidate] = []
    for tier in range(len(TIERS) + 1 if len(name) > 1 else 0):
        bounds = (_BYNAME_WEIGHT, tier, name, name + "\U0010ffff", -1 if narrowing else limit)
        rows = map(_candidate, connection.execute(_BY_PREFIX, bounds))
        found.extend(one for one in rows if _fits_all(one, narrowing))
        if len(found) >= limit:
            break
    return found[:limit]


def _candidate(row: tuple[Any, ...]) -> _Candidate:
    *place, words, own = row
    return _Candidate(Place(*place), words, bool(own))


def _narrow(connection: sqlite3.Connection, found: list[_Candidate], narrowing: list[str]) -> list[_Candidate]:
    """Those in the region or country that is named, or else those near the town that is named."""
    if not found or not narrowing:
        return found
    fitting = [one for one in found if _fits_all(one, narrowing)]
    if fitting:
        return fitting
    towns = _named(connection, narrowing[0])[:1]
    rest = [one for one in found for town in towns if _is_near(one.place, town.place)]
    return [one for one in rest if _fits_all(one, narrowing[1:])]


def _is_near(place: Place, town: Place) -> bool:
    return _apart_m(place, town) <= _NEAR_M


def _is_same(place: Place, other: Place) -> bool:
    return (place.region, place.country) == (other.region, other.country) and _apart_m(place, other) <= _SAME_M


def _apart_m(place: Place, other: Place) -> int:
    return distance_m(place.lat_e4, place.lon_e4, other.lat_e4, other.lon_e4)


def _fits_all(candidate: _Candidate, narrowing: list[str]) -> bool:
    return all(_fits(candidate.words, phrase) for phrase in narrowing)


def _fits(words: str, phrase: str) -> bool:
    """Whether `phrase` is a region or country of `words`, the beginning of one (3 letters), or one after the other."""
    if f"|{phrase}|" in words or (len(phrase) > 2 and f"|{phrase}" in words):
        return True
    parts = phrase.split()
    pairs = [(" ".join(parts[:at]), " ".join(parts[at:])) for at in range(1, len(parts))]
    return any(f"|{left}|" in words and f"|{right}|" in words for left, right in pairs)
