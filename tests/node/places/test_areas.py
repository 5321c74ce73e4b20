"""Counties, regions and countries: places with a middle and a size, and never another continent."""

import csv
import sqlite3
from contextlib import closing

import pytest

from deploy.gazetteer.areas import COUNTIES
from node.places import gazetteer, lookup
from node.places.gazetteer import Place
from node.places.geometry import distance_m

pytestmark = pytest.mark.usefixtures("gazetteer")


def meant(text: str, home: str) -> Place:
    place = lookup.resolve(text, home).place
    assert place is not None
    return place


@pytest.mark.parametrize(
    "text",
    ["Kent", "Devon", "Yorkshire", "Scotland", "Tyneside", "Surrey", "Fife", "Essex", "England", "UK", "county durham"],
)
def test_an_area_at_home_is_meant_before_a_town_elsewhere(text: str) -> None:
    place = meant(text, "GB")
    assert (place.country, place.radius_m > 0) == ("GB", True)


def test_an_area_reaches_as_far_as_it_is_large() -> None:
    kent = meant("Kent", "GB")
    assert distance_m(kent.lat_e4, kent.lon_e4, 513_870, 13_833) <= kent.radius_m  # Margate
    assert distance_m(kent.lat_e4, kent.lon_e4, 524_862, -18_904) > kent.radius_m  # Birmingham


@pytest.mark.parametrize(
    ("text", "home", "country"),
    [
        *[("Isle of Man", "GB", "IM"), ("Victoria", "AU", "AU"), ("NSW", "AU", "AU"), ("USA", "GB", "US")],
        *[("Australia", "GB", "AU"), ("Kent", "AU", "GB"), ("Tasmania", "GB", "AU"), ("Kent, England", "", "GB")],
    ],
)
def test_an_area_is_found_from_elsewhere_where_nothing_at_home_is_called_so(text: str, home: str, country: str) -> None:
    place = meant(text, home)
    assert (place.country, place.radius_m > 0) == (country, True)


@pytest.mark.parametrize(
    ("text", "is_country"),
    [
        *[("Germany", True), ("Deutschland", True), ("UK", True), ("Isle of Man", True), ("Fiji", True), ("USA", True)],
        # No two letters of ISO's: Kosovo, and the parts of the United Kingdom.
        *[("Kosovo", False), ("Scotland", False), ("Wales", False), ("Northern Ireland", False), ("England", False)],
        *[("Singapore", False), ("Kent", False), ("New South Wales", False), ("London", False), ("EC3R 8AH", False)],
    ],
)
def test_a_country_is_told_from_a_region_and_a_town(text: str, is_country: bool) -> None:
    assert meant(text, "GB").is_country == is_country


@pytest.mark.parametrize(
    ("text", "lat", "lon", "reach"), [("Fiji", -18, 178, 400_000), ("New Zealand", -41, 174, 800_000)]
)
def test_the_middle_of_what_lies_on_both_sides_of_180_degrees_is_there(
    text: str, lat: int, lon: int, reach: int
) -> None:
    place = meant(text, "GB")
    assert abs(place.lat_e4 / 10_000 - lat) < 2
    assert abs(place.lon_e4 / 10_000 - lon) < 2
    assert place.radius_m < reach


def test_a_city_is_meant_before_the_state_of_its_name() -> None:
    assert meant("New York", "US").radius_m == 0
    assert meant("London", "GB").radius_m == 0


def test_what_may_be_several_areas_is_asked() -> None:
    found = lookup.resolve("Georgia", "GB")
    assert found.place is None
    assert [one.radius_m > 0 for one in found.choices[:2]] == [True, True]


@pytest.mark.parametrize(("text", "found"), [("NSW", ["New South Wales, Australia"]), ("Leeds England", [])])
def test_a_city_with_districts_is_no_area(text: str, found: list[str]) -> None:
    assert [one.label for one in lookup.resolve(text, "AU").every if one.radius_m] == found


def test_an_area_that_was_chosen_is_found_by_its_id() -> None:
    for text in ("Kent", "Scotland", "Cuba", "London"):
        place = meant(text, "GB")
        assert gazetteer.get(place.id) == place
    unknown = (2_000_900_000, 2_100_900_000, 2_200_000_000, 2_300_000_000, 2**70)
    assert [gazetteer.get(id_) for id_ in unknown] == [None] * 5


def test_a_postcode_of_a_bare_number_is_one_at_home() -> None:
    assert meant("2134", "AU").country == "AU"


def test_every_county_lies_where_its_region_has_towns() -> None:
    with COUNTIES.open() as table:
        counties = list(csv.DictReader(table))
    assert len(counties) > 200
    with closing(sqlite3.connect(gazetteer.GAZETTEER)) as connection:
        for county in counties:
            middle = (round(float(county["lat"]) * 10_000), round(float(county["lon"]) * 10_000))
            towns = connection.execute(_TOWNS_NEAR, {"lat": middle[0], "lon": middle[1]}).fetchall()
            country, region, *at = min(towns, key=lambda town: distance_m(*middle, town[2], town[3]))
            assert country == county["country"], county
            # New England and the like lie in several.
            assert county["region"] in ("", region.rpartition(", ")[2]), county
            assert distance_m(*middle, *at) < int(county["radius_km"]) * 500, county


_TOWNS_NEAR = """
SELECT place.country, region.name, lat_e4, lon_e4 FROM place JOIN region ON region.id = place.region
WHERE population > 0 AND radius_m = 0 AND lat_e4 BETWEEN :lat - 30000 AND :lat + 30000
AND lon_e4 BETWEEN :lon - 40000 AND :lon + 40000
"""
