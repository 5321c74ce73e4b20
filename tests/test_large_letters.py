"""Letters twice as large, on a phone (WCAG 2.2, 1.4.4): nothing is cut off, and no word of a heading is broken."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from .support.browser import chromium, page
from .support.network import LONDON, Clock, LocalFederation, LocalNode, a_run, free_ports, served
from .support.web_client import Phone

pytestmark = pytest.mark.browser

TWICE = "--blink-settings=defaultFontSize=32"
#: Words that stand on more than one line. A word with a hyphen may be broken behind it.
_BROKEN = r"""() => {
  const broken = [];
  for (const heading of document.querySelectorAll("h1, h2, h3, .promise-words, .button")) {
    const texts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(/[^\s-]+-*/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, word.index);
      range.setEnd(texts.currentNode, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((one) => Math.round(one.top)));
      if (lines.size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""

_OPEN = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
DATE = "/lead/runs/{run}/dates/2026-06-04"
PUBLIC = ("/", "/runs/{chapter}/{run}", "/chapters/{chapter}", "/runs", "/help", "/nothing")
LEADS = (
    *("/lead", "/lead/rota", "/lead/runs/{run}/rota", "/lead/people", "/lead/messages", "/lead/notices", "/me"),
    *("/lead/runs/new", "/lead/runs/{run}/pause", "/lead/runs/{run}/withdraw", "/lead/runs/{run}/first-time"),
    *(f"{DATE}/run-day", f"{DATE}/who", f"{DATE}/move", f"{DATE}/comers", "/lead/days-off", "/lead/letters"),
)
HQS = (
    *("/hq", "/hq/chapters", "/hq/chapters/{chapter}", "/hq/chapters/{chapter}/suspend", "/hq/wishes", "/hq/history"),
    *("/hq/people", "/hq/invitations", "/hq/invitations/new", "/hq/phones", "/hq/chapters/{chapter}/contact"),
)


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory, gazetteer: None) -> Iterator[tuple[LocalNode, LocalNode, str]]:
    federation = LocalFederation(tmp_path_factory.mktemp("large"), Clock(), iter(free_ports(2)))
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run(name="Wednesday evening at the Monument", facilities=("toilets", "step-free")))
    federation.settle()
    with served(london), served(federation.hq):
        yield london, federation.hq, run.id
    federation.close()


@pytest.fixture(scope="module")
def phone(chapter: tuple[LocalNode, LocalNode, str]) -> Iterator[Page]:
    """A phone of somebody who leads in London and helps at HQ."""
    with chromium(TWICE) as browser, page(browser) as opened:
        for node in chapter[:2]:
            opened.goto(f"{node.settings.base_url}/signin/{Phone(node).link(node.add_lead().id)}")
            opened.get_by_role("button").click()
            opened.wait_for_url("**?done=signed-in")
        yield opened


@pytest.mark.parametrize("path", [*PUBLIC, *LEADS, *HQS])
def test_letters_twice_as_large_break_no_word_and_push_nothing_off_the_page(
    chapter: tuple[LocalNode, LocalNode, str], phone: Page, path: str
) -> None:
    london, hq, run = chapter
    node = hq if path in HQS else london
    phone.goto(node.settings.base_url + path.format(chapter=london.chapter_id, run=run))
    phone.evaluate(_OPEN)
    assert phone.evaluate("getComputedStyle(document.documentElement).fontSize") == "36px"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.evaluate(_BROKEN) == []
