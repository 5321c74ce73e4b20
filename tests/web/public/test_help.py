"""The page of help lines shows the reader's country first. A line that nobody has checked lately says so."""

from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from node import help_lines
from node.help_lines import HelpLine

from ...support.network import BRISBANE, LocalNode
from ...support.web_client import Phone, words

ROOT = Path(__file__).parents[3]


def test_the_chapters_country_comes_first(london: LocalNode) -> None:
    page = words(Phone(london).get("/help"))
    assert page.index("England 999") < page.index("Australia 000")


def test_another_country_can_be_asked_for(london: LocalNode) -> None:
    page = words(Phone(london).get("/help?country=au"))
    assert page.index("Australia 000") < page.index("England 999")


def test_a_reader_from_a_country_we_do_not_know_sees_elsewhere_first(london: LocalNode) -> None:
    page = words(Phone(london).get("/help?country=BR"))
    assert page.index("findahelpline.com") < page.index("England 999")


def test_the_chapter_decides_where_its_readers_are(tmp_path: object, london: LocalNode) -> None:
    from node.chapter.profile import edit_profile

    with london.session() as session:
        edit_profile(session, london.settings, BRISBANE, london.clock())
    page = words(Phone(london).get("/help"))
    assert page.index("Australia 000") < page.index("England 999")


def test_a_number_is_one_tap(london: LocalNode) -> None:
    page = Phone(london).get("/help").text
    assert 'href="tel:116123"' in page
    assert 'href="sms:85258?&amp;body=SHOUT"' in page
    assert "Text SHOUT to 85258" in page


def test_where_there_is_a_chat_it_is_one_tap(london: LocalNode) -> None:
    response = Phone(london).get("/help?country=US")
    assert 'href="https://988lifeline.org/chat/">Chat at 988lifeline.org/chat</a>' in response.text


def test_every_word_of_the_lines_can_be_translated() -> None:
    with (ROOT / "web/translations/babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    marked = {text for _, _, text, *_ in extract_from_dir(ROOT / "node/data", methods, options)}
    for region in help_lines.regions():
        lines = (region.emergency, *region.lines)
        assert {region.name, *(line.name for line in lines), *(line.note for line in lines)} - {""} <= marked


def test_a_source_is_called_a_source(london: LocalNode) -> None:
    page = words(Phone(london).get("/help"))
    assert "Source : Samaritans" in page
    assert "Its own site" not in page


def test_the_four_nations_stand_apart(london: LocalNode) -> None:
    assert [region.name for region in help_lines.for_reader("GB")[:4]] == [
        "England",
        "Wales",
        "Scotland",
        "Northern Ireland",
    ]
    page = words(Phone(london).get("/help"))
    for line in ("Breathing Space", "0808 808 8000", "NHS 111, option 2"):
        assert line in page


def test_a_line_that_nobody_has_checked_says_so(london: LocalNode) -> None:
    assert "We haven’t checked this number ourselves yet" in words(Phone(london).get("/help"))


@pytest.mark.parametrize(
    ("verified_on", "checked"), [(None, False), (date(2025, 12, 3), True), (date(2025, 12, 1), False)]
)
def test_a_check_holds_for_180_days(verified_on: date | None, checked: bool) -> None:
    line = HelpLine("Samaritans", "116 123", "call", "https://www.samaritans.org/", verified_on)
    assert line.is_checked(date(2026, 6, 1)) is checked


def test_every_line_has_its_official_source() -> None:
    for region in help_lines.regions():
        for line in (region.emergency, *region.lines):
            assert line.source_url.startswith("https://"), line


def test_the_lines_are_those_of_the_design() -> None:
    numbers = {
        region.name: {line.number for line in (region.emergency, *region.lines)} for region in help_lines.regions()
    }
    assert numbers["England"] == {"999", "111", "116 123", "85258"}
    assert numbers["Northern Ireland"] == {"999", "0808 808 8000", "116 123"}
    assert numbers["United States"] == {"911", "988", "988lifeline.org/chat"}
    assert numbers["Australia"] == {"000", "13 11 14", "0477 13 11 14"}
    assert numbers["New Zealand"] == {"111", "1737"}
