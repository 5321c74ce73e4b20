"""Somebody who knows nothing of us, on a phone, on a Thursday at 17:00: from a place's name to tonight's meeting point.

A tap is a touch of the screen that does something; the name of the place is typed, and the keyboard's key sends it or
the button does.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from node.chapter import dates

from .support.browser import chromium, page
from .support.network import (
    BRISBANE,
    LONDON,
    PETERBOROUGH,
    Clock,
    LocalFederation,
    LocalNode,
    a_run,
    free_ports,
    served,
)

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: Thursday 4 June 2026, 17:00 in London.
FIVE = datetime(2026, 6, 4, 16, 0, tzinfo=UTC)
MOST_TAPS = 3
TONIGHT = "Evening run at the Monument"


class Thumb:
    """Touches the screen, and counts."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        """Touch what a thumb can reach without looking for it: it is in the page, and can be seen."""
        what.tap()
        self.taps += 1


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with page(browser, java_script_enabled=request.param, has_touch=True, is_mobile=True) as opened:
        yield opened


@pytest.fixture
def sites(tmp_path: Path, clock: Clock, gazetteer: None) -> Iterator[dict[str, LocalNode]]:
    """London has a run tonight that a lead promised, one nearer to Southwark that is cancelled, and one tomorrow."""
    federation = LocalFederation(tmp_path, clock, iter(free_ports(4)))
    london, far = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    federation.add_chapter(PETERBOROUGH).announce(a_run(name="River run", lat_e4=525700, lon_e4=-2400))
    tonight = london.announce(a_run(name=TONIGHT, look_for="Sam, in a yellow jacket"))
    near = {"lat_e4": 515035, "lon_e4": -900, "point_name": "Borough Market"}
    off = london.announce(a_run(name="Market run", **near))
    london.announce(a_run(name="Friday walk", starts_on=FIVE.date().replace(day=5), starts_at=time(7, 0), **near))
    federation.clock.now = FIVE
    with london.session() as session:
        dates.confirm(session, london.settings, tonight.id, FIVE.date(), FIVE)
        dates.cancel(session, london.settings, off.id, FIVE.date(), "weather", "", FIVE)
    federation.settle()
    with served(federation.hq), served(london), served(far):
        yield {"hq": federation.hq, "london": london, "brisbane": far}
    federation.close()


def _stands_at_the_meeting_point(phone: Page) -> None:
    expect(phone.locator("h1")).to_contain_text("Tonight, 18:30")
    expect(phone.get_by_text(TONIGHT).first).to_be_in_viewport()
    expect(phone.get_by_text("A lead will be there").first).to_be_in_viewport()
    expect(phone.get_by_text("The Monument", exact=True).first).to_be_in_viewport()
    expect(phone.get_by_text("Fish Street Hill, London EC3R").first).to_be_in_viewport()
    expect(phone.get_by_text("At the foot of the column, by the steps.").first).to_be_visible()


@pytest.mark.parametrize("site", ["hq", "london", "brisbane"])
def test_southwark_leads_to_tonights_meeting_point_in_three_taps(
    sites: dict[str, LocalNode], phone: Page, site: str
) -> None:
    thumb = Thumb()
    phone.goto(f"{sites[site].settings.base_url}/")
    field = phone.locator("#near")
    if not field.is_visible():
        thumb.tap(phone.get_by_role("navigation").get_by_role("link", name="Find a run"))
    field.fill("Southwark")
    if phone.evaluate("document.querySelector('#near').role === 'combobox'"):
        # However slowly somebody types, what is proposed meanwhile is not in the way.
        expect(phone.locator("#proposed [role=option]").first).to_be_visible()
    thumb.tap(field.locator("xpath=ancestor::form").get_by_role("button", name=re.compile("find", re.IGNORECASE)))
    first = phone.get_by_role("link", name=re.compile(TONIGHT)).first
    expect(first).to_be_in_viewport()
    thumb.tap(first)
    _stands_at_the_meeting_point(phone)
    assert thumb.taps <= MOST_TAPS, thumb.taps


def test_what_is_cancelled_tonight_is_never_the_first_that_southwark_leads_to(
    sites: dict[str, LocalNode], phone: Page
) -> None:
    phone.goto(f"{sites['hq'].settings.base_url}/runs?near=Southwark&when=tonight")
    first, second = phone.locator("main h3").all_inner_texts()
    assert TONIGHT in first
    assert "Market run" in second
    expect(phone.get_by_text("Friday walk")).to_have_count(0)
