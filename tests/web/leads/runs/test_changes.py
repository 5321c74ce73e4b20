"""A run is changed, undone, ended and brought back on the board."""

from datetime import date

import pytest

from node.models import Chapter

from ....support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ....support.web_client import Phone, hidden, words
from ..test_runs import TYPED, announced


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def test_a_change_is_kept_and_shown(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    data = TYPED | {"address": run.address, "name": "Calm run"}
    response = phone.tap(f"/lead/runs/{run.id}/edit", data=data, follow_redirects=True)
    assert "Saved. This site shows it, but no other site does yet." in words(response)
    assert "Calm run" in words(phone.get("/"))


def test_a_new_time_asks_for_the_coming_dates_to_be_confirmed_again(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    phone.post(f"/lead/runs/{run.id}/dates/2026-06-04/confirm")
    response = phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"starts_at": "19:15"}, follow_redirects=True)
    assert "The dates of the first 14 days are marked as moved" in words(response)
    home = words(phone.get("/"))
    order = ["Thursday 4 June, 19:15 ○ Not confirmed yet", "→ Moved to 19:15"]
    assert home.index(order[0]) < home.index(order[1])


def test_a_change_that_cannot_be_kept_stays_on_the_page(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    response = phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"name": "", "bring": "A torch"})
    assert response.status_code == 422
    assert "A torch" in response.text
    assert announced(london)[0].name == "Thursday evening run"


def test_withdrawing_asks_first_and_then_ends_the_run_in_sight(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    assert "say that they’re cancelled" in words(phone.get(f"/lead/runs/{run.id}/withdraw"))
    assert len(announced(london)) == 1
    response = phone.post(f"/lead/runs/{run.id}/withdraw", follow_redirects=True)
    assert "The run has ended" in words(response)
    assert announced(london) == []
    assert "Thursday 4 June, 18:30 ✕ Cancelled" in words(phone.get("/"))


def test_a_withdrawal_is_taken_back_on_the_board(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    phone.post(f"/lead/runs/{run.id}/withdraw")
    assert "Bring it back" in words(phone.get("/lead"))
    response = phone.tap(f"/lead/runs/{run.id}/reinstate", follow_redirects=True)
    assert "The run is back" in words(response)
    assert [one.id for one in announced(london)] == [run.id]


def test_a_change_of_the_series_is_undone_on_the_board(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"starts_at": "19:15"})
    london.clock.tick(minutes=12)
    board = phone.get("/lead")
    assert "Changed 12 minutes ago. Undo this change : Thursday evening run" in words(board)
    undo = f"/lead/runs/{run.id}/undo"
    responses = [phone.post(undo, data=hidden(board.text, undo), follow_redirects=True) for _ in range(2)]
    for response in responses:
        assert "The run is as it was before" in words(response)
        assert "Undo this change" not in words(response)
    assert announced(london)[0].starts_at.isoformat() == "18:30:00"


def test_an_old_board_undoes_no_change_that_came_after_it(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    undo = f"/lead/runs/{run.id}/undo"
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"starts_at": "19:15"})
    old = hidden(phone.get("/lead").text, undo)
    london.clock.tick(minutes=1)
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"starts_at": "19:45"})
    for sent in (old, {"edited_at": "yesterday"}, {}):
        response = phone.post(undo, data=sent, follow_redirects=True)
        assert "Someone else has just changed this. This is how it looks now." in words(response)
    assert announced(london)[0].starts_at.isoformat() == "19:45:00"


def test_a_change_of_a_series_and_its_undo_stand_on_another_nodes_page(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle()
    phone, reader = Phone(london).sign_in(), Phone(brisbane)
    page, undo = f"/runs/{london.chapter_id}/{run.id}", f"/lead/runs/{run.id}/undo"
    phone.tap(
        f"/lead/runs/{run.id}/edit",
        data=TYPED | {"starts_on": "2026-06-05", "point_name": "Tower Hill", "point": "51.5098, -0.0766"},
    )
    federation.relay(london)
    told = words(reader.get(page))
    assert "Friday 5 June, 18:30 London time ○ Not confirmed yet" in told
    assert "→ Moved to 18:30 Moved from Thursday 4 June." in told
    assert "New meeting point: Tower Hill." in told
    assert "This is the next one" not in words(reader.get(f"{page}?date=2026-06-04"))
    phone.post(undo, data=hidden(phone.get("/lead").text, undo))
    federation.relay(london)
    assert words(reader.get(page)).index("Thursday 4 June, 18:30") < 60


def test_a_withdrawn_run_is_cancelled_on_another_node_until_that_is_taken_back(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle()
    phone, page = Phone(london).sign_in(), f"/runs/{london.chapter_id}/{run.id}"
    assert "The run has ended" in words(phone.post(f"/lead/runs/{run.id}/withdraw", follow_redirects=True))
    federation.relay(london)
    assert "✕ Cancelled" in words(Phone(brisbane).get(page))
    for _ in range(2):
        response = phone.tap(f"/lead/runs/{run.id}/reinstate", follow_redirects=True)
        assert "The run is back" in words(response)
    federation.relay(london)
    told = words(Phone(brisbane).get(page))
    assert "Not confirmed yet" in told
    assert "Cancelled" not in told


def test_withdrawing_twice_is_withdrawing_once(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    answers = [phone.post(f"/lead/runs/{run.id}/withdraw") for _ in range(2)]
    assert [answer.headers["Location"] for answer in answers] == ["/lead?done=withdrawn"] * 2


@pytest.mark.parametrize("verb", ["edit", "withdraw"])
def test_an_unknown_run_is_not_there(phone: Phone, verb: str) -> None:
    assert phone.get(f"/lead/runs/nothing/{verb}").status_code == 404
    assert phone.post(f"/lead/runs/nothing/{verb}", data=TYPED).status_code == 404


def test_a_board_without_runs_says_what_to_do(phone: Phone) -> None:
    response = phone.get("/lead")
    assert "Announce your weekly run once" in words(response)
    assert 'href="/lead/runs/new"' in response.text


def test_the_board_shows_the_run_that_is_next_first(london: LocalNode, phone: Phone) -> None:
    london.announce(a_run(name="Far run", starts_on=date(2026, 6, 7)))
    london.announce(a_run(name="Near run", starts_on=date(2026, 6, 2)))
    page = words(phone.get("/lead"))
    assert page.index("Near run") < page.index("Far run")


def test_a_restored_node_tells_its_lead_until_that_is_put_away(london: LocalNode, phone: Phone) -> None:
    with london.session() as session:
        session.get_one(Chapter, 1).taken_over_at = london.clock()
        session.commit()
    assert "newer list of its own runs" in words(phone.get("/lead"))
    assert "newer list" not in words(phone.tap("/lead/looked", follow_redirects=True))
