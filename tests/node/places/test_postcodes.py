"""Postcodes of several countries, whole and in part."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from node.places import gazetteer, lookup
from node.places.geometry import distance_m

from .test_lookup import meant

pytestmark = pytest.mark.usefixtures("gazetteer")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("PE1 1XF", "PE1 1, Peterborough, England, United Kingdom"),
        ("pe11xf", "PE1 1, Peterborough, England, United Kingdom"),
        ("PE1 1", "PE1 1, Peterborough, England, United Kingdom"),
        ("CR0", "CR0, Croydon, England, United Kingdom"),
        ("EH1 1YZ", "EH1 1, Edinburgh, Scotland, United Kingdom"),
        ("BT9 6AA", "BT9, Malone, Belfast, Northern Ireland, United Kingdom"),
        ("JE2 3AB", "JE2, Saint Helier, Jersey"),
        ("IM1", "IM1, Douglas, Isle of Man"),
        ("10001-1234", "10001, Chelsea, Manhattan, New York, United States"),
    ],
)
def test_a_postcode_is_a_place(text: str, label: str) -> None:
    assert meant(text) == label


def test_a_postcode_of_a_sector_that_we_do_not_know_is_its_district() -> None:
    assert meant("PE1 0ZZ") == "PE1, Peterborough, England, United Kingdom"


@pytest.mark.parametrize("text", ["SE1 run", "run SE1", "running in SE1", "join a walk near SE1", "SE1 tonight"])
def test_plain_words_beside_a_postcode_say_nothing_of_it(text: str) -> None:
    assert (place := lookup.resolve(text).place) is not None
    assert place.name.startswith("SE1, ")


@pytest.mark.parametrize("text", ["5k SE1", "5k run SE1", "couch to 5k near SE1"])
def test_what_is_unknown_beside_a_part_of_a_postcode_is_left_out(text: str) -> None:
    found = lookup.resolve(text, "GB")
    assert found.place is not None
    assert found.place.name.startswith("SE1, ")
    assert "5k" in found.dropped


@pytest.mark.parametrize("text", ["run at 2000", "2000 run"])
def test_four_digits_beside_plain_words_may_be_an_hour(text: str) -> None:
    place = lookup.resolve(text, "GB").place
    assert place is None or place.country != "AU"


@pytest.mark.parametrize("text", ["London SE1", "SE1, London", "SE1 UK", "1 1XF", "ZZ1 1AA", "SE1 Paris", "99999"])
def test_what_stands_beside_a_postcode_must_be_where_it_lies(text: str) -> None:
    place = lookup.resolve(text).place
    assert (place is not None and place.name.startswith("SE1, ")) == ("London" in text or "UK" in text)


@pytest.mark.parametrize("text", ["4000, Australia", "4000 QLD", "Brisbane QLD 4000", "4000 brisbane"])
def test_a_number_beside_its_country_region_or_town_is_a_postcode_everywhere(text: str) -> None:
    assert meant(text) == "4000, Brisbane, Queensland, Australia"


@pytest.mark.parametrize(("home", "is_clear"), [("AU", True), ("GB", True), ("NZ", False), ("DK", False), ("", False)])
def test_a_bare_number_is_clear_where_it_can_be_no_other_countrys_postcode(home: str, is_clear: bool) -> None:
    assert (lookup.resolve("4000", home).place is not None) == is_clear


@pytest.mark.parametrize(("text", "number"), [("10115 Germany", "10115"), ("Peterborough 4000", "4000")])
def test_a_number_elsewhere_is_no_postcode_that_we_know(text: str, number: str) -> None:
    assert lookup.resolve(text).dropped == number


def test_a_town_goes_before_a_number_that_may_be_a_postcode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "places.sqlite"
    copy.write_bytes(gazetteer.GAZETTEER.read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        (perth,) = connection.execute("SELECT place FROM name WHERE squashed = 'perth' AND tier = 0").fetchone()
        connection.execute("INSERT INTO name VALUES (0, '4000', ?, 2)", (perth,))
    monkeypatch.setattr(gazetteer, "GAZETTEER", copy)
    assert "Perth" in str(lookup.resolve("4000", "AU").place)


def test_a_zip_code_of_a_territory_is_there() -> None:
    place = lookup.resolve("00601", "US").place
    assert place is not None
    assert place.label == "00601, Adjuntas, Puerto Rico"


def test_a_postcode_has_its_town_s_country_region_and_zone() -> None:
    place = lookup.resolve("4101", "AU").place
    assert place is not None
    assert (place.id, place.country, place.region, place.timezone) == (0, "AU", "Queensland", "Australia/Brisbane")
    assert (place.lat_e4 // 10_000, place.lon_e4 // 10_000) == (-28, 153)


def test_nothing_more_than_the_sector_of_a_postcode_is_in_its_place() -> None:
    assert "XF" not in str(lookup.resolve("PE1 1XF").place).replace(" ", "")


def test_a_letter_for_the_nought_of_a_postcode_is_read() -> None:
    assert lookup.resolve("N1 OAA").place == lookup.resolve("N1 0AA").place
    assert lookup.resolve("N1 0AA").place is not None


@pytest.mark.parametrize(
    ("text", "lat_e4", "lon_e4"),
    [("PE1 1XS", 525_725, -2_393), ("sw1a1aa", 515_014, -1_419), ("EH1 2NG, Edinburgh", 559_486, -31_999)],
)
def test_a_full_postcode_is_the_neighbourhood_of_a_door(text: str, lat_e4: int, lon_e4: int) -> None:
    place = lookup.resolve(text).place
    assert place is not None
    assert distance_m(place.lat_e4, place.lon_e4, lat_e4, lon_e4) < 200
    assert place.precision_m <= 100


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ("near PE1 1XS", ""),
        ("PE1 1XS city centre", ""),
        ("PE1 1XS bus stop", "bus stop"),
        ("the cathedral gate, pe11xs", "cathedral gate"),
        ("runs around PE1 1XS tonight", ""),
    ],
)
def test_a_full_postcode_in_a_sentence_is_what_is_meant(text: str, dropped: str) -> None:
    meant = lookup.resolve(text, "GB")
    assert meant.place is not None
    assert (meant.place.lat_e4, meant.place.lon_e4) == (525_731, -2_416)
    assert meant.dropped == dropped


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("PE1 1XS", 20, 100),
        ("KW1 4YR", 300, 2_550),
        ("PE1 1", 1_000, 1_000),
        ("PE1 1ZZ", 1_000, 1_000),  # of a sector that we know, though not that postcode
        ("PE1", 3_000, 3_000),
        ("4101 Australia", 3_000, 3_000),
        ("Castor, England", 500, 600),
        ("Peterborough, England", 3_000, 6_000),
        ("London, England", 20_000, 40_000),
        ("51.5101, -0.0860", 10, 10),
        ("51.51, -0.0861", 10, 10),
        ("51.510, -0.086", 50, 100),
        ("51.51, -0.09", 500, 600),
        ("51, 0", 50_000, 60_000),
    ],
)
def test_a_place_says_how_exact_its_point_is(text: str, least: int, most: int) -> None:
    place = lookup.resolve(text).every[0]
    assert least <= place.precision_m <= most


@pytest.mark.parametrize(
    ("text", "home", "label"),
    [
        ("D02", "GB", "D02, Dublin, Leinster, Ireland"),
        ("d02 x285", "", "D02, Dublin, Leinster, Ireland"),
        ("V95", "IE", "V95, Ennis, Munster, Ireland"),
        ("W12", "GB", "W12, Shepherds Bush, England, United Kingdom"),
        ("W12", "IE", "W12, Droichead Nua, Leinster, Ireland"),
        ("W12 7RJ", "IE", "W12 7, White City, London, England, United Kingdom"),
        ("W12 X9P3", "GB", "W12, Droichead Nua, Leinster, Ireland"),
        ("E1W 3A1", "GB", "E1W, Tracadie-Sheila, New Brunswick, Canada"),
        ("V6B 1A1", "CA", "V6B, Downtown Vancouver, British Columbia, Canada"),
    ],
)
def test_an_irish_or_canadian_postcode_is_a_place(text: str, home: str, label: str) -> None:
    place = lookup.resolve(text, home).place
    assert place is not None
    assert place.label == label


def test_a_code_of_two_countries_offers_the_other_one() -> None:
    assert [one.country for one in lookup.resolve("W12", "GB").choices] == ["IE"]
