"""Counties, regions and countries by name: places with a middle and a size, beside the towns of node.places.gazetteer.

The counties are our own table (`data/regions.csv`: middle and reach, to about five kilometres; a test holds each
against the gazetteer's towns). A region's or a country's middle and size are those of its towns in the gazetteer.
"""

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

from . import gazetteer as places
from .countries import CALLED
from .gazetteer import MAX_CHOICES, Place, Resolution, fold
from .geometry import distance_m

_COUNTIES = Path(__file__).parents[1] / "data" / "regions.csv"
#: Where ids of areas begin, above those of places: counties by their line, regions, countries by their letters.
_COUNTY_IDS, _REGION_IDS, _COUNTRY_IDS = 2_000_000_000, 2_100_000_000, 2_200_000_000
#: A city that large is what people mean, though a state is called so: New York, Singapore.
_CITY = 500_000
#: A town abroad that small is not, where an area is called so.
_SMALL = 100_000
#: So many of a hundred towns lie within an area's size: a far island does not make it an ocean.
_MOST = 95
_LEAST_M = 10_000

# "Leeds, England" is where Headingley lies, and no region.
_REGIONS = """
SELECT DISTINCT region.id, region.name, region.words, country.code, country.name, country.words
FROM region JOIN place ON place.region = region.id JOIN country ON country.code = place.country
WHERE instr(region.name, ',') = 0
"""
#: Id, name and words of a region; code, name and words of its country.
_RegionRow = tuple[int, str, str, str, str, str]
_COUNTRIES = "SELECT code, name, words FROM country"
_TOWNS = "SELECT lat_e4, lon_e4, zone.name FROM place JOIN zone ON zone.id = place.zone WHERE "


def resolve(text: str, home: str = "") -> Resolution:
    """What `text` means among towns and areas, to who is at `home` (ISO alpha-2). Raises GazetteerMissing.

    An area at home is meant before a town of its name elsewhere: nobody in London means Kent, Washington.
    """
    meant, areas = places.resolve(text, home), named(text)
    towns = [*([meant.place] if meant.place else []), *meant.choices]
    if not areas:
        return meant
    at_home = [one for one in areas if one.country == home]
    if meant.place is not None and meant.place.population >= _CITY and (meant.place.country == home or not at_home):
        return _first(meant.place, [*areas, *meant.choices])
    if at_home or (len(areas) == 1 and not _may_be_a_town(text, meant, home)):
        first = (at_home or areas)[0]
        return _first(first, [*(one for one in areas if one != first), *towns])
    return Resolution(None, [*areas, *towns][:MAX_CHOICES])


def get(place_id: int) -> Place | None:
    """The town or area of that id. Raises GazetteerMissing."""
    if place_id < _COUNTY_IDS:
        return places.get(place_id)
    with closing(places.open_gazetteer()) as connection:
        return next((one for one in _of_id(connection, place_id) if one.id == place_id), None)


def named(text: str) -> list[Place]:
    """The areas of that name, narrowed by what stands behind a comma: "Kent", "Victoria, Australia"."""
    name, *narrowing = [fold(part) for part in text[:100].split(",")]
    if len(name) < 2:
        return []
    with closing(places.open_gazetteer()) as connection:
        found = [*_counties(connection, name), *_regions(connection, name)]
        known = {place.country for _, place in found}
        found += [one for one in _countries(connection, name) if one[1].country not in known]
        return [place for words, place in found if all(f"|{one}|" in words for one in narrowing if one)]


def _first(place: Place, others: list[Place]) -> Resolution:
    return Resolution(place, others[:MAX_CHOICES])


def _may_be_a_town(text: str, meant: Resolution, home: str) -> bool:
    name = fold(text.partition(",")[0])
    if meant.place is not None and meant.place.population >= _SMALL:
        return True
    return any(fold(one.name) == name and one.country == home for one in (meant.place, *meant.choices) if one)


def _counties(connection: sqlite3.Connection, name: str) -> Iterator[tuple[str, Place]]:
    for names, place in _county_table():
        if name in names:
            yield _with_country(connection, place)


@cache
def _county_table() -> list[tuple[frozenset[str], Place]]:
    with _COUNTIES.open(encoding="utf-8", newline="") as file:
        return [_county(number, row) for number, row in enumerate(csv.DictReader(file))]


def _county(number: int, row: dict[str, str]) -> tuple[frozenset[str], Place]:
    place = Place(
        id=_COUNTY_IDS + number,
        name=row["name"],
        region=row["region"],
        country=row["country"],
        country_name="",
        lat_e4=round(float(row["lat"]) * 10_000),
        lon_e4=round(float(row["lon"]) * 10_000),
        timezone=row["timezone"],
        population=0,
        radius_m=int(row["radius_km"]) * 1000,
    )
    return frozenset(map(fold, [row["name"], *row["also"].split("|")])) - {""}, place


def _with_country(connection: sqlite3.Connection, place: Place) -> tuple[str, Place]:
    name, words = connection.execute("SELECT name, words FROM country WHERE code = ?", (place.country,)).fetchone()
    return f"|{fold(place.region)}{words}", replace(place, country_name=name)


def _regions(connection: sqlite3.Connection, name: str) -> Iterator[tuple[str, Place]]:
    for row in _all_regions(places.GAZETTEER):
        # A two-letter code is a word in its own right: "or", "in", "me".
        if f"|{name}|" in row[2] and (fold(row[1]) == name or len(name) == 3):
            yield _region(connection, row)


@cache
def _all_regions(gazetteer: Path) -> list[_RegionRow]:
    """Some hundreds, read once from a file: finding which regions have towns goes through all the towns."""
    with closing(places.open_gazetteer()) as connection:
        return connection.execute(_REGIONS).fetchall()


def _region(connection: sqlite3.Connection, row: _RegionRow) -> tuple[str, Place]:
    number, name, _, code, country, words = row
    rows = connection.execute(_TOWNS + "place.region = ?", (number,)).fetchall()
    return words, _measured(rows, Place(_REGION_IDS + number, name, "", code, country, 0, 0, "", 0))


def _countries(connection: sqlite3.Connection, name: str) -> Iterator[tuple[str, Place]]:
    for code, country, words in connection.execute(_COUNTRIES).fetchall():
        is_called = CALLED.get(name) == code or (len(name) > 2 and f"|{name}|" in words)
        if is_called and (area := _country(connection, code, country)) is not None:
            yield words, area


def _country(connection: sqlite3.Connection, code: str, name: str) -> Place | None:
    rows = connection.execute(_TOWNS + "place.country = ?", (code,)).fetchall()
    number = _COUNTRY_IDS + ord(code[0]) * 256 + ord(code[1])
    return _measured(rows, Place(number, name, "", code, "", 0, 0, "", 0)) if rows else None


def _measured(towns: list[tuple[int, int, str]], place: Place) -> Place:
    """With the middle of its towns, and how far most of them lie from it."""
    lat = round(sum(town[0] for town in towns) / len(towns))
    lon = round(sum(town[1] for town in towns) / len(towns))
    away = sorted(distance_m(lat, lon, town[0], town[1]) for town in towns)
    zones = [town[2] for town in towns]
    return replace(
        place,
        lat_e4=lat,
        lon_e4=lon,
        timezone=max(set(zones), key=lambda one: (zones.count(one), one)),
        radius_m=max(_LEAST_M, away[(len(away) - 1) * _MOST // 100]),
    )


def _of_id(connection: sqlite3.Connection, place_id: int) -> Iterator[Place]:
    if place_id < _REGION_IDS:
        yield from (_with_country(connection, one)[1] for _, one in _county_table() if one.id == place_id)
    elif place_id < _COUNTRY_IDS:
        rows = [row for row in _all_regions(places.GAZETTEER) if row[0] == place_id - _REGION_IDS]
        yield from (_region(connection, row)[1] for row in rows[:1])
    elif 0 <= (letters := place_id - _COUNTRY_IDS) < 256 * 256:
        code = chr(letters // 256) + chr(letters % 256)
        for row in connection.execute(_COUNTRIES + " WHERE code = ?", (code,)).fetchall():
            area = _country(connection, row[0], row[1])
            yield from [area] if area else []
