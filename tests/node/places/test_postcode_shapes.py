"""The shapes of postcodes: what may be one, and how it is written."""

import pytest

from node.places import postcode_shapes
from node.places.names import fold


@pytest.mark.parametrize("typed", ["PE1 1XF", "pe1 1xf", "pe11xf", "PE1-1XF", "  PE1  1XF ", "PE1 1X", "PE1 1"])
def test_a_british_postcode_lies_in_its_sector_and_that_in_its_district(typed: str) -> None:
    full = ["PE1 1XF"] if "f" in typed.lower() else []
    assert postcode_shapes.british(fold(typed)) == [*full, "PE1 1", "PE1"]


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("SE1", ["SE1"]),
        ("PE11", ["PE11"]),
        ("PE111XF", ["PE11 1XF", "PE11 1", "PE11"]),
        ("EC1A1BB", ["EC1A 1BB", "EC1A 1", "EC1A"]),
        ("w1a 1aa", ["W1A 1AA", "W1A 1", "W1A"]),
        ("M1 1AE", ["M1 1AE", "M1 1", "M1"]),
        ("E1W", ["E1W"]),
    ],
)
def test_digits_go_to_the_district_as_far_as_they_can(typed: str, codes: list[str]) -> None:
    assert postcode_shapes.british(fold(typed)) == codes


@pytest.mark.parametrize(("typed", "code"), [("10001", "10001"), ("10001-1234", "10001"), ("0800", "0800")])
def test_a_number_is_a_zip_code_or_an_australian_postcode(typed: str, code: str) -> None:
    assert postcode_shapes.numeric(fold(typed)) == [code]


@pytest.mark.parametrize(
    ("typed", "code"),
    [("D02", "D02"), ("d02 x285", "D02"), ("D6WXY00", "D6W"), ("M5V 3L9", "M5V"), ("m5v", "M5V"), ("V6B1A1", "V6B")],
)
def test_an_irish_or_canadian_postcode_is_its_first_half(typed: str, code: str) -> None:
    assert postcode_shapes.lettered(fold(typed)) == [code]


def test_only_the_code_of_a_few_doors_is_a_full_one() -> None:
    assert [code for code in ("PE1 1XF", "PE1 1", "PE1", "EC1A", "M5V", "10001") if postcode_shapes.is_full(code)] == [
        "PE1 1XF"
    ]


@pytest.mark.parametrize(
    "typed",
    ["", "London", "SE", "1", "123", "123456", "SE1 London", "PE1 1XFA", "\u0661\u0660\u0660\u0660", "\u00bd000"],
)
def test_anything_else_is_none(typed: str) -> None:
    assert postcode_shapes.british(fold(typed)) == postcode_shapes.numeric(fold(typed)) == []
    assert postcode_shapes.lettered(fold(typed)) == []
