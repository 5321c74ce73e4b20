"""The pages that pause a run or the chapter, and the one that moves a date."""

from datetime import date
from typing import Any

import pytest

from node.directory import chapters
from node.hq import registry
from node.models import Run, RunDate

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, hidden, words

PAUSE: dict[str, Any] = {"since": "2026-06-01", "back_on": "2026-06-12", "note": "We mend the steps."}
MOVE: dict[str, Any] = {
    "starts_on": "2026-06-05",
    "starts_at": "19:00",
    "point_name": "Tower Hill",
    "address": "",
    "directions": "",
    "point": "51.5098, -0.0764",
    "note": "The square is closed.",
}


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def run_page(node: LocalNode, reader: LocalNode, run_id: str, query: str = "") -> str:
    with node.session() as session:
        chapter = chapters.own_id(session)
    return words(reader.app.test_client().get(f"/runs/{chapter}/{run_id}{query}", base_url=reader.settings.base_url))


@pytest.mark.parametrize("whole_chapter", [True, False])
def test_a_pause_is_said_on_another_nodes_page_and_ends_there(federation: LocalFederation, whole_chapter: bool) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle()
    phone, at = Phone(london).sign_in(), "/lead" if whole_chapter else f"/lead/runs/{run.id}"
    assert "The pause is announced" in words(phone.tap(f"{at}/pause", data=PAUSE, follow_redirects=True))
    federation.relay(london)
    page = run_page(london, brisbane, run.id)
    assert "‖ On a break Back on 12 June. We mend the steps." in page
    assert "On a break from 1 June, back on 12 June." in words(phone.get("/lead"))
    shown = hidden(phone.get("/lead").text, f"{at}/resume")
    for _ in range(2):
        assert "The pause is over" in words(phone.post(f"{at}/resume", data=shown, follow_redirects=True))
    federation.relay(london)
    assert "On a break" not in run_page(london, brisbane, run.id)


def test_a_pause_without_an_end_says_that_none_is_known(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    phone.tap("/lead/pause", data=PAUSE | {"back_on": ""})
    assert "‖ On a break We don’t have a restart date yet." in run_page(london, london, run.id)
    assert "On a break from 1 June." in words(phone.get("/chapters"))


def test_the_page_that_changes_a_pause_says_so(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    assert f"Pause {run.name}" in words(phone.get(f"/lead/runs/{run.id}/pause"))
    phone.tap(f"/lead/runs/{run.id}/pause", data=PAUSE)
    page = words(phone.get(f"/lead/runs/{run.id}/pause"))
    assert "Change the pause" in page
    assert f"Pause {run.name}" not in page


def test_an_old_board_ends_no_pause_that_was_made_after_it(london: LocalNode, phone: Phone) -> None:
    phone.tap("/lead/pause", data=PAUSE)
    london.announce(a_run())
    old = hidden(phone.get("/lead").text, "/lead/resume")
    phone.tap("/lead/pause", data=PAUSE | {"back_on": "2026-07-02"})
    for sent in (old, {}):
        assert "Someone else has just changed this" in words(
            phone.post("/lead/resume", data=sent, follow_redirects=True)
        )
    assert "On a break from 1 June, back on 2 July." in words(phone.get("/lead"))


@pytest.mark.parametrize("whole_chapter", [True, False])
def test_the_board_asks_for_no_promise_while_a_run_pauses(london: LocalNode, phone: Phone, whole_chapter: bool) -> None:
    run = london.announce(a_run())
    phone.tap("/lead/pause" if whole_chapter else f"/lead/runs/{run.id}/pause", data=PAUSE)
    board = phone.get("/lead").text
    assert f"/lead/runs/{run.id}/dates/2026-06-04/confirm" not in board
    assert f"/lead/runs/{run.id}/dates/2026-06-18/confirm" in board
    assert "‖ On a break" in words(phone.get("/lead"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"since": "2026-05-01"}, "today or a later date, within a year"),
        ({"since": ""}, "Enter a date, for example 4 June 2026."),
        ({"back_on": "2026-06-01"}, "later than the first day"),
        ({"back_on": "2029-06-01"}, "within a year of the first"),
        ({"note": "Write to sam@example.org"}, "“sam@example.org” looks like an email address"),
    ],
)
def test_a_pause_that_cannot_be_says_so_and_keeps_what_was_typed(
    london: LocalNode, phone: Phone, changes: dict[str, str], said: str
) -> None:
    response = phone.tap("/lead/pause", data=PAUSE | changes)
    assert response.status_code == 422
    assert said in words(response)
    assert (PAUSE | changes)["note"] in response.text


def test_a_moved_date_is_said_on_another_nodes_page(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle()
    phone = Phone(london).sign_in()
    response = phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/move", data=MOVE, follow_redirects=True)
    assert "Moved. Please confirm this date again." in words(response)
    federation.relay(london)
    page = run_page(london, brisbane, run.id, "?date=2026-06-04")
    assert "Friday 5 June, 19:00 London time ○ Not confirmed yet" in page
    moved = "→ Moved to 19:00 Moved from Thursday 4 June. New meeting point: Tower Hill."
    assert moved in page
    assert "The square is closed." in page
    phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/confirm")
    federation.relay(london)
    page = run_page(london, brisbane, run.id, "?date=2026-06-04")
    assert "✓ A lead will be there" in page
    assert moved in page
    phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/undo")
    phone.post(f"/lead/runs/{run.id}/dates/2026-06-04/cancel", data={"reason": "venue"})
    federation.relay(london)
    page = run_page(london, brisbane, run.id, "?date=2026-06-04")
    assert "✕ Cancelled The meeting point is closed. Moved from Thursday 4 June." in page


def test_a_move_is_undone_by_a_button_that_names_it(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    date, undo = f"/lead/runs/{run.id}/dates/2026-06-04", f"/lead/runs/{run.id}/dates/2026-06-04/undo"
    for _ in range(2):
        board = phone.tap(f"{date}/move", data=MOVE, follow_redirects=True)
    assert "Undo the move" in words(board)
    for _ in range(2):
        board_after = phone.post(undo, data=hidden(board.text, undo), follow_redirects=True)
    assert "Thursday 4 June, 18:30 Thursday evening run ○ Not confirmed yet" in words(board_after)


def test_an_old_board_takes_no_promise_back_that_was_given_since_the_move(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    date, undo = f"/lead/runs/{run.id}/dates/2026-06-04", f"/lead/runs/{run.id}/dates/2026-06-04/undo"
    old = hidden(phone.tap(f"{date}/move", data=MOVE, follow_redirects=True).text, undo)
    phone.tap(f"{date}/confirm")
    response = phone.post(undo, data=old, follow_redirects=True)
    assert "Someone else has just changed this" in words(response)
    assert "Friday 5 June, 19:00 Thursday evening run ✓ A lead will be there" in words(response)


def test_a_date_at_another_place_is_not_said_to_be_at_another_time(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    same_time = {"starts_on": "2026-06-04", "starts_at": "18:30"}
    board = phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/move", data=MOVE | same_time, follow_redirects=True)
    assert "→ Moved New meeting point: Tower Hill." in words(board)
    assert "→ Moved New meeting point: Tower Hill." in run_page(london, london, run.id)


def test_the_form_that_moves_a_date_comes_as_the_date_stands(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    page = phone.get(f"/lead/runs/{run.id}/dates/2026-06-04/move").text
    assert 'value="2026-06-04"' in page
    assert 'value="18:30"' in page
    assert 'value="The Monument"' in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts_on": "2026-07-30"}, "within two weeks of the original date"),
        ({"starts_on": "2026-06-01", "starts_at": "08:00"}, "That time has passed."),
        ({"point": "nowhere at all"}, "Enter two numbers"),
        ({"point": "91, 0"}, "isn’t a place on Earth"),
        ({"point_name": ""}, "Please fill this in."),
        ({"note": "Call 07700 900123"}, "“07700 900123” looks like a phone number"),
    ],
)
def test_a_move_that_cannot_be_says_so_and_keeps_what_was_typed(
    london: LocalNode, phone: Phone, changes: dict[str, str], said: str
) -> None:
    run = london.announce(a_run())
    response = phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/move", data=MOVE | changes)
    assert response.status_code == 422
    assert said in words(response)
    assert (MOVE | changes)["note"] in response.text


def test_a_place_is_found_by_name_for_a_moved_date(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    typed = MOVE | {"point": "Peterborough", "find": "1"}
    response = phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/move", data=typed)
    assert "Tap the one you mean" in words(response)
    assert "The square is closed." in response.text


@pytest.mark.parametrize(
    ("status", "say"),
    [
        ("paused", "HQ has paused this chapter, and every site says so"),
        ("suspended", "HQ doesn’t list this chapter at the moment"),
    ],
)
def test_a_lead_reads_on_the_board_how_hq_lists_the_chapter(federation: LocalFederation, status: Any, say: str) -> None:
    node = federation.add_chapter(LONDON)
    phone = Phone(node).sign_in()
    assert say not in words(phone.get("/lead"))
    with federation.hq.session() as session:
        registry.set_status(session, federation.hq.settings, node.chapter_id, status, federation.clock())
    federation.settle()
    assert say in words(phone.get("/lead"))


@pytest.fixture
def paused_by_hq(federation: LocalFederation) -> tuple[LocalNode, Run]:
    node = federation.add_chapter(LONDON)
    run = node.announce(a_run())
    with federation.hq.session() as session:
        registry.set_status(session, federation.hq.settings, node.chapter_id, "paused", federation.clock())
    federation.settle()
    return node, run


def test_the_board_asks_for_no_promise_while_hq_has_paused_the_chapter(paused_by_hq: tuple[LocalNode, Run]) -> None:
    board = Phone(paused_by_hq[0]).sign_in().get("/lead")
    assert "/confirm" not in board.text
    assert "Thursday 4 June, 18:30 ‖ On a break Who’s coming" in words(board)
    assert "You can still cancel dates, but not confirm them." in words(board)


def test_an_old_boards_promise_is_not_kept_once_hq_has_paused_the_chapter(paused_by_hq: tuple[LocalNode, Run]) -> None:
    node, run = paused_by_hq
    phone, at = Phone(node).sign_in(), f"/lead/runs/{run.id}/dates/2026-06-04"
    response = phone.post(f"{at}/confirm", follow_redirects=True)
    assert "Not confirmed. HQ has paused this chapter" in words(response)
    assert f"{at}/undo" not in response.text
    with node.session() as session:
        assert session.get(RunDate, (run.id, date(2026, 6, 4))) is None


def test_a_date_can_be_cancelled_while_hq_has_paused_the_chapter(paused_by_hq: tuple[LocalNode, Run]) -> None:
    node, run = paused_by_hq
    phone, at = Phone(node).sign_in(), f"/lead/runs/{run.id}/dates/2026-06-04"
    response = phone.post(f"{at}/cancel", data={"reason": "lead"}, follow_redirects=True)
    assert "Thursday 4 June, 18:30 ✕ Cancelled" in words(response)
    assert f"{at}/undo" in response.text


def test_a_break_to_come_is_said_of_its_run_and_one_that_has_begun_on_its_card_alone(
    london: LocalNode, phone: Phone
) -> None:
    run = london.announce(a_run(name="Heath run"))
    at = f"/lead/runs/{run.id}/pause"
    phone.post(at, data=PAUSE | {"since": "2026-06-10", "back_on": "2026-06-20"} | hidden(phone.get(at).text, at))
    chapter = f"/chapters/{london.chapter_id}"
    assert "Heath run: On a break from 10 June, back on 20 June." in words(phone.get(chapter))
    phone.post(at, data=PAUSE | hidden(phone.get(at).text, at))
    shown = words(phone.get(chapter))
    assert "Back on 12 June." in shown
    assert "On a break from" not in shown
