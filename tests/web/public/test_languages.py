"""A reader is shown a chapter's own texts in the language that fits, and reaches the others without JavaScript."""

from datetime import date, datetime
from typing import Any

import pytest
from babel import Locale
from werkzeug.test import TestResponse

from federation.documents import Listing, MeetingPoint, Notice, NoticeTexts, PointTexts, Schedule
from node.chapter import dates, profile
from node.chapter.profile import ProfileInput
from node.facts import notices
from node.facts.notices import NoticeInput
from node.models import Run
from web import text_language
from web.words.languages import names
from web.words.languages.own_texts import OwnText, also_in, own_text

from ...support.network import LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone

WELSH = {
    "directions": "Wrth droed y golofn.",
    "public_transport": "Gorsaf Monument.",
    "look_for": "Cap oren",
    "what_happens": "Sgwrsio a loncian.",
    "bring": "Dŵr",
    "accessibility": "Ramp ar y chwith.",
}
ENGLISH = {
    "directions": "At the foot of the column.",
    "public_transport": "Monument station.",
    "look_for": "An orange cap",
    "what_happens": "We talk and jog.",
    "bring": "Water",
    "accessibility": "A ramp on the left.",
}
READS_WELSH = {"Accept-Language": "cy-GB,cy;q=0.9,en;q=0.8"}


def in_two_languages(**changes: Any) -> Any:
    return a_run(**ENGLISH | {"text_language": "en", "translations": {"cy": WELSH}} | changes)


@pytest.fixture
def bilingual(london: LocalNode) -> Run:
    return london.announce(in_two_languages())


def page(node: LocalNode, run: Run, accepted: str = "", **query: str) -> TestResponse:
    path = f"/runs/{node.chapter_id}/{run.id}"
    return Phone(node).get(path, query_string=query, headers={"Accept-Language": accepted} if accepted else {})


def test_a_reader_of_welsh_gets_the_welsh_texts_each_with_its_language(london: LocalNode, bilingual: Run) -> None:
    text = page(london, bilingual, "cy-GB,cy;q=0.9,en;q=0.8").text
    assert '<p class="own" lang="cy" dir="auto">Wrth droed y golofn.</p>' in text
    assert 'Look for: <bdi lang="cy">Cap oren</bdi>' in text
    shown, others = text.split('<details class="also-in">')[0], text.split('<details class="also-in">')[1:]
    assert "An orange cap" not in shown
    assert len(others) == 1
    assert '<summary>Also in: <span lang="en">English</span></summary>' in others[0]
    for said in ENGLISH.values():
        assert said in others[0]


@pytest.mark.parametrize("accepted", ["", "en-GB", "de", "de,en;q=0.5,cy;q=0.1", "*", "x" * 5000, "cy;q=0"])
def test_everybody_else_gets_the_first_language(london: LocalNode, bilingual: Run, accepted: str) -> None:
    text = page(london, bilingual, accepted).text
    assert 'Look for: <bdi lang="en">An orange cap</bdi>' in text
    assert '<summary>Also in: <span lang="cy">Cymraeg</span></summary>' in text


def test_who_chose_a_language_by_a_link_gets_the_texts_in_it_too(london: LocalNode, bilingual: Run) -> None:
    path = f"/en-us/runs/{london.chapter_id}/{bilingual.id}"
    answer = Phone(london).get(path, headers=READS_WELSH)
    assert '<bdi lang="en">An orange cap</bdi>' in answer.text
    assert '<summary>Also in: <span lang="cy">Cymraeg</span></summary>' in answer.text


def test_a_page_in_one_language_is_as_it_always_was(london: LocalNode) -> None:
    run = london.announce(a_run(**ENGLISH))
    response = page(london, run, "cy")
    assert "Look for: An orange cap" in response.text
    assert '<p class="own" dir="auto">At the foot of the column.</p>' in response.text
    assert "also-in" not in response.text


def test_a_kept_page_is_kept_for_each_choice_and_not_for_each_header(london: LocalNode, bilingual: Run) -> None:
    first = page(london, bilingual, "cy")
    assert "Accept-Language" in first.headers["Vary"]
    seen = {page(london, bilingual, accepted).headers["ETag"] for accepted in ("cy", "cy-GB,en;q=0.3", "cy,fr")}
    assert seen == {first.headers["ETag"]}
    english = {page(london, bilingual, accepted).headers["ETag"] for accepted in ("en", "", "de,fr", "en-AU")}
    assert len(english) == 1
    assert english != seen
    kept = [key for key in london.app.extensions["page_cache"].pages if bilingual.id in key.path]
    assert len([key for key in kept if key.texts]) == 2
    assert page(london, bilingual, "cy").text == first.text


def test_a_page_in_one_language_is_kept_once_for_all_readers(london: LocalNode) -> None:
    run = london.announce(a_run(**ENGLISH))
    for accepted in ("cy", "fr", "de-AT,de", ""):
        page(london, run, accepted)
    assert [key.texts for key in london.app.extensions["page_cache"].pages if run.id in key.path] == [()]


def test_where_a_date_was_moved_to_nobody_reads_the_way_to_the_former_place(london: LocalNode, bilingual: Run) -> None:
    there = MeetingPoint("Tower Hill", "Trinity Square", "By the sundial.", 515098, -766)
    day, starts = date(2026, 6, 4), datetime.fromisoformat("2026-06-04T19:00")
    with london.session() as session:
        dates.move(session, london.settings, bilingual.id, day, starts, there, "", london.clock())
    text = page(london, bilingual, "cy", date="2026-06-04").text
    assert "By the sundial." in text
    assert "Wrth droed y golofn." not in text
    assert "Cap oren" in text


def test_nobody_is_led_in_any_language_to_a_date_that_is_off(london: LocalNode, bilingual: Run) -> None:
    with london.session() as session:
        dates.cancel(session, london.settings, bilingual.id, date(2026, 6, 4), "lead", "", london.clock())
    text = page(london, bilingual, "en", date="2026-06-04").text
    assert "Wrth droed y golofn." not in text.split('<details class="also-in">')[1].split("</details>")[0]


def test_the_chapters_page_and_first_page_choose_too(london: LocalNode, bilingual: Run) -> None:
    given = ProfileInput(
        "London", "London", "GB", "Europe/London", "Come as you are.", "en", {"cy": {"about": "Dewch."}}
    )
    with london.session() as session:
        profile.edit_profile(session, london.settings, given, london.clock())
    for path in ("/", f"/chapters/{london.chapter_id}"):
        welsh, english = Phone(london).get(path, headers=READS_WELSH).text, Phone(london).get(path).text
        assert '<p class="own" lang="cy" dir="auto">Dewch.</p>' in welsh
        assert '<p class="own" lang="en" dir="auto">Come as you are.</p>' in english
        assert 'Also in: <span lang="cy">Cymraeg</span>' in english


def test_a_notice_is_shown_in_the_readers_language(london: LocalNode, bilingual: Run) -> None:
    days = date(2026, 6, 1), date(2026, 6, 5)
    given = NoticeInput("The gate is shut.", *days, "en", {"cy": {"text": "Mae'r giât ar gau."}})
    with london.session() as session:
        notices.add(session, london.settings, bilingual.id, given, london.clock())
    assert '<span lang="cy" dir="auto">Mae&#39;r giât ar gau.</span>' in page(london, bilingual, "cy").text
    assert '<span lang="en" dir="auto">The gate is shut.</span>' in page(london, bilingual, "en").text


def test_another_chapters_node_chooses_in_the_same_way(federation: LocalFederation) -> None:
    london, peterborough = federation.add_chapter(LONDON), federation.add_chapter(PETERBOROUGH)
    run = london.announce(in_two_languages())
    federation.settle(2)
    path = f"/runs/{london.chapter_id}/{run.id}"
    assert '<bdi lang="cy">Cap oren</bdi>' in Phone(peterborough).get(path, headers=READS_WELSH).text


def test_a_saved_page_and_a_poster_speak_the_readers_language(london: LocalNode, bilingual: Run) -> None:
    base = f"/runs/{london.chapter_id}/{bilingual.id}"
    for path in (f"{base}/poster", f"{base}/saved?date=2026-06-04"):
        assert 'lang="cy" dir="auto">Wrth droed y golofn.' in Phone(london).get(path, headers=READS_WELSH).text, path


def test_a_calendar_has_one_language_whoever_asks(london: LocalNode, bilingual: Run) -> None:
    path = f"/runs/{london.chapter_id}/{bilingual.id}/calendar.ics"
    one, other = Phone(london).get(path, headers=READS_WELSH), Phone(london).get(path)
    assert one.data == other.data
    assert b"At the foot of the column" in one.data


def test_search_engines_read_which_languages_are_spoken(london: LocalNode) -> None:
    run = london.announce(in_two_languages(languages=("en", "cy")))
    assert '"inLanguage":["en","cy"]' in page(london, run).text


def test_what_tries_to_be_markup_is_text(london: LocalNode) -> None:
    evil = "<script>alert(1)</script> [x](javascript:alert) \u05e9\u05dc\u05d5\u05dd"
    run = london.announce(in_two_languages(translations={"he": {"directions": evil, "look_for": '"><b>'}}))
    text = page(london, run, "he").text
    assert "<script>alert" not in text
    assert '<p class="own" lang="he" dir="rtl">&lt;script&gt;alert(1)' in text
    assert '<bdi lang="he">&#34;&gt;&lt;b&gt;</bdi>' in text


@pytest.mark.parametrize(
    ("offer", "accepted", "language"),
    [
        (("en", "cy"), "cy", "cy"),
        (("en", "cy"), "CY-gb", "cy"),
        (("fr", "nl", "en"), "nl-BE,fr;q=0.8", "nl"),
        (("fr", "nl", "en"), "de,en;q=0.8,nl;q=0.9", "nl"),
        (("en", "zh-Hans", "zh-Hant"), "zh-TW,zh;q=0.9", "zh-Hant"),
        (("en", "zh-Hans", "zh-Hant"), "zh", "zh-Hans"),
        (("en", "zh-Hant"), "zh-CN", "en"),
        (("ca", "es"), "eu", "ca"),
        (("", "cy"), "cy", ""),
        (("en", "xx-nonsense"), "xx-nonsense", "xx-nonsense"),
    ],
)
def test_the_first_language_that_somebody_reads_is_chosen(
    offer: text_language.Offer, accepted: str, language: str
) -> None:
    assert text_language.best(offer, {"HTTP_ACCEPT_LANGUAGE": accepted}) == language


def a_listing(**changes: Any) -> Listing:
    point = MeetingPoint("The Monument", "", "", 515101, -860)
    when = Schedule("Europe/London", "2026-06-04T18:30", 60, 10)
    return Listing(
        **{"id": "aaaaaaaa", "name": "Run", "kind": "run", "schedule": when, "meeting_point": point} | changes
    )


def test_a_text_that_is_there_in_another_language_alone_is_shown_in_that(london: LocalNode) -> None:
    point = MeetingPoint("x", "", "", 1, 1, text_language="en", translations={"cy": PointTexts(directions="Wrth.")})
    with london.app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert own_text(point, "directions") == OwnText("Wrth.", "cy")


def test_a_language_that_nobody_knows_is_named_by_its_tag(london: LocalNode) -> None:
    notice = Notice("Shut.", "2026-06-01", "2026-06-02", "en", {"gsw-Latn-CH": NoticeTexts("Zue.")})
    with london.app.test_request_context("/"):
        assert [(one.tag, one.endonym) for one in also_in([a_listing(), notice])] == [("gsw-Latn-CH", "gsw-Latn-CH")]


def test_languages_have_the_names_and_the_direction_that_cldr_gives_them() -> None:
    found = {tag: Locale.parse(tag, sep="-") for tag in names.NAMES}
    own = {tag: locale.get_display_name() for tag, locale in found.items()}
    assert {tag: name.casefold() for tag, name in names.NAMES.items()} == {tag: n.casefold() for tag, n in own.items()}
    assert {tag for tag, locale in found.items() if locale.text_direction == "rtl"} == names.LEFTWARD


def test_nothing_is_chosen_outside_of_a_page() -> None:
    assert text_language.chosen(("en", "cy")) == "en"
