"""Names on a map: none lies over another or over a pin, whatever it is made of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.maps.labels import SHEET, Rectangle, Wish, place, shortened, width_of

NAMES = st.text(max_size=60)
WISHES = st.lists(
    st.builds(Wish, NAMES, st.floats(0, 400), st.floats(0, 320), st.floats(2, 21), st.booleans()), max_size=30
)


@settings(max_examples=60)
@given(WISHES)
def test_no_name_lies_over_another_or_over_a_mark_or_the_edge(wishes: list[Wish]) -> None:
    marks = [Rectangle(one.x - 12, one.y - 12, one.x + 12, one.y + 12) for one in wishes]
    boxes = [label.box for label in place(wishes, marks) if label]
    assert all(box.is_in(SHEET) for box in boxes)
    for number, box in enumerate(boxes):
        assert not any(map(box.meets, boxes[:number]))
        assert not any(map(box.meets, marks))


def test_whoever_comes_first_has_the_choice() -> None:
    first, second = place([Wish("Leeds", 200, 160, 2), Wish("Bradford", 202, 161, 2)], [])
    assert first is not None
    assert first.anchor == "start"
    assert second is not None
    assert second.anchor != "start"


def test_a_long_name_is_cut_and_a_sign_as_wide_as_a_line_has_no_label() -> None:
    assert shortened("Llanfairpwllgwyngyllgogerychwyrndrobwll") == "Llanfairpwllgwyngyllgog…"
    assert list(place([Wish("\ufdfd", 200, 160, 2), Wish("", 100, 100, 2)], [])) == [None, None]


@pytest.mark.parametrize(("name", "least"), [("WWWW", 4), ("京都御苑", 4), ("iiii", 1), ("e\u0301" * 4, 2)])
def test_a_name_is_taken_for_as_wide_as_its_letters_can_be(name: str, least: float) -> None:
    assert width_of(name) >= least * 13
