"""Where postcodes lie, and the town that each is called after."""

from math import degrees

import pytest

from deploy.gazetteer import grid, postcodes
from deploy.gazetteer.nearest import Towns
from node.places.geometry import distance_m


@pytest.fixture(scope="module")
def centres() -> dict[str, postcodes.Centre]:
    return {one.code: one for one in postcodes.centres()}


def test_ordnance_surveys_worked_example_comes_out_to_a_millimetre() -> None:
    lat, lon = map(degrees, grid._unprojected(651_409.903, 313_177.270))
    assert lat == pytest.approx(52 + 39 / 60 + 27.2531 / 3600, abs=1e-8)
    assert lon == pytest.approx(1 + 43 / 60 + 4.5177 / 3600, abs=1e-8)


@pytest.mark.parametrize(
    ("east", "north", "lat", "lon"),
    [
        (530_000, 180_000, 51.5038, -0.1286),  # London, St James's Park
        (651_409.903, 313_177.270, 52.657979, 1.716052),  # Caister water tower
        (325_897, 673_996, 55.9532, -3.1883),  # Edinburgh, the Balmoral
        (447_000, 1_141_000, 60.1504, -1.1555),  # Lerwick
    ],
)
def test_a_point_on_the_grid_is_where_a_phone_has_it(east: float, north: float, lat: float, lon: float) -> None:
    assert distance_m(*(round(angle * 10_000) for angle in (*grid.to_wgs84(east, north), lat, lon))) < 500


def test_every_sector_district_zip_and_australian_postcode_is_there(centres: dict[str, postcodes.Centre]) -> None:
    by_country = {
        country: [one for one in centres.values() if one.country == country] for country in ("GB", "US", "AU")
    }
    assert len(by_country["GB"]) > 14_000
    assert len(by_country["US"]) > 40_000
    assert len(by_country["AU"]) > 3_000


def test_no_code_is_there_twice() -> None:
    every = [one.code for one in postcodes.centres()]
    assert len(every) == len(set(every))


def test_northern_ireland_has_districts_but_no_sectors(centres: dict[str, postcodes.Centre]) -> None:
    codes = [code for code in centres if code.startswith("BT")]
    assert len(codes) == 81
    assert not any(" " in code for code in codes)


def test_codes_are_on_the_globe_and_not_at_its_origin(centres: dict[str, postcodes.Centre]) -> None:
    for one in centres.values():
        assert abs(one.lat_e4) < 900_000
        assert abs(one.lon_e4) < 1_800_000
        assert (one.lat_e4, one.lon_e4) != (0, 0)


def test_a_sector_lies_in_its_district(centres: dict[str, postcodes.Centre]) -> None:
    far = [
        code
        for code, one in centres.items()
        if " " in code and distance_m(*one[2:], *centres[code.split()[0]][2:]) > 100_000
    ]
    assert far == []


def test_the_parts_of_a_split_district_are_one_as_people_say_it(centres: dict[str, postcodes.Centre]) -> None:
    assert distance_m(*centres["EC1"][2:], *centres["EC1A"][2:]) < 1_000


def test_a_city_is_named_before_a_hamlet_that_is_a_little_nearer() -> None:
    towns = Towns([(1, "GB", 525_000, 0, 0), (2, "GB", 525_050, 0, 200_000)])
    assert towns.named("GB", 525_020, 0) == 2


def test_a_hamlet_is_named_before_a_city_that_is_far_away() -> None:
    towns = Towns([(1, "GB", 525_000, 0, 0), (2, "GB", 526_000, 0, 200_000)])
    assert towns.named("GB", 525_020, 0) == 1


def test_a_town_of_another_country_is_never_named() -> None:
    towns = Towns([(1, "CA", 423_000, -830_000, 300_000), (2, "US", 430_000, -830_000, 900)])
    assert towns.named("US", 423_000, -830_000) == 2


def test_where_no_town_is_for_a_hundred_kilometres_there_is_none() -> None:
    assert Towns([(1, "US", 400_000, -1_000_000, 900)]).named("US", 412_000, -1_000_000) is None
