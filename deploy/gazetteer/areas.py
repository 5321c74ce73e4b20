"""Counties, regions and countries as places: their middle, and how far they reach.

The counties, and what else people call a part of a country by ("Peak District", "Bay Area"), are our own table
(`counties.csv`: middle and reach, to about five kilometres; a test holds each against the gazetteer's towns). A
region's or a country's middle and reach are those of its towns.
"""

import csv
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from node.places.countries import CALLED
from node.places.gazetteer import BYNAME, COUNTRY_IDS, COUNTY_IDS, OWN, REGION_IDS, SHORT
from node.places.geometry import distance_m
from node.places.names import fold

from .regions import COUNTRY_WORDS

COUNTIES = Path(__file__).with_name("counties.csv")
#: What a county weighs against a town of its name: as much as a great one.
_COUNTY_PEOPLE = 1_000_000
#: Of the people in it that an area weighs: "New York" is the city before the state, "Mexico" the country.
_REGION_SHARE, _COUNTRY_SHARE = 20, 5
#: So many of a hundred towns lie within an area's reach: a far island does not make it an ocean.
_MOST = 95
_LEAST_M = 10_000
#: Half of the way round, in degrees times 10,000.
_HALF = 1_800_000


class Area(NamedTuple):
    """`region`: its number in the gazetteer, or 0. Angles in degrees times 10,000; `names`: (folded, OWN ...)."""

    id: int
    name: str
    region: int
    country: str
    lat_e4: int
    lon_e4: int
    population: int
    zone: int
    radius_m: int
    names: dict[str, int]


class _Town(NamedTuple):
    lat_e4: int
    lon_e4: int
    population: int
    zone: int


def areas(connection: sqlite3.Connection) -> Iterator[Area]:
    """Every area of the gazetteer's towns, which are in it already."""
    yield from _counties(connection)
    towns: defaultdict[tuple[str, int], list[_Town]] = defaultdict(list)
    rows = connection.execute("SELECT country, region, lat_e4, lon_e4, population, zone FROM place")
    for country, region, *town in rows.fetchall():
        towns[country, region].append(_Town(*town))
    yield from _regions(connection, towns)
    yield from _countries(connection, towns)


def _counties(connection: sqlite3.Connection) -> Iterator[Area]:
    regions = dict(connection.execute("SELECT name, id FROM region"))
    zones = dict(connection.execute("SELECT name, id FROM zone"))
    with COUNTIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, country = row["name"], row["country"]
            yield Area(
                COUNTY_IDS + crc32(f"{country}/{name}".encode()) % 100_000_000,
                name,
                regions.get(row["region"], 0),
                country,
                round(float(row["lat"]) * 10_000),
                round(float(row["lon"]) * 10_000),
                _COUNTY_PEOPLE,
                zones[row["timezone"]],
                int(row["radius_km"]) * 1000,
                _names(name, row["also"].split("|"), BYNAME),
            )


def _regions(connection: sqlite3.Connection, towns: dict[tuple[str, int], list[_Town]]) -> Iterator[Area]:
    words = {number: (name, said) for number, name, said in connection.execute("SELECT * FROM region")}
    for (country, number), inside in towns.items():
        name, said = words[number]
        if number and "," not in name:
            # A code of two letters is a word in its own right: "or", "in", "me".
            codes = [word for word in said.strip("|").split("|") if len(word) != 2]
            yield _measured(REGION_IDS + number, name, country, inside, _REGION_SHARE, _names(name, codes, SHORT))


def _countries(connection: sqlite3.Connection, towns: dict[tuple[str, int], list[_Town]]) -> Iterator[Area]:
    inside: defaultdict[str, list[_Town]] = defaultdict(list)
    for (country, _), some in towns.items():
        inside[country] += some
    for code, name, said in connection.execute("SELECT * FROM country").fetchall():
        if code in inside:
            also = [word for word in said.strip("|").split("|") if len(word) > 3]
            # "England" is a region of the gazetteer; here it would be all of the United Kingdom.
            called = [word for word, meant in CALLED.items() if meant == code and not _is_region(connection, word)]
            names = _names(name, [*also, *called, *COUNTRY_WORDS.get(code, ())], SHORT)
            number = COUNTRY_IDS + ord(code[0]) * 256 + ord(code[1])
            yield _measured(number, name, code, inside[code], _COUNTRY_SHARE, names)


def _is_region(connection: sqlite3.Connection, word: str) -> bool:
    return connection.execute("SELECT 1 FROM region WHERE words LIKE ?", (f"%|{word}|%",)).fetchone() is not None


def _names(name: str, also: list[str], kind: int) -> dict[str, int]:
    return {**dict.fromkeys(filter(None, map(fold, also)), kind), fold(name): OWN}


def _measured(number: int, name: str, country: str, towns: list[_Town], share: int, names: dict[str, int]) -> Area:
    """With the middle of its towns, and how far most of them lie from it."""
    lat = round(sum(town.lat_e4 for town in towns) / len(towns))
    lon = _middle([town.lon_e4 for town in towns])
    away = sorted(distance_m(lat, lon, town.lat_e4, town.lon_e4) for town in towns)
    reach = max(_LEAST_M, away[(len(away) - 1) * _MOST // 100])
    people = sum(town.population for town in towns) // share
    zone = max(Counter(town.zone for town in towns).items(), key=lambda one: (one[1], one[0]))[0]
    return Area(number, name, 0, country, lat, lon, people, zone, reach, names)


def _middle(longitudes: list[int]) -> int:
    """Fiji lies on both sides of 180 degrees: each longitude is taken as it lies from the first."""
    first = longitudes[0]
    east = sum((one - first + _HALF) % (2 * _HALF) - _HALF for one in longitudes) / len(longitudes)
    return (round(first + east) + _HALF) % (2 * _HALF) - _HALF
