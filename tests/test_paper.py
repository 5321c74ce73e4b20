"""What comes out of a printer: nothing that somebody needs on paper is cut off, or left on the screen."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import time

import pytest
from playwright.sync_api import Page

from node.chapter import runs, series
from node.models import Run

from .support.browser import chromium, page
from .support.network import LONDON, Clock, LocalNode, a_run, free_ports, served
from .support.taps import THURSDAY
from .support.web_client import Phone

pytestmark = pytest.mark.browser

#: Texts as long as a run may have them: of words, of one word, and of the widest letter.
TEXTS = ("Behind the old pump house, left of the gate. ", "Llanfairpwllgwyngyllgogerychwyrndrobwll", "W")
#: Pixels of what is really drawn.
_HEIGHT = "(one) => one.checkVisibility() ? one.getBoundingClientRect().height : 0"
_CUT_OFF = """() => [...document.querySelectorAll(".pass-card")].flatMap((card) => {
    const edge = card.getBoundingClientRect();
    return [...card.querySelectorAll("p, img")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.height === 0 || box.top < edge.top || box.bottom > edge.bottom || box.right > edge.right;
    }).map((one) => one.outerHTML);
})"""


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory, gazetteer: None) -> Iterator[LocalNode]:
    node = LocalNode(tmp_path_factory.mktemp("paper") / "node", Clock(), *free_ports(1))
    node.found_chapter(replace(LONDON, name=_filled(TEXTS[1], 80)))
    with served(node):
        yield node
    node.close()


@pytest.fixture(scope="module")
def paper(chapter: LocalNode) -> Iterator[Page]:
    """A page that shows what is printed."""
    with chromium() as browser, page(browser) as opened:
        opened.goto(f"{chapter.settings.base_url}/signin/{Phone(chapter).link(chapter.add_lead().id)}")
        opened.get_by_role("button").click()
        opened.wait_for_url("**?done=signed-in")
        opened.emulate_media(media="print")
        yield opened


def _filled(text: str, number: int) -> str:
    return (text * number)[:number].strip()


def _long(text: str) -> runs.RunInput:
    texts = {name: _filled(text, most) for name, most in runs.LIMITS.items() if name != "landmark"}
    return a_run(repeats="monthly-last", starts_on=THURSDAY.replace(day=25), audience="over-60", **texts)


def _announce(chapter: LocalNode, given: runs.RunInput) -> Run:
    """A run that is held an hour earlier from the day after its first date on."""
    run = chapter.announce(given)
    with chapter.session() as session:
        earlier, first = replace(given, starts_at=time(17, 30)), THURSDAY.replace(day=26)
        series.edit(session, chapter.settings, run.id, earlier, chapter.clock.tick(seconds=1), from_day=first)
    return run


def _open(paper: Page, chapter: LocalNode, path: str) -> None:
    paper.goto(chapter.settings.base_url + path)


def _sheets(paper: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", paper.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("text", TEXTS)
def test_a_poster_is_one_sheet_however_much_its_chapter_wrote(paper: Page, chapter: LocalNode, text: str) -> None:
    run = _announce(chapter, replace(_long(text), directions=_filled(text, 220)))
    _open(paper, chapter, f"/runs/{chapter.chapter_id}/{run.id}/poster")
    assert paper.locator(".poster-full").count() == 1
    assert _sheets(paper) == 1


@pytest.mark.parametrize("text", [*TEXTS[:2], TEXTS[0].upper()])
def test_a_poster_in_large_letters_is_one_sheet_too(paper: Page, chapter: LocalNode, text: str) -> None:
    """With as many letters as it may have: 80 are the chapter's."""
    texts = {"point_name": _filled(text, 25), "address": _filled(text, 25), "directions": "", "look_for": ""}
    run = chapter.announce(replace(_long(text), **texts))
    _open(paper, chapter, f"/runs/{chapter.chapter_id}/{run.id}/poster")
    assert paper.locator(".poster:not(.poster-full)").count() == 1
    assert _sheets(paper) == 1


@pytest.mark.parametrize("text", TEXTS)
def test_a_card_says_what_to_check_however_long_its_names_are(paper: Page, chapter: LocalNode, text: str) -> None:
    run = _announce(chapter, _long(text))
    _open(paper, chapter, f"/runs/{chapter.chapter_id}/{run.id}/cards")
    assert paper.locator(".pass-card .pass-check").count() == 10
    assert paper.get_by_text("From Friday 26 June: 17:30").count() == 10
    assert paper.evaluate(_CUT_OFF) == []


def test_a_letter_for_the_first_time_says_on_paper_whom_to_ring(paper: Page, chapter: LocalNode) -> None:
    run = chapter.announce(a_run(name="Canal run"))
    _open(paper, chapter, f"/runs/{chapter.chapter_id}/{run.id}/first-time")
    assert "If you need to talk to someone now: Samaritans, 116 123." in paper.locator(".foot").inner_text()


def test_the_numbers_of_helplines_are_on_paper(paper: Page, chapter: LocalNode) -> None:
    run = chapter.announce(a_run())
    for path in ("/help", f"/lead/runs/{run.id}/dates/{THURSDAY}/run-day"):
        _open(paper, chapter, path)
        for number in ("999", "116 123", "85258"):
            assert paper.get_by_text(number).first.is_visible(), (path, number)


def test_an_answer_that_is_folded_on_the_screen_is_whole_on_paper(paper: Page, chapter: LocalNode) -> None:
    run = chapter.announce(a_run())
    _open(paper, chapter, f"/runs/{chapter.chapter_id}/{run.id}")
    answer = paper.get_by_text("The chapter doesn’t say, so please go before you come.")
    assert answer.evaluate(_HEIGHT) > 10
    paper.emulate_media(media="screen")
    assert answer.evaluate(_HEIGHT) == 0
    paper.emulate_media(media="print")
