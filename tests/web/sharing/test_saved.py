"""A run saved for the way: a real browser, with and without a network."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Error, Page, expect

from node.facts import notices
from node.facts.notices import NoticeInput

from ...support.browser import chromium, page
from ...support.network import LONDON, Clock, LocalNode, a_run, free_ports, served
from ...support.taps import cancel, confirm
from ...support.web_client import Phone, words

SAVE, DELETE = "Save for the way", "Delete it from this phone"
WORKERS = "navigator.serviceWorker.getRegistrations().then((all) => all.length)"
STORED = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const one of await (await caches.open(name)).keys()) found.push(new URL(one.url).pathname);
    return found;
}"""
#: Note that it was saved so many hours ago.
AGE = """async (hours) => {
    const cache = await caches.open("saved-run");
    const note = await (await cache.match("/saved-at")).json();
    note.at -= hours * 3600 * 1000;
    await cache.put("/saved-at", new Response(JSON.stringify(note)));
}"""


class Walker:
    """Somebody's phone on the page of a confirmed run."""

    def __init__(self, node: LocalNode, phone: Page) -> None:
        self.node, self.phone = node, phone
        self.path = f"/runs/{node.chapter_id}/{node.announced}"

    def open(self, path: str = "") -> None:
        self.phone.goto(self.node.settings.base_url + (path or self.path))

    def save(self) -> None:
        self.open()
        self.phone.get_by_role("button", name=SAVE).click()
        expect(self.phone.get_by_role("button", name=DELETE)).to_be_visible()


@pytest.fixture(scope="module")
def served_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalNode]:
    node = LocalNode(tmp_path_factory.mktemp("way"), Clock(), *free_ports(1))
    node.found_chapter(LONDON)
    run = node.announce(a_run())
    confirm(node, run)
    node.announced = run.id  # type: ignore[attr-defined]
    with served(node):
        yield node
    node.close()


@pytest.fixture
def walker(served_node: LocalNode) -> Iterator[Walker]:
    with chromium() as browser, page(browser) as phone:
        yield Walker(served_node, phone)


@pytest.mark.browser
def test_a_saved_run_is_there_without_a_network_and_says_nothing_of_a_promise(walker: Walker) -> None:
    walker.save()
    walker.phone.context.set_offline(True)
    walker.open()
    said = walker.phone.locator("main").inner_text()
    assert "; check again." in said
    assert "The Monument" in said
    assert "A lead will be there" not in said
    assert "Confirmed" not in said
    walker.phone.context.set_offline(False)
    walker.open()
    assert "A lead will be there" in walker.phone.locator("main").inner_text()


@pytest.mark.browser
def test_nothing_is_stored_before_somebody_asks_and_nothing_after_they_delete_it(walker: Walker) -> None:
    walker.open()
    expect(walker.phone.get_by_role("button", name=SAVE)).to_be_visible()
    assert (walker.phone.evaluate(WORKERS), walker.phone.evaluate(STORED)) == (0, [])
    walker.phone.get_by_role("button", name=SAVE).click()
    walker.phone.get_by_role("button", name=DELETE).click()
    expect(walker.phone.get_by_role("button", name=SAVE)).to_be_visible()
    assert (walker.phone.evaluate(WORKERS), walker.phone.evaluate(STORED)) == (0, [])


@pytest.mark.browser
def test_after_a_day_it_is_gone_with_and_without_a_network(walker: Walker) -> None:
    walker.save()
    walker.phone.evaluate(AGE, 25)
    walker.phone.context.set_offline(True)
    with pytest.raises(Error, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        walker.open()
    walker.phone.context.set_offline(False)
    walker.save()
    walker.phone.evaluate(AGE, 25)
    walker.open()
    expect(walker.phone.get_by_role("button", name=SAVE)).to_be_visible()
    assert (walker.phone.evaluate(WORKERS), walker.phone.evaluate(STORED)) == (0, [])


@pytest.mark.browser
def test_no_page_of_leads_and_no_other_page_is_ever_stored(walker: Walker) -> None:
    walker.save()
    walker.open(f"/signin/{Phone(walker.node).link(walker.node.add_lead().id)}")
    walker.phone.get_by_role("button").click()
    for path in ("/lead", "/me/phones", "/runs", f"{walker.path}/coming?date=2026-06-04"):
        walker.open(path)
    stored = [one for one in walker.phone.evaluate(STORED) if not one.startswith("/static/")]
    assert sorted(stored) == sorted([f"{walker.path}/saved", "/saved-at"])
    walker.phone.context.set_offline(True)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        walker.open("/lead")


def test_a_saved_run_says_how_to_get_there_what_is_otherwise_these_days_and_whom_to_call(london: LocalNode) -> None:
    landmark = {"landmark": "Monument station", "landmark_distance_m": 120, "landmark_direction": "south"}
    run = london.announce(a_run(parking="Racks for bikes by the column", **landmark))
    with london.session() as session:
        told = NoticeInput("The steps are closed: come by the park.", date(2026, 6, 1), date(2026, 6, 10))
        notices.add(session, london.settings, None, told, london.clock())
    page = Phone(london).get(f"/runs/{london.chapter_id}/{run.id}/saved?date=2026-06-04")
    said = words(page)
    assert "If it goes ahead, someone will be there from 18:20." in said
    assert "10 June: The steps are closed" in said
    assert "120 m south of Monument station" in said
    assert "Racks for bikes" in said
    assert 'href="tel:116123"' in page.text


def test_a_date_that_is_off_is_not_to_be_saved(london: LocalNode) -> None:
    run = london.announce(a_run())
    path = f"/runs/{london.chapter_id}/{run.id}"
    assert "Save for the way" in Phone(london).get(path).text
    assert "The Monument" in words(Phone(london).get(f"{path}/saved?date=2026-06-04"))
    cancel(london, run, date(2026, 6, 4))
    assert "Save for the way" not in Phone(london).get(f"{path}?date=2026-06-04").text
    assert Phone(london).get(f"{path}/saved?date=2026-06-04").status_code == 404
    assert Phone(london).get(f"{path}/saved").status_code == 404
