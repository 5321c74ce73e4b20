"""What somebody typed to say where, taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.places.readings import Reading, phrases_of, readings, stripped, unused


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("Lewes, East Sussex", Reading("lewes", ("east sussex",))),
        ("Perth in Scotland", Reading("perth", ("scotland",))),
        ("near Leeds", Reading("leeds")),
        ("leeds city centre", Reading("leeds")),
        ("within 5 km of Guildford", Reading("guildford")),
        ("Headingley Leeds", Reading("headingley", ("leeds",), is_split=True)),
        ("Leeds Headingley", Reading("headingley", ("leeds",), is_split=True, is_turned=True)),
        ("Portland Maine, USA", Reading("portland", ("maine", "usa"), is_split=True)),
    ],
)
def test_a_text_is_read_in_the_way_it_may_be_meant(text: str, reading: Reading) -> None:
    assert reading in list(readings(text))


def test_all_of_it_is_a_name_first() -> None:
    assert next(readings("Barrow in Furness")) == Reading("barrow in furness")


@given(st.text(max_size=100))
def test_no_reading_is_tried_twice_and_none_is_empty(text: str) -> None:
    found = list(readings(text))
    assert len(found) == len(set(found))
    assert all(reading.name for reading in found)


@given(st.text("aeinr ,", max_size=100))
def test_a_text_has_a_bounded_number_of_readings(text: str) -> None:
    assert len(list(readings(text))) <= 60


@pytest.mark.parametrize("text", ["north", "city centre", "runs near me tonight", "in"])
def test_something_is_left_of_words_that_name_nothing(text: str) -> None:
    assert stripped(text)


def test_a_sentence_has_phrases_of_that_may_be_names() -> None:
    runs = {run.words: run.is_pointed_at for run in phrases_of(["live", "in", "leeds", "and", "run"])}
    assert runs["leeds"]
    assert "live" not in runs


@pytest.mark.parametrize(
    ("text", "used", "left"),
    [
        ("London, Blankshire", "london", "Blankshire"),
        ("I live in Leeds and want to run tonight", "leeds", ""),
        ("Leeds city centre", "leeds", ""),
        ("York Minster", "york", "Minster"),
    ],
)
def test_what_said_nothing_to_us_is_named_as_it_was_typed(text: str, used: str, left: str) -> None:
    assert unused(text, used) == left
