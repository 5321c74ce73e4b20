"""Who does what on a date, and the rota, on leads' pages: each act from a page and back to one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from node.members.leading import rota
from node.models import Run

from ...support.full_disk import full_disk
from ...support.leads import add_lead, look, told, waiting
from ...support.network import LocalNode
from ...support.web_client import Phone, hidden, words

STARTS = datetime(2026, 6, 4, 17, 30, tzinfo=UTC)


@pytest.fixture
def ada(london: LocalNode) -> Phone:
    return Phone(london).sign_in("Ada")


@pytest.fixture
def ben(london: LocalNode, ada: Phone) -> Phone:
    return Phone(london).sign_in("Ben")


def at(run: Run, verb: str = "", day: str = "2026-06-04") -> str:
    return f"/lead/runs/{run.id}/dates/{day}/who{verb and '/'}{verb}"


def confirm(phone: Phone, run: Run, day: str = "2026-06-04") -> str:
    return words(phone.tap(f"/lead/runs/{run.id}/dates/{day}/confirm", follow_redirects=True))


def drop_out(phone: Phone, run: Run, line: str = "") -> TestResponse:
    sent = hidden(phone.get(at(run)).text, at(run, "drop-out"))
    return phone.post(at(run, "drop-out"), data={**sent, "line": line}, follow_redirects=True)


def test_the_board_says_who_will_be_there_and_what_is_open(run: Run, ada: Phone, ben: Phone) -> None:
    board = words(ben.get("/lead"))
    assert "No lead has confirmed yet" in board
    assert "Thursday evening run ○ Not confirmed yet Open: no one is down for it." in board
    assert "Ada will be there." in confirm(ada, run)
    board = words(ben.get("/lead"))
    assert "No lead has confirmed yet" not in board
    assert "✓ A lead will be there Ada will be there." in board


def test_the_second_of_two_who_tap_reads_who_was_quicker(run: Run, ada: Phone, ben: Phone) -> None:
    path = f"/lead/runs/{run.id}/dates/2026-06-04/confirm"
    old = hidden(ben.get("/lead").text, path)
    confirm(ada, run)
    assert "Ada will be there." in words(ben.post(path, data=old, follow_redirects=True))


def test_two_taps_from_the_board_hand_a_date_over(run: Run, ada: Phone, ben: Phone) -> None:
    confirm(ada, run)
    assert f'href="{at(run)}"' in ada.get("/lead").text
    page = ada.get(at(run)).text
    sent = hidden(page, at(run, "hand-over"))
    assert sent == {"duty": "lead", "whose": str(ada.lead.id)}
    done = words(ada.post(at(run, "hand-over"), data={**sent, "to": str(ben.lead.id)}, follow_redirects=True))
    assert "Ada will be there, and has asked Ben to take over." in done
    assert "Ben will be there." in words(ben.tap(at(run, "take"), follow_redirects=True))
    assert "Ben will be there." in words(ada.get(at(run)))


def test_two_taps_from_the_board_swap_two_dates(london: LocalNode, run: Run, ada: Phone, ben: Phone) -> None:
    with london.session() as session:
        rota.everybody_takes_turns(session, run.id)
    before = words(ada.get("/lead/rota"))
    sent = hidden(ada.get(at(run)).text, at(run, "swap"))
    page = words(ada.post(at(run, "swap"), data={**sent, "other": "2026-06-11"}, follow_redirects=True))
    assert "Swapped, and we’ve told the other lead." in page
    is_adas = "Thursday 4 June, 18:30 : Thursday evening run It’s Ada’s turn" in before
    first, second = ("Ada", "Ben") if is_adas else ("Ben", "Ada")
    after = words(ada.get("/lead/rota"))
    assert f"Thursday 4 June, 18:30 : Thursday evening run It’s {second}’s turn." in after
    assert f"Thursday 11 June, 18:30 : Thursday evening run It’s {first}’s turn." in after


def test_who_drops_out_late_is_asked_for_a_line_and_the_listing_promises_nothing(
    london: LocalNode, run: Run, ada: Phone, ben: Phone
) -> None:
    confirm(ada, run)
    london.clock.now = STARTS - timedelta(hours=5)
    page = words(ada.get(at(run)))
    assert "A message to the other leads, if you like We’ll ask them at once, because the run is soon." in page
    done = drop_out(ada, run, "I have a cold")
    assert "This date is no longer confirmed on any site" in words(done)
    assert "Ada can’t make it. Open: no one is down for it. I have a cold" in words(ben.get(at(run)))
    assert "✓ A lead will be there" not in words(ben.get("/"))


def test_a_line_that_is_too_long_stays_on_the_page_and_the_promise_stands(run: Run, ada: Phone) -> None:
    confirm(ada, run)
    page = drop_out(ada, run, "x" * 201)
    assert page.status_code == 422
    assert "up to 200 characters" in words(page)
    assert "x" * 201 in page.text
    assert "<title>Error: " in page.text
    assert "A lead will be there" in words(ada.get("/"))


def test_an_old_page_drops_out_nobody_else(run: Run, ada: Phone, ben: Phone) -> None:
    confirm(ada, run)
    old = hidden(ada.get(at(run)).text, at(run, "drop-out"))
    drop_out(ada, run)
    confirm(ben, run)
    assert "Someone else has just changed this" in words(ada.post(at(run, "drop-out"), data=old, follow_redirects=True))
    assert "Ben will be there." in words(ada.get(at(run)))


def test_a_back_marker_is_named_on_the_board_and_on_no_public_page(run: Run, ada: Phone, ben: Phone) -> None:
    sent = {"duty": "back-marker", "whose": ""}
    assert "You’re down for it." in words(ben.post(at(run, "take"), data=sent, follow_redirects=True))
    assert "Back-marker: Ben." in words(ada.get("/lead"))
    for path in ("/", "/runs"):
        assert "Ben" not in words(Phone(ben.node).get(path))
    sent = {"duty": "back-marker", "whose": str(ben.lead.id)}
    assert "It’s open again." in words(ben.post(at(run, "drop-out"), data=sent, follow_redirects=True))


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("take", {"duty": "cook"}),
        ("swap", {"duty": "lead", "whose": "1", "other": "soon"}),
        ("swap", {"duty": "lead", "whose": "", "other": "2026-06-11"}),
        ("hand-over", {"duty": "cook", "to": "1"}),
        ("hand-over", {"duty": "lead", "whose": "", "to": "999"}),
        ("hand-over", {"duty": "lead", "whose": "x", "to": "y"}),
    ],
)
def test_nonsense_changes_nothing(run: Run, ada: Phone, verb: str, data: dict[str, str]) -> None:
    assert ada.post(at(run, verb), data=data).status_code in (400, 404)
    assert "Open: no one is down for it." in words(ada.get(at(run)))


def test_a_rota_is_made_shown_and_taken_off(run: Run, ada: Phone, ben: Phone) -> None:
    path = f"/lead/runs/{run.id}/rota"
    sent = {"person": str(ben.lead.id), "duty": "lead", "dates": "1"}
    page = words(ada.post(f"{path}/add", data=sent, follow_redirects=True))
    assert "Ben · Lead: the first of the month" in page
    assert "Thursday 4 June, 18:30 : Thursday evening run It’s Ben’s turn." in page
    assert "It’s Ben’s turn." in words(ada.get("/lead"))
    ada.post(f"{path}/1/remove")
    assert "No one yet" in words(ada.get(path))


def test_a_rule_that_is_none_is_refused_in_words(run: Run, ada: Phone) -> None:
    page = ada.post(f"/lead/runs/{run.id}/rota/add", data={"person": "99", "duty": "lead", "dates": "1"})
    assert page.status_code == 422
    assert "Not added." in words(page)


def test_days_off_open_what_was_promised_and_say_so(run: Run, ada: Phone, ben: Phone) -> None:
    confirm(ada, run)
    sent = {"since": "2026-06-04", "back_on": "2026-06-12"}
    page = words(ada.post("/lead/days-off", data=sent, follow_redirects=True))
    assert "From Thursday 4 June to Thursday 11 June" in page
    assert "Not confirmed yet" in words(ada.get("/"))
    page = words(ada.post("/lead/days-off/1/end", follow_redirects=True))
    assert "You have none planned." in page
    assert "Not confirmed yet" in words(ada.get("/"))


def test_days_off_that_cannot_be_say_so_and_stay(ada: Phone) -> None:
    page = ada.post("/lead/days-off", data={"since": "2026-06-04", "back_on": "2026-06-04"})
    assert page.status_code == 422
    assert "This has to be later than the first day." in words(page)
    assert 'value="2026-06-04"' in page.text


def test_a_lead_ends_no_others_days_off(run: Run, ada: Phone, ben: Phone) -> None:
    ada.post("/lead/days-off", data={"since": "2026-06-04", "back_on": "2026-06-12"})
    ben.post("/lead/days-off/1/end")
    assert "From Thursday 4 June" in words(ada.get("/lead/days-off"))


def test_what_the_disk_does_not_take_is_not_done(run: Run, ada: Phone, ben: Phone) -> None:
    confirm(ada, run)
    sent = hidden(ada.get(at(run)).text, at(run, "drop-out"))
    with full_disk(ada.node):
        assert ada.post(at(run, "drop-out"), data=sent).status_code == 503
    assert "A lead will be there" in words(ada.get("/"))


def test_cancelling_stays_two_taps_and_the_others_are_not_asked_any_more(
    london: LocalNode, run: Run, ada: Phone, ben: Phone
) -> None:
    london.clock.now = STARTS - timedelta(hours=20)
    path = f"/lead/runs/{run.id}/dates/2026-06-04/cancel"
    assert f'action="{path}"' in ada.get("/lead").text
    ada.post(path, data={"reason": "lead"})
    look(london)
    assert told(london, waiting(london)) == []
    assert "There’s no run on that date" in words(ada.get(at(run)))


def test_a_site_without_mail_promises_no_letters(london: LocalNode, run: Run, ada: Phone, ben: Phone) -> None:
    confirm(ada, run)
    silent = replace(london.handle, settings=replace(london.settings, mail=""))
    london.app.config["NODE"] = silent
    for page in (at(run), "/lead/rota", "/lead/days-off"):
        assert "This site doesn’t send emails" in words(ada.get(page)), page
    sent = {"duty": "lead", "whose": str(ada.lead.id), "to": str(ben.lead.id)}
    handed = words(ada.post(at(run, "hand-over"), data=sent, follow_redirects=True))
    assert "Noted. This site doesn’t send emails" in handed
    assert "please ring the other leads, or cancel the date" in words(drop_out(ada, run))
    assert "This site doesn’t send emails, so please ring each other." in words(ada.get("/lead"))


def test_the_rota_of_all_runs_keeps_later_dates_behind_a_tap(london: LocalNode, run: Run, ada: Phone) -> None:
    page = ada.get("/lead/rota").text
    soon, later = page.split("Later dates")
    assert (soon.count('/who">'), later.count('/who">')) == (3, 5)
    assert "Later dates" not in words(ada.get(f"/lead/runs/{run.id}/rota"))


def test_the_rota_names_leads_who_get_no_letters(london: LocalNode, run: Run, ada: Phone) -> None:
    add_lead(london, "Kim")
    page = words(ada.get("/lead/rota"))
    assert "These leads don’t get emails" in page
    assert "Ada" in page.partition("These leads")[2].partition("Thursday evening")[0]
    assert "Kim" not in page.partition("These leads")[2].partition("Thursday evening")[0]
