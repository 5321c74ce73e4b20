"""Pages on a small phone: a real browser, 320 px wide."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from ..support.browser import chromium, page
from ..support.network import LONDON, Clock, LocalNode, a_run, free_ports
from ..support.network import served as behind_a_port
from ..support.web_client import Phone

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("gazetteer")]


class Served:
    """A chapter's node behind a real port, and a lead's phone in front of it, 320 px wide."""

    def __init__(self, node: LocalNode, phone: Page) -> None:
        self.node, self.phone = node, phone
        self.chapter = node.found_chapter(LONDON).id
        self.run = node.announce(a_run(name="Thursday evening run along the river and back")).id

    def open(self, path: str) -> None:
        self.phone.goto(self.node.settings.base_url + path.format(chapter=self.chapter, run=self.run))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    node = LocalNode(tmp_path_factory.mktemp("narrow"), Clock(), *free_ports(1))
    with behind_a_port(node), chromium() as browser, page(browser, viewport={"width": 320, "height": 640}) as phone:
        made = Served(node, phone)
        made.open(f"/signin/{Phone(node).link(node.add_lead().id)}")
        phone.get_by_role("button").click()
        yield made
    node.close()


def test_after_finding_the_results_are_in_view(served: Served) -> None:
    served.open("/runs")
    served.phone.get_by_label("Near").fill("London")
    served.phone.get_by_role("button", name="Find").click()
    served.phone.wait_for_url("**#found")
    assert served.phone.evaluate("document.querySelector('#found').getBoundingClientRect().top") < 100


def test_enter_in_a_field_of_the_form_saves(served: Served) -> None:
    served.open("/lead/runs/new")
    served.phone.get_by_label("Name of the run").fill("Sunday walk")
    served.phone.get_by_label("First date").fill("2026-06-07")
    served.phone.locator("#starts_at").fill("09:30")
    served.phone.get_by_label("Meeting point").fill("The bridge")
    served.phone.get_by_label("On the map").fill("51.5101, -0.0860")
    served.phone.get_by_label("On the map").press("Enter")
    served.phone.wait_for_url(re.compile("announced"), timeout=4000)


def test_a_place_is_found_before_the_rest_is_filled_in(served: Served) -> None:
    served.open("/lead/runs/new")
    served.phone.get_by_label("On the map").fill("Peterborough")
    served.phone.get_by_role("button", name="Find it by name").click()
    served.phone.get_by_role("button", name="Peterborough, England").click()
    expect(served.phone.get_by_label("On the map")).to_have_value(re.compile(r"^52\.5"))
