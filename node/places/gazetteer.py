"""The gazetteer: places by name, offline. One SQLite file made at install time, opened read-only for each look-up.

Only the machine's own disk is asked: where somebody looks for a run tells nobody else. What a text means is said by
node.places.lookup.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import NodeError
from . import precision
from .countries import COUNTRIES
from .geometry import distance_m

GAZETTEER = Path(__file__).parents[1] / "data" / "places.sqlite"
#: Of the file's tables: a file of another edition is not read.
EDITION = 5
_WAY_OUT = "`make install` builds node/data/places.sqlite"
#: Where ids of counties begin, and of regions. A county's is made of its name, so that an address which has it stays
#: true when the table grows.
COUNTY_IDS, REGION_IDS = 2_000_000_000, 2_100_000_000
#: Ids from here on are countries. Each is made of the two letters, so that an address which has it stays true.
COUNTRY_IDS = 2_200_000_000
#: Populations at which a name moves up a tier: the big towns of a prefix are found without reading all its hamlets.
TIERS = (100_000, 10_000)
#: What a name is to its place: the name on the map, what people say for short ("Hull"), or any other.
OWN, SHORT, BYNAME = 2, 1, 0
#: What a place weighs less by such a name, as a decimal logarithm: "York" is York, though Toronto was called so.
_LESS = {OWN: 0.0, SHORT: 0.3, BYNAME: 1.3}

_BY_ID = "SELECT * FROM town WHERE id = ?"
_WEIGHT = f"weight - CASE kind {' '.join(f'WHEN {kind} THEN {100 * less:.0f}' for kind, less in _LESS.items())} END"
_EVERY_TIER = ", ".join(str(tier) for tier in range(len(TIERS) + 1))
# The view "town", and what a name is to it. SQLite takes as long to unfold the view, and to think of an order for the
# tables, as to find the places: a CROSS JOIN is made in the order in which it stands.
_WHOLE = """
SELECT place.id, place.name, region.name, place.country, country.name, lat_e4, lon_e4, zone.name, population, radius_m,
region.words || country.words, weight, kind, squashed
FROM %s AS name CROSS JOIN place ON place.id = name.place CROSS JOIN region ON region.id = place.region
CROSS JOIN country ON country.code = place.country CROSS JOIN zone ON zone.id = place.zone
"""
_BY_NAME = f"""
{_WHOLE % "name"}
WHERE tier IN ({_EVERY_TIER}) AND squashed IN (%s) AND ({_WEIGHT} >= ? OR place.country IN (%s))
"""
_BEGUN = f"""(
    SELECT place, max(kind) AS kind, squashed, {_WEIGHT} AS weighs FROM name CROSS JOIN place ON place.id = place
    WHERE tier = ? AND squashed >= ? AND squashed < ? GROUP BY place ORDER BY country IN (%s) DESC, weighs DESC LIMIT ?
)"""  # noqa: S608 - our own words
_BY_PREFIX = _WHOLE % _BEGUN
_ALMOST = "SELECT squashed FROM almost WHERE key IN (%s)"
_IS_REGION = """
SELECT EXISTS (SELECT 1 FROM region WHERE instr(words, ?1)) OR EXISTS (SELECT 1 FROM country WHERE instr(words, ?1))
"""
#: A town that people far away know; the gazetteer has an index of them.
KNOWN_TOWN = "population >= 40000 AND radius_m = 0"
_TOWNS_BESIDE = f"""
SELECT name, lat_e4, lon_e4 FROM place WHERE {KNOWN_TOWN} AND country = ? AND lat_e4 BETWEEN ? AND ?
AND lon_e4 BETWEEN ? AND ? AND id != ? AND population > ?
"""  # noqa: S608 - our own words
_COUNTIES = f"""
SELECT name, lat_e4, lon_e4, radius_m FROM place WHERE id BETWEEN {COUNTY_IDS} AND {REGION_IDS - 1} AND country = ?
AND radius_m <= 60000 AND lat_e4 BETWEEN ? AND ? AND lon_e4 BETWEEN ? AND ?
"""  # noqa: S608 - our own words
#: The circle of a county is a rough one: only within this part of its reach is a place surely in it.
_SURELY_INSIDE = 0.3
_TOWNS_AT = f"""
SELECT name, lat_e4, lon_e4 FROM place WHERE {KNOWN_TOWN} AND lat_e4 BETWEEN ? AND ? AND lon_e4 BETWEEN ? AND ?
"""  # noqa: S608 - our own words
_LAST_LETTER = "\U0010ffff"


class GazetteerMissing(NodeError):
    """The places have not been built for this program. The message is one line and says the way out."""


@dataclass(frozen=True)
class Place:
    """A town, a part of one, or an area. `region` is empty where not known; `country` ISO alpha-2; angles in degrees
    times 10,000; `timezone` IANA. A postcode has id 0, its nearest town's name and zone, and a point in its middle. A
    point that was typed as coordinates has id 0, and neither country nor zone.
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
    #: How far an area reaches; 0: a town.
    radius_m: int = 0
    #: Its county or a larger town near by, where another place would have the same label.
    where: str = field(default="", compare=False)
    #: Of a postcode and of coordinates: how far from its point what is meant may be. 0: the size of the town says it.
    spread_m: int = 0

    @property
    def label(self) -> str:
        """Such as "Peterborough, England, United Kingdom", "Newport (Telford), England, United Kingdom"."""
        name = f"{self.name} ({self.where})" if self.where else self.name
        country = self.country_name if self.country_name != self.name else ""
        return ", ".join(part for part in (name, self.region, country) if part)

    @property
    def is_country(self) -> bool:
        """Whether it is all of a country that chapters can say they are in. Kosovo has no two letters of ISO's."""
        return self.id >= COUNTRY_IDS and self.country in COUNTRIES

    @property
    def precision_m(self) -> int:
        """About how far from its point a spot in it may be, in metres."""
        return self.spread_m or self.radius_m or precision.of_town(self.population)


@dataclass(frozen=True)
class Candidate:
    """A place that a name may mean. `words`: folded names and codes of its region and country, each between bars.
    `kind`: what the name, `squashed`, is to it.
    """

    place: Place
    words: str
    weight_e2: int = 0
    kind: int = OWN
    squashed: str = ""

    @property
    def weight(self) -> float:
        """The decimal logarithm of how many people would mean that place by that name."""
        return self.weight_e2 / 100 - _LESS[self.kind]


def get(place_id: int) -> Place | None:
    """The place of that id. Raises GazetteerMissing."""
    with opened() as connection:
        row = connection.execute(_BY_ID, (place_id,)).fetchone() if abs(place_id) < 2**63 else None
    return Place(*row[:10]) if row else None


def tier_of(population: int) -> int:
    """0 for the names of the largest places."""
    return sum(population < bound for bound in TIERS)


@contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    """For one look-up. Raises GazetteerMissing, also of a file that was cut short."""
    with closing(_open()) as connection:
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            raise GazetteerMissing(f"the places are broken ({error}): {_WAY_OUT} anew") from error


def _open() -> sqlite3.Connection:
    # Immutable: no lock, no journal. A new build is a new file, which the next look-up opens.
    try:
        connection = sqlite3.connect(f"{GAZETTEER.as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.OperationalError as error:
        raise GazetteerMissing(f"the places are missing: {_WAY_OUT}") from error
    if _edition(connection) != EDITION:
        connection.close()
        raise GazetteerMissing(f"the places are of another edition: {_WAY_OUT} anew")
    return connection


def named(
    connection: sqlite3.Connection, names: Collection[str], home: Collection[str] = (), least: float = 0.0
) -> list[Candidate]:
    """The places of those squashed names: all in the countries `home`, elsewhere those of at least that weight."""
    asked = (*names, 100 * least, *home)
    return [_candidate(row) for row in connection.execute(_BY_NAME % (_marks(names), _marks(home)), asked)]


def begun(connection: sqlite3.Connection, squashed: str, first: Collection[str], limit: int) -> list[Candidate]:
    """Places with a name that begins so, up to `limit` of them, or any number at -1."""
    found: list[Candidate] = []
    for tier in range(len(TIERS) + 1 if len(squashed) > 1 else 0):
        asked = (tier, squashed, squashed + _LAST_LETTER, *first, limit)
        found += map(_candidate, connection.execute(_BY_PREFIX % _marks(first), asked))
        if 0 <= limit <= len(found):
            break
    return found


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def almost(connection: sqlite3.Connection, keys: Collection[str]) -> set[str]:
    """The names that have one of those keys of node.places.spelling."""
    return {name for (name,) in connection.execute(_ALMOST % _marks(keys), (*keys,))}


def is_region(connection: sqlite3.Connection, folded: str) -> bool:
    """Whether that is a name or a code of a region or a country."""
    return bool(connection.execute(_IS_REGION, (f"|{folded}|",)).fetchone()[0])


def where(connection: sqlite3.Connection, place: Place) -> str:
    """What tells a place from its namesakes: the county that it is surely in, or else the nearest larger town, in the
    same country, that people far away know.
    """
    return _county(connection, place) or _town_near(connection, place)


def _county(connection: sqlite3.Connection, place: Place) -> str:
    lat, lon = place.lat_e4, place.lon_e4
    bounds = (lat - 2_000, lat + 2_000, lon - 6_000, lon + 6_000)
    counties = connection.execute(_COUNTIES, (place.country, *bounds)).fetchall()
    shares = {name: distance_m(lat, lon, *middle) / reach for name, *middle, reach in counties}
    county = min(shares, key=shares.__getitem__, default="")
    return county if county and county != place.name and shares[county] <= _SURELY_INSIDE else ""


def _town_near(connection: sqlite3.Connection, place: Place) -> str:
    lat, lon = place.lat_e4, place.lon_e4
    bounds = (lat - 10_000, lat + 10_000, lon - 15_000, lon + 15_000)
    towns = connection.execute(_TOWNS_BESIDE, (place.country, *bounds, place.id, place.population)).fetchall()
    near = min(towns, key=lambda town: distance_m(place.lat_e4, place.lon_e4, town[1], town[2]), default=None)
    return near[0] if near else ""


def town_at(lat_e4: int, lon_e4: int) -> str:
    """The nearest town that people far away know, in any country; empty where none is near. Raises GazetteerMissing."""
    with opened() as connection:
        bounds = (lat_e4 - 5_000, lat_e4 + 5_000, lon_e4 - 8_000, lon_e4 + 8_000)
        towns = connection.execute(_TOWNS_AT, bounds).fetchall()
    near = min(towns, key=lambda town: distance_m(lat_e4, lon_e4, town[1], town[2]), default=None)
    return near[0] if near else ""


def _candidate(row: tuple[Any, ...]) -> Candidate:
    return Candidate(Place(*row[:10]), *row[10:])


def _edition(connection: sqlite3.Connection) -> int | None:
    """None of what is no SQLite file."""
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError:
        return None
