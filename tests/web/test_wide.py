"""Pages at a desk: a real browser, 1280 px wide."""

from collections.abc import Iterator
from datetime import date, time

import pytest
from playwright.sync_api import Page

from node.chapter import dates
from node.chapter.runs import RunInput
from node.facts import notices
from node.facts.notices import NoticeInput

from ..support.browser import DESK, chromium, page
from ..support.network import LONDON, Clock, LocalNode, a_run, free_ports
from ..support.network import served as behind_a_port
from ..support.web_client import Phone

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("gazetteer")]

DAY = date(2026, 6, 4)
_GAPS = """() => [[0, 2], [1, 3]].map(([upper, lower]) => {
    const [above, below] = [upper, lower].map((one) =>
        document.querySelector(".spread").children[one].getBoundingClientRect());
    return Math.round(below.top - above.bottom);
})"""


class Served:
    """A chapter's node behind a real port, and somebody at a desk."""

    def __init__(self, node: LocalNode, desk: Page) -> None:
        self.node, self.desk = node, desk
        self.chapter = node.found_chapter(LONDON).id

    def announce(self, run: RunInput) -> str:
        return self.node.announce(run).id

    def open(self, path: str) -> None:
        self.desk.goto(self.node.settings.base_url + path)

    def gaps(self, run: str) -> list[int]:
        """How far below the first piece the second one begins, of the text and beside it, on a run's page."""
        self.open(f"/runs/{self.chapter}/{run}")
        found: list[int] = self.desk.evaluate(_GAPS)
        return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    node = LocalNode(tmp_path_factory.mktemp("wide"), Clock(), *free_ports(1))
    with behind_a_port(node), chromium() as browser, page(browser, viewport=DESK) as desk:
        yield Served(node, desk)
    node.close()


def test_what_to_expect_begins_right_below_the_place_however_much_the_text_says(served: Served) -> None:
    run = served.announce(a_run(name="Quiet run"))
    shut = NoticeInput("The east gate is shut. " * 8, date(2026, 6, 1), date(2026, 6, 14))
    with served.node.session() as session:
        notices.add(session, served.node.settings, run, shut, served.node.clock())
    assert served.gaps(run) == [0, 0]


def test_the_text_goes_on_however_much_stands_beside_it(served: Served) -> None:
    sure = served.announce(a_run(name="Sure run"))
    with served.node.session() as session:
        dates.confirm(session, served.node.settings, sure, DAY, served.node.clock())
    tonight = served.announce(a_run(name="Tonight’s run", starts_on=date(2026, 6, 1), starts_at=time(18, 30)))
    assert served.gaps(tonight) == [0, 0]
    assert served.desk.locator(".instead").is_visible()


def test_no_name_is_broken_for_a_long_sentence_beside_it(served: Served) -> None:
    served.open("/chapters")
    name = served.desk.get_by_role("link", name="London", exact=True)
    one_line = name.evaluate("one => one.getBoundingClientRect().height")
    name.evaluate("""one => {
        const heard = one.parentElement.appendChild(document.createElement("span"));
        heard.className = "heard heard-stale";
        heard.textContent = "We haven’t heard from London since Monday 1 June. ".repeat(4);
    }""")
    assert name.evaluate("one => one.getBoundingClientRect().height") == one_line


def test_all_lines_of_the_board_end_at_one_edge(served: Served) -> None:
    served.open(f"/signin/{Phone(served.node).link(served.node.add_lead().id)}")
    served.desk.get_by_role("button").click()
    served.desk.wait_for_url("**/lead**")
    edges = """all => [...new Set(all.map((one) => Math.round(one.getBoundingClientRect().right)))]"""
    assert len(served.desk.locator("section:not(.needs-a-hand) > .dates > .date, .folds").evaluate_all(edges)) == 1
