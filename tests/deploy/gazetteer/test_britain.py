"""Full postcodes of Great Britain: where they lie, how exact that is, and what the built file makes of them."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from deploy.gazetteer import britain
from deploy.gazetteer.britain import Sector, Settled
from node.places import full_postcodes
from node.places.full_postcodes import Point
from node.places.geometry import distance_m

#: From maps and from their own web pages, and so not from the package: where people stand at that address.
WELL_KNOWN = [
    ("SW1A 1AA", 51.5014, -0.1419),  # Buckingham Palace
    ("SW1A 2AA", 51.5034, -0.1276),  # 10 Downing Street
    ("SW1A 0AA", 51.4998, -0.1247),  # the House of Commons
    ("EC3R 8AH", 51.5101, -0.0860),  # The Monument
    ("SE1 7PB", 51.5033, -0.1196),  # the London Eye
    ("SE1 9SG", 51.5045, -0.0865),  # The Shard
    ("PE1 1XS", 52.5725, -0.2393),  # Peterborough Cathedral
    ("YO1 7HH", 53.9620, -1.0819),  # York Minster
    ("LS1 3AD", 53.8001, -1.5497),  # Leeds Town Hall
    ("L3 4BB", 53.4007, -2.9944),  # Tate Liverpool
    ("EH1 2NG", 55.9486, -3.1999),  # Edinburgh Castle
    ("G3 8AG", 55.8686, -4.2906),  # Kelvingrove Museum
    ("CF10 3RB", 51.4823, -3.1812),  # Cardiff Castle
    ("BA1 1LZ", 51.3811, -2.3596),  # the Roman Baths
    ("OX1 3BG", 51.7541, -1.2540),  # the Bodleian Library
    ("CB2 1ST", 52.2043, 0.1165),  # King's College
    ("B1 1BB", 52.4799, -1.9031),  # the Council House of Birmingham
    ("BS1 5DB", 51.4507, -2.6003),  # We The Curious
]


@pytest.fixture(scope="module")
def sectors() -> dict[str, Sector]:
    return britain.read_sectors()


@pytest.fixture(scope="module")
def settled(sectors: dict[str, Sector]) -> Settled:
    return Settled(sectors)


@pytest.fixture(scope="module")
def middles(sectors: dict[str, Sector]) -> dict[str, tuple[int, int]]:
    return britain.middles(sectors)


@pytest.fixture
def empty() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(full_postcodes.TABLE)
        yield connection


def test_ordnance_surveys_worked_example_is_where_a_phone_has_it() -> None:
    """Caister water tower: 52° 39' 28.83" N, 1° 42' 57.87" E."""
    ((lat, lon),) = britain._to_e4([651_409.903], [313_177.270])
    assert distance_m(lat, lon, 526_580, 17_161) < 15


@pytest.mark.parametrize(("postcode", "lat", "lon"), WELL_KNOWN)
def test_a_well_known_postcode_is_at_its_door(
    sectors: dict[str, Sector], settled: Settled, postcode: str, lat: float, lon: float
) -> None:
    sector = sectors[postcode[:-2]]
    point = britain.points_of(sector, settled)[full_postcodes.number_of(postcode[-2:]) or 0]
    # A palace or a cathedral close is wider than a house.
    assert distance_m(point.lat_e4, point.lon_e4, round(lat * 10_000), round(lon * 10_000)) < 200
    assert point.precision_m <= 100


@pytest.mark.parametrize("postcode", ["IV27 4AA", "TR19 7AA", "KW1 4YR", "HS9 5XW"])
def test_a_postcode_of_a_few_far_farms_is_not_taken_for_an_exact_one(
    sectors: dict[str, Sector], settled: Settled, postcode: str
) -> None:
    point = britain.points_of(sectors[postcode[:-2]], settled)[full_postcodes.number_of(postcode[-2:]) or 0]
    assert point.precision_m > 200


def test_a_point_in_whole_hundreds_of_metres_is_not_taken_for_an_exact_one() -> None:
    town = Sector()
    for number in range(400):
        town.units.append(number)
        town.east.append(500_000 + number % 20 * 50)
        town.north.append(200_000 + number // 20 * 50)
    assert Settled({"XX1 1": town}).precision_m(500_450, 200_450) <= 100
    assert Settled({"XX1 1": town}).precision_m(500_400, 200_400) > 100


def test_every_sector_of_great_britain_is_there_and_none_of_northern_ireland(sectors: dict[str, Sector]) -> None:
    assert len(sectors) > 12_000
    assert sum(len(one.units) for one in sectors.values()) > 2_600_000
    assert not any(code.startswith("BT") for code in sectors)


def test_a_sector_lies_in_its_district(middles: dict[str, tuple[int, int]]) -> None:
    far = [
        code
        for code, middle in middles.items()
        if " " in code and distance_m(*middle, *middles[code.split()[0]]) > 100_000
    ]
    assert far == []


def test_the_parts_of_a_split_district_are_one_as_people_say_it(middles: dict[str, tuple[int, int]]) -> None:
    assert distance_m(*middles["EC1"], *middles["EC1A"]) < 1_000


def test_what_is_written_is_found_again_within_fifteen_metres_of_the_source(
    sectors: dict[str, Sector], settled: Settled, middles: dict[str, tuple[int, int]], empty: sqlite3.Connection
) -> None:
    """A third of a percent of all sectors, each with all its postcodes."""
    for code in random.Random(9).sample(sorted(sectors), 40):
        points = britain.points_of(sectors[code], settled)
        full_postcodes.insert(empty, code, middles[code], points)
        for unit in ("AA", "BD", "ZZ"):
            assert (full_postcodes.find(empty, code, unit) is None) == (full_postcodes.number_of(unit) not in points)
        for unit, number in full_postcodes._NUMBERS.items():
            found = full_postcodes.find(empty, code, unit)
            if found is None:
                assert number not in points
                continue
            lat, lon, metres = points[number]
            assert distance_m(found.lat_e4, found.lon_e4, lat, lon) <= 15
            assert 0 <= found.precision_m - metres < 10 or found.precision_m == 2_550


def test_a_point_that_cannot_be_in_its_sector_is_left_out(empty: sqlite3.Connection) -> None:
    far = Point(515_000 + 40_000, 0, 50)
    full_postcodes.insert(empty, "XX1 1", (515_000, 0), {0: far, 1: Point(515_010, 20, 50)})
    assert full_postcodes.find(empty, "XX1 1", "AA") is None
    assert full_postcodes.find(empty, "XX1 1", "AB") == (515_010, 20, 50)


@pytest.mark.parametrize(("sector", "unit"), [("XX1 1", "AA"), ("PE1 1", "CI"), ("PE1 1", ""), ("", "")])
def test_no_postcode_has_no_point(empty: sqlite3.Connection, sector: str, unit: str) -> None:
    assert full_postcodes.find(empty, sector, unit) is None
