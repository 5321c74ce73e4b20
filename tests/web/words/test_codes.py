"""Every code of a closed list has words, and all words are for a code of a list."""

from collections.abc import Collection

import pytest

from federation import words as protocol
from node.chapter import runs
from web.forms import run
from web.words import listings, states


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (listings.KINDS, protocol.RUN_KINDS),
        (listings.FACILITIES, protocol.FACILITIES),
        # No form offers "some": a lead says whom a run is for.
        ({*listings.AUDIENCES, "some"}, protocol.AUDIENCES),
        (listings.PHOTOS, protocol.PHOTOS),
        (listings.BANK_HOLIDAYS, protocol.BANK_HOLIDAYS),
        (states.reason_buttons(), protocol.REASONS),
        (run.REPEATS, runs.REPEATS),
    ],
)
def test_every_code_of_a_closed_list_has_its_words(words: Collection[str], codes: Collection[str]) -> None:
    assert len(codes) > 2
    assert set(words) == set(codes)


def test_a_reason_of_tomorrow_is_told_as_something() -> None:
    assert [states.reason_words(code) for code in ("weather", "flood", None)] == [
        "It’s because of the weather.",
        "Something came up.",
        "",
    ]
