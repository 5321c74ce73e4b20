"""What readers see of a chapter that has closed, on its own server and on every other one."""

from datetime import date

from node.chapter import pauses
from node.upkeep import closing
from web.closed import create_closed_app, page

from ..support.network import LONDON, LocalFederation, LocalNode, a_run
from ..support.web_client import Phone, words


def close(node: LocalNode, goodbye: str = "") -> None:
    with node.session() as session:
        closing.announce(session, node.settings, goodbye, node.clock.tick(minutes=1))


def test_the_last_page_answers_every_address_and_has_the_help_lines_itself(london: LocalNode) -> None:
    close(london, "Thank you for all the miles.")
    answer = create_closed_app(page(london.app)).test_client().get("/help")
    assert answer.status_code == 410
    closed = "closed for good on Monday 1\u00a0June 2026"
    for said in (closed, "Thank you for all the miles.", "Call 999", "Call 116 123"):
        assert said in answer.text
    assert 'href="tel:116123"' in answer.text
    assert '<a class="button call danger-call" href="tel:999">' in answer.text


def test_a_chapter_that_closed_during_a_break_is_not_on_a_break(federation: LocalFederation) -> None:
    london, hq = federation.add_chapter(LONDON), federation.hq
    london.announce(a_run())
    with london.session() as session:
        pauses.pause(session, london.settings, None, date(2026, 6, 1), None, "", london.clock.tick(minutes=1))
    close(london)
    federation.settle()
    shown = words(Phone(hq).get(f"/chapters/{london.chapter_id}"))
    assert "has closed for good" in shown
    assert "On a break" not in shown
    assert "Add to calendar" not in shown
