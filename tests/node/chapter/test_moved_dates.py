"""A date that was moved to another day stays until the later of the two days has passed (PROTOCOL.md §7.4)."""

from datetime import UTC, date, datetime

import pytest

from node.chapter import dates, publishing
from node.database import writing
from node.directory import chapters, listings, parsed
from node.models import HeldDocument, Run

from ...support.network import LocalNode
from ...support.taps import THURSDAY, move
from ...support.web_client import Phone, words


def on(node: LocalNode, text: str) -> None:
    node.clock.now = datetime.fromisoformat(text).replace(tzinfo=UTC)


def signed_anew(node: LocalNode) -> list[tuple[str, str]]:
    with node.session() as session, writing(session):
        publishing.publish(session, node.settings, node.clock(), urgent=False)
    with node.session() as session:
        document = parsed.document_of(session.get(HeldDocument, node_id(node)))
        assert document is not None
        return [(said.date, said.state) for said in document.listings[0].dates]


def node_id(node: LocalNode) -> str:
    with node.session() as session:
        return chapters.own_id(session) or ""


def shown(node: LocalNode, run: Run) -> list[str]:
    with node.session() as session:
        coming = listings.listing(session, node_id(node), run.id, node.clock()).coming
    return [f"{one.starts:%m-%d %H:%M} {one.state}" for one in coming]


def test_s7_4_a_date_moved_to_a_later_day_stands_until_a_day_after_that_one(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-06-12T19:30")
    on(london, "2026-06-08T09:00")
    assert signed_anew(london) == [("2026-06-04", "moved")]
    assert shown(london, run)[:2] == ["06-11 18:30 unconfirmed", "06-12 19:30 moved"]
    on(london, "2026-06-13T23:30")  # two days later by London's clock, one by UTC's
    assert signed_anew(london) == [("2026-06-04", "moved")]
    on(london, "2026-06-14T00:15")
    assert signed_anew(london) == []


def test_a_date_moved_to_a_later_day_can_be_confirmed_and_cancelled_there(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-06-12T19:30")
    on(london, "2026-06-08T09:00")
    with london.session() as session:
        dates.confirm(session, london.settings, run.id, THURSDAY, london.clock())
    assert "06-12 19:30 confirmed" in shown(london, run)
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "lead", "", london.clock.tick(minutes=1))
    assert "06-12 19:30 cancelled" in shown(london, run)


def test_the_board_has_a_date_moved_to_a_later_day(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-06-12T19:30")
    on(london, "2026-06-08T09:00")
    phone = Phone(london).sign_in()
    assert "Friday 12 June, 19:30" in words(phone.get("/lead"))
    assert phone.get(f"/lead/runs/{run.id}/dates/2026-06-04/move").status_code == 200


@pytest.mark.parametrize("verb", ["move", "cancel", "confirm", "undo"])
def test_a_date_moved_to_an_earlier_day_and_over_says_so_to_every_tap(london: LocalNode, run: Run, verb: str) -> None:
    move(london, run, "2026-06-02T18:30")
    on(london, "2026-06-03T09:00")
    phone = Phone(london).sign_in()
    at = f"/lead/runs/{run.id}/dates/2026-06-04/{verb}"
    answers = [phone.post(at, data={"reason": "lead"})] + ([phone.get(at)] if verb in ("move", "cancel") else [])
    for answer in answers:
        assert answer.status_code == 422
        assert "This date has passed" in words(answer)


def test_a_date_just_eight_weeks_ahead_that_is_cancelled_is_signed_at_once(london: LocalNode, run: Run) -> None:
    on(london, "2026-06-04T09:00")
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, date(2026, 7, 30), "lead", "", london.clock())
    assert signed_anew(london) == [("2026-07-30", "cancelled")]
    assert shown(london, run)[-1] == "07-30 18:30 cancelled"
