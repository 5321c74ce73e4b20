"""Names that are almost the typed one: the keys that a slip leaves whole."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from node.places.names import fold, squash
from node.places.spelling import keys_of_name, keys_of_typed, may_be_corrected, slips_allowed, sound

_LETTERS = "abcdefghijklmnoprstuvwy"
_NAMES = st.text(_LETTERS, min_size=5, max_size=20)


def _with_a_slip(draw: st.DrawFn, name: str) -> str:
    """A letter doubled, left out, another, or swapped with the next one."""
    at = draw(st.integers(0, len(name) - 2))
    one, two, rest = name[at], name[at + 1], name[at + 2 :]
    return name[:at] + draw(st.sampled_from((one + one + two, two, "z" + two, two + one))) + rest


@st.composite
def _slipped(draw: st.DrawFn, least: int = 5, slips: int = 1) -> tuple[str, str]:
    """A name of so many letters and more, and the name with so many slips in it."""
    name = draw(st.text(_LETTERS, min_size=least, max_size=20))
    typed = name
    for _ in range(slips):
        typed = _with_a_slip(draw, typed)
    return name, typed


@given(_slipped())
def test_a_name_with_one_slip_in_it_shares_a_key_with_itself(both: tuple[str, str]) -> None:
    name, typed = both
    assert keys_of_typed(typed, 1) & set(keys_of_name(name))


@given(_slipped(least=9, slips=2))
def test_a_long_name_with_two_slips_in_it_shares_a_key_with_itself(both: tuple[str, str]) -> None:
    name, typed = both
    assume(OSA.distance(name, typed) <= 2)
    assert keys_of_typed(typed, 2) & set(keys_of_name(name))


@given(_NAMES)
def test_few_keys_are_asked_for(name: str) -> None:
    assert len(keys_of_typed(name, 2)) <= 45


@given(_NAMES)
def test_a_longer_name_may_have_two_slips_in_it(name: str) -> None:
    assert slips_allowed(name) == (2 if len(name) >= 7 else 1)


@given(st.text(max_size=200))
def test_whatever_was_typed_has_keys_or_none(text: str) -> None:
    squashed = squash(fold(text))
    assert isinstance(keys_of_typed(squashed, slips_allowed(squashed)), set)
    assert len(set(keys_of_name(squashed))) <= 4


@pytest.mark.parametrize(
    ("typed", "name"),
    [("lester", "leicester"), ("gloster", "gloucester"), ("fransisco", "francisco"), ("filadelfia", "philadelphia")],
)
def test_names_that_sound_alike_have_one_sound(typed: str, name: str) -> None:
    assert sound(typed) == sound(name)


@pytest.mark.parametrize("name", ["bat", "москва", "x" * 31, "12345"])
def test_a_name_of_another_script_or_length_is_not_corrected(name: str) -> None:
    assert not may_be_corrected(name)
