"""A lead confirms, cancels and undoes with one tap or two on the board."""

import re
from datetime import date

import pytest

from node.models import Run

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, hidden, words


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def path(run: Run, verb: str, day: str = "2026-06-04") -> str:
    return f"/lead/runs/{run.id}/dates/{day}/{verb}"


def test_one_tap_confirms(run: Run, phone: Phone) -> None:
    response = phone.tap(path(run, "confirm"), follow_redirects=True)
    assert response.request.path == "/lead"
    assert "Confirmed: a lead will be there Thursday evening run, Thursday 4 June, 18:30" in words(response)
    assert "✓ A lead will be there" in words(phone.get("/"))


def test_two_taps_cancel_tonight(run: Run, phone: Phone) -> None:
    board = phone.get("/lead").text
    first = board.index("<details>")
    form = board[first : board.index("</details>", first)]
    assert "Cancel this date" in form
    assert f'action="{path(run, "cancel")}"' in form
    assert re.findall(r'type="submit" name="reason" value="(\w+)"', form) == ["weather", "venue", "lead", "other"]
    response = phone.post(path(run, "cancel"), data={"reason": "lead", "note": ""}, follow_redirects=True)
    assert "Cancelled Thursday evening run, Thursday 4 June" in words(response)
    assert "✕ Cancelled" in words(phone.get("/"))


def test_each_date_has_one_strong_button_and_the_rest_behind_one_tap(run: Run, phone: Phone) -> None:
    dates = phone.get("/lead").text.split('<li class="date">')[1:]
    assert len(dates) == 8
    for one in dates:
        shown, folded = one.partition("<details>")[0], one.partition("<details>")[2].partition("</details>")[0]
        assert [shown.count("I’ll be there"), shown.count('class="button')] == [1, 1]
        assert all(said in folded for said in ("Who’s coming", "Who does what", "Move it", "Cancel this date: why?"))


def test_what_needs_a_hand_comes_before_the_week_and_the_runs(london: LocalNode, run: Run, phone: Phone) -> None:
    london.announce(a_run(name="Walk", starts_on=date(2026, 6, 2)))
    phone.tap(path(run, "confirm"))
    page = words(phone.get("/lead")).partition("Your runs")[2]
    confirmed = "Thursday 4 June, 18:30 Thursday evening run ✓ A lead will be there"
    order = ["No lead has confirmed yet", "Tuesday 2 June", "This week", confirmed, "All your runs"]
    assert [page.index(said) for said in order] == sorted(page.index(said) for said in order)


def test_the_navigation_marks_the_page_that_is_shown(phone: Phone) -> None:
    for address, label in (("/lead", "Dates"), ("/lead/rota", "Rota"), ("/lead/people", "People"), ("/me", "Me")):
        nav = phone.get(address).text.partition('class="lead-nav"')[2].partition("</nav>")[0]
        assert re.findall(r'aria-current="page">([^<]*)<', nav) == [label]


def test_a_cancellation_says_why_in_the_leads_words(run: Run, phone: Phone) -> None:
    phone.post(path(run, "cancel"), data={"reason": "weather", "note": "Ice on the steps"})
    assert "It’s because of the weather. Ice on the steps" in words(phone.get("/"))


def test_one_tap_undoes(run: Run, phone: Phone) -> None:
    done = phone.post(path(run, "cancel"), data={"reason": "weather"}, follow_redirects=True)
    assert f'action="{path(run, "undo")}"' in done.text
    response = phone.tap(path(run, "undo"), follow_redirects=True)
    assert "Undone. It’s back on, but no lead has confirmed yet." in words(response)
    assert "Not confirmed yet" in words(phone.get("/"))


def test_after_an_undone_cancellation_of_a_confirmed_date_the_notice_has_the_button_that_promises_it(
    run: Run, phone: Phone
) -> None:
    phone.tap(path(run, "confirm"))
    phone.post(path(run, "cancel"), data={"reason": "lead"})
    page = phone.tap(path(run, "undo"), follow_redirects=True)
    notice = page.text.partition('role="status"')[2].partition("</section>")[0]
    assert "Undone. It’s back on, but no lead has confirmed yet." in notice
    assert f'action="{path(run, "confirm")}"' in notice
    assert "A lead will be there" not in words(phone.get("/"))


def test_a_double_tap_on_undo_undoes_once(run: Run, phone: Phone) -> None:
    phone.post(path(run, "cancel"), data={"reason": "lead"})
    phone.tap(path(run, "confirm"))
    sent = hidden(phone.get("/lead").text, path(run, "undo"))
    for _ in range(2):
        phone.post(path(run, "undo"), data=sent)
    assert "✕ Cancelled" in words(phone.get("/"))


def test_an_old_page_undoes_nothing_that_somebody_changed_meanwhile(run: Run, phone: Phone) -> None:
    phone.tap(path(run, "confirm"))
    old = hidden(phone.get("/lead").text, path(run, "undo"))
    phone.post(path(run, "cancel"), data={"reason": "lead"})
    response = phone.post(path(run, "undo"), data=old, follow_redirects=True)
    assert response.request.path == "/lead"
    assert "Someone else has just changed this. This is how it looks now." in words(response)
    assert "✕ Cancelled" in words(phone.get("/"))


@pytest.mark.parametrize(
    ("note", "say"),
    [("Ring 07700 900123", "“07700 900123” looks like a phone number"), ("x" * 301, "up to 300 characters")],
)
def test_a_note_that_cannot_be_kept_stays_and_nothing_is_cancelled(run: Run, phone: Phone, note: str, say: str) -> None:
    response = phone.post(path(run, "cancel"), data={"reason": "weather", "note": note})
    assert response.status_code == 422
    assert "Not cancelled yet" in words(response)
    assert say in words(response)
    assert note in response.text
    assert "Not confirmed yet" in words(phone.get("/"))


@pytest.mark.parametrize("reason", ["", "boredom"])
def test_without_a_reason_of_the_list_nothing_is_cancelled(run: Run, phone: Phone, reason: str) -> None:
    response = phone.post(path(run, "cancel"), data={"reason": reason, "note": "Kept"})
    assert response.status_code == 422
    assert "Please tap one." in words(response)
    assert "Kept" in response.text


def test_the_form_has_a_page_of_its_own(run: Run, phone: Phone) -> None:
    page = words(phone.get(path(run, "cancel")))
    assert "Thursday evening run, Thursday 4 June, 18:30" in page


@pytest.mark.parametrize(
    ("day", "status", "say"),
    [
        ("2026-06-05", 404, "There’s no run on that day"),
        ("2026-05-28", 422, "This date has passed"),
        ("0001-01-04", 422, "This date has passed"),
        ("2027-06-03", 422, "This date is more than eight weeks ahead"),
        ("9999-12-31", 422, "This date is more than eight weeks ahead"),
    ],
)
@pytest.mark.parametrize("verb", ["confirm", "cancel", "undo"])
def test_a_day_that_cannot_be_changed_is_refused_in_words(
    run: Run, phone: Phone, verb: str, day: str, status: int, say: str
) -> None:
    response = phone.post(path(run, verb, day), data={"reason": "weather"})
    assert response.status_code == status
    assert say in words(response)
    assert "Nothing has been changed" in words(response)


@pytest.mark.parametrize(("day", "say"), [("2026-06-05", "no run on that day"), ("2026-05-28", "This date has passed")])
def test_the_form_is_not_offered_for_a_day_that_cannot_be_cancelled(run: Run, phone: Phone, day: str, say: str) -> None:
    response = phone.get(path(run, "cancel", day))
    assert say in words(response)
    assert "Cancel this date" not in words(response)


def test_tonight_can_be_cancelled_until_it_has_ended(london: LocalNode, run: Run, phone: Phone) -> None:
    london.clock.tick(days=3, hours=9, minutes=29)
    assert phone.get(path(run, "cancel")).status_code == 200
    london.clock.tick(minutes=1)
    assert "This date has passed" in words(phone.get(path(run, "cancel")))


def test_what_is_done_is_read_from_the_run_and_not_from_the_address(run: Run, phone: Phone) -> None:
    page = words(phone.get(f"/lead?done=cancelled&run={run.id}&day=2026-06-04"))
    assert "Cancelled Thursday evening run" not in page
    for nonsense in ("?done=cancelled", "?done=cancelled&run=x&day=y", "?done=nonsense"):
        assert phone.get(f"/lead{nonsense}").status_code == 200


def test_a_lead_sees_how_far_a_cancellation_has_come(federation: LocalFederation) -> None:
    node, other = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = node.announce(a_run())
    federation.settle()
    phone = Phone(node).sign_in()
    done = phone.post(path(run, "cancel"), data={"reason": "weather"}, follow_redirects=True)
    assert "Telling the other sites…" in words(done)
    assert "Refresh" in words(done)
    federation.relay(node)
    assert "Done. Every site shows this now." in words(
        phone.get(f"/lead?done=cancelled&run={run.id}&day={date(2026, 6, 4)}")
    )
    assert "Done. Every site shows this now." in phone.get("/lead/reach").text
    assert "✕ Cancelled" in words(Phone(other).get(f"/runs/{node.chapter_id}/{run.id}"))


def test_a_node_alone_says_nothing_of_others(run: Run, phone: Phone) -> None:
    page = words(phone.post(path(run, "cancel"), data={"reason": "weather"}, follow_redirects=True))
    assert "Telling the other" not in page
    assert "Every site" not in page


def test_no_tap_is_a_link(run: Run, phone: Phone) -> None:
    for verb in ("confirm", "undo"):
        assert phone.get(path(run, verb)).status_code == 405
