"""The page of help lines shows the reader's country alone, and says once whether somebody has checked the numbers."""

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from msgspec.structs import replace

from node import help_lines
from node.help_lines import HelpLine

from ...support.network import BRISBANE, LocalFederation, LocalNode
from ...support.web_client import Phone, words

ROOT = Path(__file__).parents[3]


def test_the_page_has_the_lines_of_the_chapters_country_alone(london: LocalNode) -> None:
    page = words(Phone(london).get("/help"))
    assert "Call 999 if someone is in danger" in page
    assert "Call 116 123 Samaritans" in page
    assert "13 11 14" not in page


def test_another_country_is_one_tap_away(london: LocalNode) -> None:
    phone = Phone(london)
    assert '<a href="/help?country=AU">Australia</a>' in phone.get("/help").text
    page = words(phone.get("/help?country=au"))
    assert "Call 000 if someone is in danger" in page
    assert "116 123" not in page


def test_a_reader_from_a_country_we_do_not_know_is_told_what_works_anywhere(london: LocalNode) -> None:
    page = words(Phone(london).get("/help?country=BR"))
    assert "Call your local emergency number if someone is in danger" in page
    assert "Call 112" in page
    assert page.index("findahelpline.com") < page.index("United Kingdom")


def test_the_chapter_decides_where_its_readers_are(london: LocalNode) -> None:
    from node.chapter.profile import edit_profile

    with london.session() as session:
        edit_profile(session, london.settings, BRISBANE, london.clock())
    assert "Call 000 if someone is in danger" in words(Phone(london).get("/help"))


def test_hq_takes_a_reader_to_be_where_the_language_is_spoken(federation: LocalFederation) -> None:
    for _ in ("drawn", "kept"):
        for language, number in (("en-AU", "000"), ("en-US", "911"), ("en-GB", "999")):
            page = words(Phone(federation.hq).get("/help", headers={"Accept-Language": language}))
            assert f"Call {number} if someone is in danger" in page


def test_a_number_is_one_tap(london: LocalNode) -> None:
    page = Phone(london).get("/help").text
    assert 'href="tel:116123"' in page
    assert 'href="sms:85258?&amp;body=SHOUT"' in page
    assert "Text SHOUT to 85258" in page


def test_where_there_is_a_chat_it_is_one_tap(london: LocalNode) -> None:
    page = Phone(london).get("/help?country=US").text
    assert 'href="https://988lifeline.org/chat/" rel="noopener noreferrer">Chat at 988lifeline.org/chat</a>' in page


def test_a_listening_line_comes_right_after_the_emergency_number(london: LocalNode) -> None:
    dialled = re.findall('href="(tel|sms):([0-9]+)', Phone(london).get("/help").text)
    assert dialled[:3] == [("tel", "999"), ("tel", "116123"), ("sms", "85258")]


def test_every_word_of_the_lines_can_be_translated() -> None:
    with (ROOT / "web/translations/babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    marked = {text for _, _, text, *_ in extract_from_dir(ROOT / "node/data", methods, options)}
    for here in help_lines.countries():
        lines = here.every_line
        parts = [name for part in here.parts for name in part.names]
        assert {here.name, *parts, *(line.name for line in lines), *(line.note for line in lines)} - {""} <= marked


def test_the_sources_come_once_at_the_foot(london: LocalNode) -> None:
    text = Phone(london).get("/help").text
    foot = text.partition("Where these numbers come from")[2]
    for here in help_lines.countries()[:1]:
        for source in (source for line in here.every_line for source in line.sources):
            assert text.count(f'href="{source}"') == foot.count(f'href="{source}"') == 1


@pytest.mark.parametrize(("country", "least"), [("GB", 6), ("US", 3)])
def test_no_two_sources_are_called_the_same(london: LocalNode, country: str, least: int) -> None:
    foot = Phone(london).get(f"/help?country={country}").text.partition("Where these numbers come from")[2]
    names = re.findall(r'rel="noopener noreferrer">([^<]+)<span class="unseen">', foot)
    assert len(names) == len(set(names)) >= least


def test_parts_of_a_country_with_the_same_lines_share_a_section(london: LocalNode) -> None:
    page = words(Phone(london).get("/help"))
    order = ["England and Wales", "NHS 111, option 2", "Scotland", "Breathing Space", "Northern Ireland", "Lifeline"]
    assert [page.index(said) for said in order] == sorted(page.index(said) for said in order)
    assert page.count("Samaritans") == 2  # Once as a line, once as a source.


def test_that_nobody_has_checked_the_numbers_is_said_once_before_whom_to_talk_to(london: LocalNode) -> None:
    page = words(Phone(london).get("/help"))
    said = "We haven’t checked these numbers ourselves yet."
    assert page.count(said) == 1
    assert page.index("Call 999") < page.index(said) < page.index("Talk to someone now")


def test_a_country_names_the_lines_that_nobody_has_checked_lately(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = help_lines.countries()[1]
    checked = replace(
        here,
        emergency=replace(here.emergency, verified_on=date(2026, 5, 1)),
        lines=tuple(replace(line, verified_on=date(2026, 5, 3)) for line in here.lines),
    )
    monkeypatch.setattr(help_lines, "of", lambda _: checked)
    page = words(Phone(london).get("/help"))
    assert "We last checked these numbers on Friday 1 May." in page
    partly = replace(checked, lines=(checked.lines[0], replace(checked.lines[1], verified_on=date(2025, 1, 1))))
    monkeypatch.setattr(help_lines, "of", lambda _: partly)
    page = words(Phone(london).get("/help?country=IE"))
    assert "We haven’t checked these numbers ourselves yet: Text About It." in page


@pytest.mark.parametrize(
    ("verified_on", "checked"), [(None, False), (date(2025, 12, 3), True), (date(2025, 12, 1), False)]
)
def test_a_check_holds_for_180_days(verified_on: date | None, checked: bool) -> None:
    line = HelpLine("Samaritans", "116 123", "call", "https://www.samaritans.org/", verified_on)
    assert line.is_checked(date(2026, 6, 1)) is checked


def test_every_line_has_its_official_source() -> None:
    for here in help_lines.countries():
        for line in here.every_line:
            assert all(source.startswith("https://") for source in line.sources), line


def test_the_lines_are_those_of_the_design() -> None:
    whole = {here.country: {line.number for line in (here.emergency, *here.lines)} for here in help_lines.countries()}
    parts = {
        name: {line.number for line in part.lines}
        for here in help_lines.countries()
        for part in here.parts
        for name in part.names
    }
    assert whole["GB"] == {"999", "116 123"}
    assert parts["England"] == parts["Wales"] == {"111", "85258"}
    assert parts["Scotland"] == {"111", "0800 83 85 87"}
    assert parts["Northern Ireland"] == {"0808 808 8000"}
    assert whole["US"] == {"911", "988", "988lifeline.org/chat"}
    assert whole["AU"] == {"000", "13 11 14", "0477 13 11 14"}
    assert whole["NZ"] == {"111", "1737"}
