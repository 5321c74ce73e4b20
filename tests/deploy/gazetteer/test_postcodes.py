"""Where postcodes of other countries than Great Britain lie, and the town that each postcode is called after."""

import pytest

from deploy.gazetteer import postcodes
from deploy.gazetteer.nearest import Towns
from node.places.geometry import distance_m


@pytest.fixture(scope="module")
def centres() -> list[postcodes.Centre]:
    return list(postcodes.centres())


@pytest.mark.parametrize(("country", "least"), [("US", 40_000), ("AU", 3_000), ("CA", 1_640), ("IE", 138)])
def test_every_code_of_a_country_is_there(centres: list[postcodes.Centre], country: str, least: int) -> None:
    assert len([one for one in centres if one.country == country]) >= least


def test_no_country_has_a_code_twice(centres: list[postcodes.Centre]) -> None:
    every = [(one.country, one.code) for one in centres]
    assert len(every) == len(set(every))


def test_northern_ireland_has_districts_but_no_sectors(centres: list[postcodes.Centre]) -> None:
    codes = [one.code for one in centres if one.code.startswith("BT")]
    assert len(codes) == 81
    assert not any(" " in code for code in codes)


@pytest.mark.parametrize(
    ("country", "code", "lat", "lon"),
    [
        # Irish towns by the routing keys that their people write, and first halves of Canadian postcodes.
        ("IE", "D02", 53.339, -6.253),
        ("IE", "D16", 53.277, -6.272),
        ("IE", "A96", 53.281, -6.140),
        ("IE", "T12", 51.890, -8.480),
        ("IE", "H91", 53.273, -9.053),
        ("IE", "V94", 52.664, -8.627),
        ("IE", "V95", 52.844, -8.986),
        ("IE", "V93", 52.060, -9.507),
        ("IE", "C15", 53.653, -6.682),
        ("CA", "M5V", 43.642, -79.395),
        ("CA", "V6B", 49.279, -123.114),
        ("CA", "T2P", 51.048, -114.070),
        ("CA", "H2X", 45.512, -73.570),
        ("CA", "K1P", 45.420, -75.702),
        ("CA", "B3H", 44.636, -63.590),
        # Australian suburbs and towns, in the capitals and far from them; and parts of Belfast.
        ("AU", "4064", -27.463, 153.000),
        ("AU", "4067", -27.497, 153.002),
        ("AU", "3225", -38.270, 144.650),
        ("AU", "4225", -28.168, 153.530),
        ("AU", "3550", -36.760, 144.280),
        ("AU", "0870", -23.700, 133.880),
        ("AU", "0860", -19.649, 134.190),
        ("AU", "6280", -33.650, 115.350),
        ("AU", "2010", -33.882, 151.215),
        ("AU", "7250", -41.440, 147.140),
        ("GB", "BT9", 54.573, -5.945),
        ("GB", "BT12", 54.592, -5.955),
        ("GB", "BT15", 54.624, -5.934),
    ],
)
def test_a_code_lies_where_its_people_say(
    centres: list[postcodes.Centre], country: str, code: str, lat: float, lon: float
) -> None:
    (one,) = [one for one in centres if (one.country, one.code) == (country, code)]
    assert distance_m(one.lat_e4, one.lon_e4, round(lat * 10_000), round(lon * 10_000)) < 6_000


def test_codes_are_on_the_globe_and_not_at_its_origin(centres: list[postcodes.Centre]) -> None:
    for one in centres:
        assert abs(one.lat_e4) < 900_000
        assert abs(one.lon_e4) < 1_800_000
        assert (one.lat_e4, one.lon_e4) != (0, 0)


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
