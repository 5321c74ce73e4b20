"""Two leads with a phone each. A page that one has opened before does not undo what the other has done since."""

from collections.abc import Callable
from datetime import date

import pytest

from node.chapter import dates, identity, runs
from node.database import writing
from node.models import Run

from ..support.network import LocalNode
from ..support.web_client import Phone, hidden, words
from .leads.test_profile import PROFILE
from .leads.test_runs import TYPED

DAY = "2026-06-04"


@pytest.fixture
def ada(london: LocalNode) -> Phone:
    return Phone(london).sign_in("Ada")


@pytest.fixture
def ben(london: LocalNode) -> Phone:
    return Phone(london).sign_in("Ben")


def path(run: Run, verb: str) -> str:
    return f"/lead/runs/{run.id}/dates/{DAY}/{verb}"


def first(node: LocalNode, run: Run) -> dates.DateView:
    with node.session() as session:
        return dates.coming(session, session.get_one(Run, run.id), node.clock())[0]


MOVE = {
    "starts_on": DAY,
    "starts_at": "19:30",
    "point_name": "The Monument",
    "address": "Fish Street Hill, London EC3R",
    "directions": "At the foot of the column, by the steps.",
    "point": "51.5101, -0.0860",
    "note": "Half an hour later",
}


def cancel(ben: Phone, run: Run) -> None:
    assert ben.post(path(run, "cancel"), data={"reason": "lead", "note": "I am ill"}).status_code == 303


def move(ben: Phone, run: Run) -> None:
    assert ben.tap(path(run, "move"), data=MOVE).status_code == 303


def edit(ben: Phone, run: Run) -> None:
    assert ben.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"starts_at": "19:00"}).status_code == 303


@pytest.mark.parametrize("other", [cancel, move, edit])
def test_a_promise_from_an_old_page_is_not_kept(
    london: LocalNode, run: Run, ada: Phone, ben: Phone, other: Callable[[Phone, Run], None]
) -> None:
    old = hidden(ada.get("/lead").text, path(run, "confirm"))
    other(ben, run)
    response = ada.post(path(run, "confirm"), data=old, follow_redirects=True)
    assert "Someone else has just changed this. This is how it looks now." in words(response)
    assert first(london, run).state == {"cancel": "cancelled"}.get(other.__name__, "moved")


def test_a_promise_from_a_page_that_names_nothing_is_not_kept(london: LocalNode, run: Run, ada: Phone) -> None:
    assert "Someone else has just changed this" in words(ada.post(path(run, "confirm"), follow_redirects=True))
    assert first(london, run).state == "unconfirmed"


def test_two_leads_promise_the_same_date_and_both_read_that_it_is_confirmed(run: Run, ada: Phone, ben: Phone) -> None:
    old = hidden(ada.get("/lead").text, path(run, "confirm"))
    for phone in (ben, ada):
        assert "Confirmed: a lead will be there" in words(phone.post(path(run, "confirm"), old, follow_redirects=True))


@pytest.mark.parametrize("other", [move, edit])
def test_a_cancellation_goes_through_from_however_old_a_page(
    london: LocalNode, run: Run, ada: Phone, ben: Phone, other: Callable[[Phone, Run], None]
) -> None:
    other(ben, run)
    assert ada.post(path(run, "cancel"), data={"reason": "weather"}).status_code == 303
    assert first(london, run).state == "cancelled"


def test_a_move_from_an_old_page_says_how_it_stands_and_keeps_what_was_typed(
    london: LocalNode, run: Run, ada: Phone, ben: Phone
) -> None:
    old = hidden(ada.get(path(run, "move")).text, path(run, "move"))
    cancel(ben, run)
    response = ada.post(path(run, "move"), data=MOVE | old)
    assert response.status_code == 409
    assert "Someone else has just changed this date" in words(response)
    assert "✕ Cancelled" in words(response)
    assert "I am ill" in words(response)
    assert "Half an hour later" in response.text
    assert first(london, run).state == "cancelled"
    again = hidden(response.text, path(run, "move"))
    assert ada.post(path(run, "move"), data=MOVE | again).status_code == 303
    assert first(london, run).state == "moved"


def test_the_later_of_two_edits_says_what_the_earlier_made_of_it_and_keeps_what_was_typed(
    london: LocalNode, run: Run, ada: Phone, ben: Phone
) -> None:
    at = f"/lead/runs/{run.id}/edit"
    old = hidden(ada.get(at).text, at)
    assert ben.tap(at, data=TYPED | {"starts_at": "19:00", "kind": "walk"}).status_code == 303
    response = ada.post(at, data=TYPED | {"bring": "A torch"} | old)
    assert response.status_code == 409
    page = words(response)
    assert "Someone else has just changed this run" in page
    assert "Start : 19:00" in page
    assert "Activity : A walk" in page
    assert "A torch" in response.text
    with london.session() as session:
        stands = runs.input_of(runs.get(session, run.id))
    assert (f"{stands.starts_at:%H:%M}", stands.bring) == ("19:00", "Water")
    again = hidden(response.text, at)
    assert ada.post(at, data=TYPED | {"bring": "A torch", "starts_at": "19:00"} | again).status_code == 303


def test_the_same_edit_twice_is_one(run: Run, ada: Phone) -> None:
    at = f"/lead/runs/{run.id}/edit"
    old = hidden(ada.get(at).text, at)
    for _ in range(2):
        assert ada.post(at, data=TYPED | {"bring": "A torch"} | old).status_code == 303


@pytest.mark.parametrize("whole_chapter", [True, False])
def test_a_pause_from_an_old_page_says_which_one_there_is(
    run: Run, ada: Phone, ben: Phone, whole_chapter: bool
) -> None:
    at = "/lead/pause" if whole_chapter else f"/lead/runs/{run.id}/pause"
    old = hidden(ada.get(at).text, at)
    assert ben.tap(at, data={"since": DAY, "back_on": "2026-07-02", "note": "Holidays"}).status_code == 303
    response = ada.post(at, data={"since": DAY, "back_on": "2026-06-12", "note": "We mend the steps"} | old)
    assert response.status_code == 409
    assert "Someone else has just changed this pause" in words(response)
    assert "On a break from 4 June, back on 2 July. Holidays" in words(response)
    assert "We mend the steps" in response.text


def test_a_withdrawal_that_was_made_again_is_not_taken_back_by_an_old_board(
    london: LocalNode, run: Run, ada: Phone, ben: Phone
) -> None:
    at = f"/lead/runs/{run.id}"
    ben.post(f"{at}/withdraw")
    old = hidden(ada.get("/lead").text, f"{at}/reinstate")
    london.clock.tick(minutes=1)
    ben.tap(f"{at}/reinstate")
    ben.post(f"{at}/withdraw")
    response = ada.post(f"{at}/reinstate", data=old, follow_redirects=True)
    assert "Someone else has just changed this" in words(response)
    assert "Bring it back" in words(response)


def test_a_double_tap_on_move_moves_once(london: LocalNode, run: Run, ada: Phone) -> None:
    old = hidden(ada.get(path(run, "move")).text, path(run, "move"))
    for _ in range(2):
        assert ada.post(path(run, "move"), data=MOVE | old).status_code == 303
    assert first(london, run).day == date(2026, 6, 4)


def test_the_later_save_of_the_profile_wipes_out_nothing(london: LocalNode, ada: Phone, ben: Phone) -> None:
    at = "/lead/profile"
    old = hidden(ada.get(at).text, at)
    assert ben.tap(at, data=PROFILE | {"about": "We run by the canal."}).status_code == 303
    response = ada.post(at, data=PROFILE | {"about": "All are welcome.", "place": "Southwark"} | old)
    assert response.status_code == 409
    page = words(response)
    assert "Someone else has just changed this profile" in page
    assert "About the chapter : We run by the canal." in page
    assert "All are welcome." in response.text
    assert "We run by the canal." in words(ada.get("/"))
    again = ada.post(at, data=PROFILE | {"about": "All are welcome."} | hidden(response.text, at))
    assert again.status_code == 303
    assert "All are welcome." in words(ada.get("/"))


def test_a_double_tap_on_the_profile_saves_it_once(ada: Phone) -> None:
    old = hidden(ada.get("/lead/profile").text, "/lead/profile")
    for _ in range(2):
        answer = ada.post("/lead/profile", data=PROFILE | {"about": "All are welcome."} | old)
        assert answer.headers["Location"] == "/lead?done=profile-saved"


def test_having_looked_puts_away_only_the_list_that_the_page_told_of(london: LocalNode, ada: Phone) -> None:
    take_over(london)
    old = hidden(ada.get("/lead").text, "/lead/looked")
    london.clock.tick(minutes=5)
    take_over(london)
    ada.post("/lead/looked", data=old)
    assert "newer list of its own runs" in words(ada.get("/lead"))
    ada.tap("/lead/looked")
    assert "newer list" not in words(ada.get("/lead"))


def take_over(node: LocalNode) -> None:
    with node.session() as session, writing(session):
        identity.own(session).taken_over_at = node.clock()
