"""The well-known parts of cities: each lies where the post says, which knows nothing of our table."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from struct import Struct
from zoneinfo import ZoneInfo

import pytest

from deploy.gazetteer import districts
from deploy.gazetteer.districts import District
from node.places import lookup
from node.places.gazetteer import GAZETTEER
from node.places.geometry import distance_m
from node.places.names import fold, squash

pytestmark = pytest.mark.usefixtures("gazetteer")

DISTRICTS = list(districts.read())
#: Full postcodes lie a street apart; a park and a whole borough have their middle further from any door.
_NEAR_A_DOOR_M = 500
#: Of the middle of a code's whole area, as the table of codes has it.
_NEAR_A_MIDDLE_M = {"GB": 2_000, "US": 4_500, "AU": 4_000, "IE": 7_500}
_POINT = Struct("<hhB")


@pytest.fixture(scope="module")
def places() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{GAZETTEER.as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def point(district: District) -> tuple[int, int]:
    return round(district.lat * 10_000), round(district.lon * 10_000)


def doors(places: sqlite3.Connection, outward: str) -> Iterator[tuple[int, int]]:
    """Every full postcode of Great Britain that begins so."""
    sectors = "SELECT lat_e4, lon_e4, points FROM sector WHERE code >= ? AND code < ?"
    for lat, lon, packed in places.execute(sectors, (f"{outward} ", f"{outward} :")):
        for north, east, _ in _POINT.iter_unpack(packed):
            yield lat + north, lon + east


def test_a_district_of_great_britain_lies_among_the_doors_of_its_postcode(places: sqlite3.Connection) -> None:
    british = [one for one in DISTRICTS if one.country == "GB" and not one.code.startswith("BT")]
    assert len(british) > 500
    for one in british:
        nearest = min((distance_m(*point(one), *door) for door in doors(places, one.code)), default=None)
        assert nearest is not None, one
        assert nearest <= _NEAR_A_DOOR_M, one


def test_a_district_elsewhere_lies_near_the_middle_of_its_postcode(places: sqlite3.Connection) -> None:
    others = [one for one in DISTRICTS if one.country != "GB" or one.code.startswith("BT")]
    assert len(others) > 500
    for one in others:
        middle = places.execute(
            "SELECT lat_e4, lon_e4 FROM postcode WHERE code = ? AND country = ?", (one.code, one.country)
        ).fetchone()
        assert middle, one
        assert distance_m(*point(one), *middle) <= _NEAR_A_MIDDLE_M[one.country], one


def test_four_hundred_districts_of_thirty_cities_of_each_large_country_are_there() -> None:
    cities = Counter(one.country for one in {one.region: one for one in DISTRICTS}.values())
    assert len(DISTRICTS) >= 1_000
    assert cities["GB"] >= 30
    assert cities["US"] >= 30


@pytest.mark.parametrize("country", ["GB", "US", "AU", "IE"])
def test_each_city_is_one_that_the_gazetteer_has_near_by(places: sqlite3.Connection, country: str) -> None:
    named = "SELECT place FROM name WHERE tier IN (0, 1, 2) AND squashed = ?"
    near = f"SELECT lat_e4, lon_e4 FROM place WHERE id IN ({named}) AND country = ?"  # noqa: S608 - our own words
    for one in DISTRICTS:
        if one.country == country:
            city = squash(fold(one.region.partition(",")[0]))
            points = places.execute(near, (city, country)).fetchall()
            assert any(distance_m(*point(one), *middle) < 45_000 for middle in points), one


def test_a_district_is_found_beside_its_city() -> None:
    lost = [one.name for one in DISTRICTS if not is_found(f"{one.name}, {one.region.partition(',')[0]}", one)]
    # Washington is also the state that Tacoma lies in.
    assert lost == ["Takoma"]


def is_found(text: str, district: District) -> bool:
    place = lookup.resolve(text, district.country).place
    return place is not None and distance_m(*point(district), place.lat_e4, place.lon_e4) < 1_500


def test_no_district_is_there_twice() -> None:
    names = Counter((squash(fold(name)), one.region) for one in DISTRICTS for name in (one.name, *one.also))
    assert [name for name, count in names.items() if count > 1] == []


def test_each_has_a_zone_that_python_knows() -> None:
    for zone in {one.timezone for one in DISTRICTS}:
        assert ZoneInfo(zone)
