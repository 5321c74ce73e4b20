"""federation.text: one rule for what people wrote, for readers and for our own forms (PROTOCOL.md §2.3)."""

import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.documents import ChapterDocument, HqProfile, Profile
from federation.errors import Malformed
from federation.payloads import read_document
from federation.text import MOST_LINES, is_visible, tidy, tidy_line
from node.input.validation import check_texts

from ..support.federation_makers import ChapterMaker, listing, point, write

LONDON = ChapterMaker()
UNSEEN = ["\u200b", "\u2060", "\u200b\u2060\ufeff", "\u3164", "\u2800", "\u00a0", "\u0301", "\U000e0041"]
ANY = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n\u0301\u200b\u2028\t\r"), max_size=120)


@given(ANY)
def test_s2_3_what_is_tidy_stays_as_it_is(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20)))
def test_s2_3_plain_text_is_tidied_alike_with_and_without_a_character_that_nobody_sees(text: str) -> None:
    assert tidy(text) == tidy(f"{text}\u200b")


@given(ANY)
def test_s2_3_tidying_hides_no_name_and_shows_none(text: str) -> None:
    assert is_visible(tidy(text)) == is_visible(text)


def test_s2_3_a_thousand_line_feeds_make_no_long_page() -> None:
    assert tidy("one" + "\n" * 1000 + "two") == "one\n\ntwo"
    assert len(tidy("a\nb\n" * 500).splitlines()) == MOST_LINES


def test_s2_3_a_name_is_on_one_line() -> None:
    assert tidy_line("Thursday\n\nrun\tat dusk") == "Thursday run at dusk"


@pytest.mark.parametrize("name", UNSEEN)
def test_s2_3_a_peers_name_that_nobody_can_see_is_refused(name: str) -> None:
    profile = {"name": "London", "place": "London", "country": "GB"}
    for members in (
        LONDON.members(listings=[listing(name=name)]),
        LONDON.members(listings=[listing(meeting_point=point(name=name))]),
        LONDON.members(profile=profile | {"name": name}),
        LONDON.members(profile=profile | {"place": name}),
    ):
        with pytest.raises(Malformed):
            read_document(write(members), ChapterDocument)
    with pytest.raises(Malformed):
        read_document(write({"name": name, "contact": "hq@example.org"}), HqProfile)
    assert read_document(write(profile), Profile).name == "London"


@pytest.mark.parametrize("name", UNSEEN)
def test_a_name_that_nobody_can_see_is_not_kept_from_a_form(name: str) -> None:
    assert check_texts({"name": name}, {"name": 80}, frozenset({"name"})) == {"name": "required"}


def test_s2_3_no_chapter_is_refused_for_a_stacked_mark() -> None:
    found = read_document(write(LONDON.members(listings=[listing(name="Z" + "\u0301" * 60)])), ChapterDocument)
    assert tidy(found.listings[0].name) == "Z" + "\u0301" * 4


def test_what_strangers_wrote_at_length_fills_no_memory() -> None:
    texts = [f"{number} " + "\U0001f3c3\U0001f3fe" * 490 for number in range(500)]
    tracemalloc.start()
    try:
        for text in texts:
            tidy(text)
            tidy_line(text)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 500_000


def test_what_a_form_took_is_not_kept() -> None:
    private = "".join(["a word that ", "nobody else may read"])
    before = sys.getrefcount(private)
    tidy(private)
    assert sys.getrefcount(private) == before
