"""While HQ pauses a chapter, its leads promise nothing, and no earlier promise comes back afterwards."""

from typing import Any

import pytest

from node import jobs
from node.chapter import publishing
from node.hq import registry
from node.models import Run, RunDate

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, hidden, words

AT = "/lead/runs/{}/dates/2026-06-04/{}"


@pytest.fixture
def node(federation: LocalFederation) -> LocalNode:
    return federation.add_chapter(LONDON)


@pytest.fixture
def run(node: LocalNode) -> Run:
    return node.announce(a_run())


@pytest.fixture
def phone(node: LocalNode) -> Phone:
    return Phone(node).sign_in()


def hq_says(federation: LocalFederation, node: LocalNode, status: Any) -> None:
    federation.set_status(node, status)
    federation.settle()
    with node.session() as session:
        publishing.resign_if_due(session, node.settings, federation.clock())
    federation.settle()


def confirm(phone: Phone, run: Run) -> str:
    return words(phone.tap(AT.format(run.id, "confirm"), follow_redirects=True))


@pytest.mark.parametrize("status", ["paused", "suspended", "left"])
def test_what_was_promised_before_hq_said_no_does_not_revive_when_it_says_yes(
    federation: LocalFederation, node: LocalNode, run: Run, phone: Phone, status: str
) -> None:
    other = federation.add_chapter(BRISBANE)
    confirm(phone, run)
    federation.settle()
    assert "A lead will be there" in words(Phone(other).get(f"/runs/{node.chapter_id}/{run.id}"))
    hq_says(federation, node, status)
    hq_says(federation, node, "active")
    assert "Not confirmed yet" in words(phone.get("/lead"))
    assert "Not confirmed yet" in words(Phone(other).get(f"/runs/{node.chapter_id}/{run.id}"))


@pytest.mark.parametrize(
    ("status", "say"),
    [
        ("paused", "Not confirmed. HQ has paused this chapter"),
        ("suspended", "Not confirmed. HQ doesn’t list this chapter"),
        ("dropped", "Not confirmed. HQ doesn’t list this chapter"),
    ],
)
def test_a_promise_is_refused_with_the_reason_while_hq_says_no(
    federation: LocalFederation, node: LocalNode, run: Run, phone: Phone, status: str, say: str
) -> None:
    old = hidden(phone.get("/lead").text, AT.format(run.id, "confirm"))
    hq_says(federation, node, status)
    page = words(phone.post(AT.format(run.id, "confirm"), data=old, follow_redirects=True))
    assert say in page
    assert "A lead will be there" not in page


def test_a_suspended_chapters_board_shows_no_promise_and_asks_for_none(
    federation: LocalFederation, node: LocalNode, run: Run, phone: Phone
) -> None:
    confirm(phone, run)
    hq_says(federation, node, "suspended")
    board = phone.get("/lead")
    assert "‖ Not listed" in words(board)
    assert "A lead will be there" not in words(board)
    assert "/confirm" not in board.text


@pytest.mark.parametrize("how", ["hq", "chapter", "run"])
def test_an_undo_during_a_pause_gives_no_promise_back(
    federation: LocalFederation, node: LocalNode, run: Run, phone: Phone, how: str
) -> None:
    confirm(phone, run)
    phone.post(AT.format(run.id, "cancel"), data={"reason": "lead"})
    if how == "hq":
        hq_says(federation, node, "paused")
    else:
        at = "/lead/pause" if how == "chapter" else f"/lead/runs/{run.id}/pause"
        assert phone.tap(at, data={"since": "2026-06-02", "back_on": ""}).status_code == 303
    phone.tap(AT.format(run.id, "undo"))
    if how == "hq":
        hq_says(federation, node, "active")
    else:
        phone.tap("/lead/resume" if how == "chapter" else f"/lead/runs/{run.id}/resume")
    page = words(phone.get("/lead"))
    assert "Not confirmed yet" in page
    assert "A lead will be there" not in page
    with node.session() as session:
        assert [row for row in session.query(RunDate) if row.state == "confirmed"] == []


@pytest.mark.parametrize("whole_chapter", [True, False])
def test_an_old_board_promises_nothing_during_a_pause_and_says_why(run: Run, phone: Phone, whole_chapter: bool) -> None:
    old = hidden(phone.get("/lead").text, AT.format(run.id, "confirm"))
    at = "/lead/pause" if whole_chapter else f"/lead/runs/{run.id}/pause"
    phone.tap(at, data={"since": "2026-06-02", "back_on": ""})
    page = words(phone.post(AT.format(run.id, "confirm"), data=old, follow_redirects=True))
    assert f"Not confirmed. {'The chapter' if whole_chapter else 'This run'} is paused then." in page


def test_a_pause_that_had_not_begun_is_called_off_in_words_of_its_own(run: Run, phone: Phone) -> None:
    phone.tap("/lead/pause", data={"since": "2026-12-20", "back_on": "2027-01-05"})
    page = words(phone.tap("/lead/resume", follow_redirects=True))
    assert "The pause is called off. Your runs carry on as usual." in page
    assert "The pause is over" not in page


def test_what_hq_says_is_signed_in_the_round_that_reads_it(
    federation: LocalFederation, node: LocalNode, run: Run, phone: Phone
) -> None:
    confirm(phone, run)
    federation.settle()
    with federation.hq.session() as session:
        registry.set_status(session, federation.hq.settings, node.chapter_id, "paused", federation.clock())
    assert node.wire is not None
    jobs.poll(node.restarted())
    with node.session() as session:
        assert not publishing.is_unsigned(session)
        document = publishing.build(session, node.clock())
    assert document.listings[0].dates == []


def test_a_pause_to_come_does_not_hide_in_the_list_that_the_chapter_is_heard(run: Run, phone: Phone) -> None:
    assert phone.tap("/lead/pause", data={"since": "2026-12-20", "back_on": ""}).status_code == 303
    page = words(phone.get("/chapters"))
    assert "Thursday 4 June, 18:30 ○ Not confirmed yet" in page
    assert "On a break from 20 December." in page
