"""The public pages by keyboard alone, in the colours that a reader forces on them, and as Lighthouse grades them.

Lighthouse's grade of speed is a benchmark's matter.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .pages.table import PLAIN
from .pages.world import World, world
from .support.browser import chromium, page
from .support.lighthouse import grade

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: The pages that a newcomer meets.
FIRST = {
    "home": ("london", "/"),
    "HQ's home": ("hq", "/"),
    "search": ("london", "/runs?near=London"),
    "run": ("london", "/runs/{london}/{confirmed}"),
}
#: Each state that a date can be in, on its run's page.
STATES = ("confirmed", "quiet", "cancelled", "moved", "confirmed_there", "paused", "gap", "begun", "ending")
#: Whether the button that saves a run is there: it appears once the browser has said what is saved.
_IS_WHOLE = "() => !document.querySelector('#for-the-way[hidden]')"
#: What a keyboard can reach, as far as it can be seen.
_STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility()
        && !(one.type === "radio" && document.querySelector(`input[name="${one.name}"]:checked`) && !one.checked))
    .length"""
#: Where the keyboard is: nothing once it has left the page. `marked`: whether a line shows that, round the link, round
#: the card that is all link, or round a mark of a map.
_HERE = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const box = one.getBoundingClientRect(), hit = one.querySelector(".map-hit");
    const lines = [getComputedStyle(one), getComputedStyle(one, "::after")]
        .map((style) => style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth));
    if (hit) lines.push(parseFloat(getComputedStyle(hit).strokeWidth));
    const seen = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 44) / 2);
    return {
        what: one.outerHTML.slice(0, 120),
        marked: one.matches(":focus-visible") && Math.max(...lines) >= 2,
        inside: box.bottom > 0 && box.top < innerHeight,
        covered: seen !== null && !one.contains(seen) && !seen.contains(one) && !one.labels?.length,
    };
}"""
#: Buttons and signs whose edge the forced colours have taken away.
_EDGELESS = """() => [...document.querySelectorAll(".button, .promise, .state, input[type=text], select")]
    .filter((one) => one.checkVisibility() && getComputedStyle(one).borderTopStyle === "none")
    .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, gazetteer: None) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("access")) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    with page(browser) as opened:
        yield opened


def _press_tab_until(phone: Page, selector: str) -> None:
    for _ in range(60):
        phone.keyboard.press("Tab")
        if phone.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard never comes to {selector}")


def _stops(phone: Page, most: int) -> list[dict[str, Any]]:
    """Where the keyboard goes from the top of the page to its end."""
    found = []
    for _ in range(most + 1):
        phone.keyboard.press("Tab")
        here = phone.evaluate(_HERE)
        if here is None:
            break
        found.append(here)
    return found


def test_the_keyboard_alone_leads_from_a_place_to_the_meeting_point(made: World, phone: Page) -> None:
    phone.goto(made.url("hq", "/"))
    _press_tab_until(phone, "#near")
    phone.keyboard.type("Southwark")
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(re.compile("near=Southwark"))
    _press_tab_until(phone, "main h3 a")
    phone.keyboard.press("Enter")
    expect(phone.locator("#its-when")).to_be_visible()
    expect(phone.locator("#its-place .place")).to_be_visible()


def test_the_first_key_offers_to_skip_what_every_page_repeats(made: World, phone: Page) -> None:
    phone.goto(made.url("london", "/"))
    phone.keyboard.press("Tab")
    expect(phone.locator(".skip")).to_be_focused()
    expect(phone.locator(".skip")).to_be_in_viewport()
    phone.keyboard.press("Enter")
    expect(phone.locator("#main")).to_be_focused()


@pytest.mark.parametrize("rule", PLAIN)
def test_the_keyboard_comes_to_all_of_a_page_and_is_seen_wherever_it_is(made: World, phone: Page, rule: str) -> None:
    look = PLAIN[rule]
    made.go_to(look.stage)
    made.make_links()
    phone.goto(made.url(look.node, look.path))
    phone.wait_for_function(_IS_WHOLE)
    wanted = phone.evaluate(_STOPS)
    stops = _stops(phone, wanted)
    assert len(stops) == wanted, [one["what"] for one in stops]
    assert [one["what"] for one in stops if not one["marked"]] == []
    assert [one["what"] for one in stops if not one["inside"] or one["covered"]] == []


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_told_apart_and_edged_in_forced_colours(made: World, browser: Browser, state: str) -> None:
    made.go_to("now")
    with page(browser, forced_colors="active") as phone:
        phone.goto(made.url("london", f"/runs/{{london}}/{{{state}}}"))
        assert phone.evaluate("matchMedia('(forced-colors: active)').matches")
        assert phone.evaluate(_EDGELESS) == []


@pytest.mark.parametrize("name", FIRST)
def test_lighthouse_finds_nothing_to_mend(made: World, name: str) -> None:
    made.go_to("now")
    graded = grade(made.url(*FIRST[name]), ("accessibility", "best-practices", "seo"))
    assert graded.faults == {"accessibility": [], "best-practices": [], "seo": []}
    assert set(graded.score.values()) == {100}, graded.score
