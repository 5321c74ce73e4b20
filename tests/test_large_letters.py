"""Letters twice as large, on a phone (WCAG 2.2, 1.4.4): nothing is cut off, and no word of a heading is broken."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from .support.browser import chromium, page
from .support.network import LONDON, Clock, LocalFederation, LocalNode, a_run, served

pytestmark = pytest.mark.browser

TWICE = "--blink-settings=defaultFontSize=32"
#: Words that stand on more than one line.
_BROKEN = r"""() => {
  const broken = [];
  for (const heading of document.querySelectorAll("h1, h2, h3, .promise-words, .button")) {
    const texts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(/\S+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, word.index);
      range.setEnd(texts.currentNode, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((one) => Math.round(one.top)));
      if (lines.size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory, gazetteer: None) -> Iterator[tuple[LocalNode, str]]:
    federation = LocalFederation(tmp_path_factory.mktemp("large"), Clock())
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run(name="Wednesday evening at the Monument", facilities=("toilets", "step-free")))
    federation.settle()
    with served(london), served(federation.hq):
        yield london, run.id
    federation.close()


@pytest.fixture(scope="module")
def phone() -> Iterator[Page]:
    with chromium(TWICE) as browser, page(browser) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/runs/{chapter}/{run}", "/chapters/{chapter}", "/runs", "/help", "/nothing"])
def test_letters_twice_as_large_break_no_word_and_push_nothing_off_the_page(
    chapter: tuple[LocalNode, str], phone: Page, path: str
) -> None:
    london, run = chapter
    phone.goto(london.settings.base_url + path.format(chapter=london.chapter_id, run=run))
    assert phone.evaluate("getComputedStyle(document.documentElement).fontSize") == "36px"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.evaluate(_BROKEN) == []
