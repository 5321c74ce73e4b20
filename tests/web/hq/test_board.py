"""HQ's board says what needs a hand today, and where all is well."""

from node.chapter import identity
from node.database import writing

from ...support.many_chapters import list_many
from ...support.network import LocalFederation, LocalNode
from ...support.web_client import Phone, hidden, words
from .test_acts import acts
from .test_hq import act


def test_somebody_who_signs_in_at_hq_sees_what_needs_a_hand(federation: LocalFederation) -> None:
    person = federation.hq.add_lead("Ada")
    phone = Phone(federation.hq)
    response = phone.post(f"/signin/{phone.link(person.id)}")
    assert response.headers["Location"] == "/hq?done=signed-in"
    assert "What needs attention today" in words(phone.get("/hq"))


def test_one_person_alone_is_asked_to_find_a_second(ada: Phone, federation: LocalFederation) -> None:
    assert "No one should carry this alone" in words(ada.get("/hq"))
    ada.post("/hq/people", data={"first_name": "Sam"})
    assert "No one should carry this alone" not in words(ada.get("/hq"))


def test_nothing_waits_is_said_only_where_that_is_so(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    promise(london)
    federation.settle()
    assert "Nothing needs you today" not in words(ada.get("/hq"))
    ada.post("/hq/people", data={"first_name": "Sam"})
    assert "Nothing needs you today" in words(ada.get("/hq"))


def test_the_board_shows_runs_of_this_week_that_no_lead_has_promised(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    page = words(ada.get("/hq"))
    assert "No lead has confirmed yet" in page
    assert "Thursday evening run" in page
    promise(london)
    federation.settle()
    assert "Thursday evening run" not in words(ada.get("/hq"))


def promise(london: LocalNode) -> None:
    from node.chapter import runs

    with london.session() as session:
        run = runs.all_runs(session)[0]
    phone, tap = Phone(london).sign_in(), f"/lead/runs/{run.id}/dates/2026-06-04/confirm"
    assert phone.post(tap, data=hidden(phone.get("/lead").text, tap)).status_code == 303


def test_a_silent_chapter_comes_up_on_the_board(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    assert "gone silent" not in words(ada.get("/hq"))
    federation.clock.tick(days=9)
    page = words(ada.get("/hq"))
    assert "Chapters that have gone silent" in page
    assert "last heard from on Monday 1 June" in page


def test_all_that_have_gone_silent_are_one_list(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    assert "No chapters found" in words(ada.get("/hq/chapters?status=silent"))
    list_many(federation.hq, 25)
    federation.clock.tick(days=9)
    board = ada.get("/hq")
    assert "the 20 that have been silent longest, out of 26" in words(board)
    assert 'href="/hq/chapters?status=silent"' in board.text
    assert "London" in words(ada.get("/hq/chapters?status=silent"))


def test_paused_and_suspended_chapters_stay_on_the_board(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    assert "Paused or suspended" not in words(ada.get("/hq"))
    for name, said in {"pause": "Paused since Monday 1 June", "suspend": "Suspended since Monday 1 June"}.items():
        act(ada, london, name, reason="So it is.")
        assert said in words(ada.get("/hq"))
    act(ada, london, "left")
    assert "Paused or suspended" not in words(ada.get("/hq"))


def test_a_registry_that_is_not_signed_anew_is_said(federation: LocalFederation, ada: Phone) -> None:
    assert "hasn’t been signed" not in words(ada.get("/hq"))
    federation.clock.tick(days=5, hours=1)
    assert "hasn’t been signed for days" in words(ada.get("/hq"))


def test_a_root_that_is_nearly_over_is_said(federation: LocalFederation, ada: Phone) -> None:
    federation.clock.tick(days=80)
    ada.get("/hq")
    assert "have to sign a new root" not in words(ada.get("/hq"))
    for _ in range(22):
        federation.clock.tick(days=80)
        ada.get("/hq")
    assert "have to sign a new root" in words(ada.get("/hq"))


def test_that_somebody_has_looked_through_a_list_that_was_taken_over_is_in_the_history(
    federation: LocalFederation, ada: Phone
) -> None:
    take_over(federation)
    old = hidden(ada.get("/hq").text, "/hq/looked")
    for _ in range(2):
        ada.post("/hq/looked", data=old)
    assert [one[1] for one in acts(federation)].count("looked") == 1


def test_having_looked_puts_away_only_the_list_that_the_page_told_of(federation: LocalFederation, ada: Phone) -> None:
    take_over(federation)
    old = hidden(ada.get("/hq").text, "/hq/looked")
    federation.clock.tick(minutes=5)
    take_over(federation)
    ada.post("/hq/looked", data=old)
    assert "has found a newer list" in words(ada.get("/hq"))
    ada.post("/hq/looked", data=hidden(ada.get("/hq").text, "/hq/looked"))
    assert "has found a newer list" not in words(ada.get("/hq"))


def take_over(federation: LocalFederation) -> None:
    with federation.hq.session() as session, writing(session):
        identity.own(session).taken_over_at = federation.clock()
