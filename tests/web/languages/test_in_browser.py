"""Each public page in American English, in a language from the left and in one from the right, in a real browser.

In British English it is looked at in every situation (tests/test_pages.py).
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from web.language import prefix_of, tag_of

from ...pages.table import PLAIN
from ...pages.walk import NARROW, violations
from ...pages.world import World, world
from ...support.browser import PHONE, chromium, page
from ...support.pa11y import pa11y
from .pseudo import LEFT, RIGHT, offer
from .test_catalogues import texts

pytestmark = pytest.mark.browser

Judge = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, gazetteer: None) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("languages")) as found, pytest.MonkeyPatch.context() as patched:
        offer(patched, texts())
        yield found


@pytest.fixture(scope="module")
def phone() -> Iterator[Page]:
    with chromium() as browser, page(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with pa11y() as ready:
        yield ready


@pytest.mark.parametrize("code", ["en_US", LEFT, RIGHT])
@pytest.mark.parametrize("rule", PLAIN)
def test_a_page_is_open_to_everybody_in_each_language(
    made: World, phone: Page, judge: Judge, rule: str, code: str
) -> None:
    look = PLAIN[rule]
    made.go_to(look.stage)
    made.make_links()
    url = made.url(look.node, prefix_of(code) + look.path)
    phone.set_viewport_size(PHONE)
    phone.goto(url)
    assert phone.locator("html").get_attribute("lang") == tag_of(code)
    assert violations(phone) == []
    phone.set_viewport_size(NARROW)
    assert phone.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert judge(url) == []
