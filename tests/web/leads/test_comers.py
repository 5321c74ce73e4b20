"""Leads take made-up comers off the list in two taps, and whoever is real reads it and comes back with one."""

import logging

import pytest

from node.members.comers import room
from node.models import Run

from ...support.network import LocalNode
from ...support.web_client import Phone, hidden, words
from ..public.test_coming import form_of, say, sent


def path_of(run: Run, part: str = "") -> str:
    return f"/lead/runs/{run.id}/dates/2026-06-04/comers{part}"


@pytest.fixture
def lead(london: LocalNode, run: Run) -> Phone:
    return Phone(london).sign_in(role="co-lead")


def cleared(lead: Phone, run: Run) -> str:
    """Two taps from the page of the day; the words after them."""
    page = lead.get(f"/lead/runs/{run.id}/dates/2026-06-04/run-day")
    assert f'href="{path_of(run)}"' in page.text
    answer = lead.post(path_of(run, "/clear"), data=hidden(lead.get(path_of(run)).text, path_of(run, "/clear")))
    assert answer.status_code == 303
    return words(lead.get(answer.headers["Location"]))


def test_two_taps_clear_whoever_left_nothing_and_their_page_says_so(london: LocalNode, run: Run, lead: Phone) -> None:
    phone = Phone(london)
    say(phone, run, name="Ada")
    link = say(phone, run)
    assert "They said so on Monday 1 June at 10:00." in words(lead.get(path_of(run)))
    page = cleared(lead, run)
    assert "They’re off the list." in page
    assert "Ada" in page
    assert "No name given" not in page
    page = words(phone.get(f"{link}?done=said"))
    assert "The leads cleared the list on Monday 1 June at 10:00" in page
    assert "Please say again that you’re coming." in page
    assert "We look forward" not in page


def test_one_tap_on_the_private_page_puts_somebody_real_on_the_list_again(
    london: LocalNode, run: Run, lead: Phone
) -> None:
    phone = Phone(london)
    link = say(phone, run)
    cleared(lead, run)
    answer = phone.post(f"{link}/again")
    assert "You’re on the leads’ list again." in words(phone.get(answer.headers["Location"]))
    assert "No name given" in words(lead.get(path_of(run)))


def test_one_comer_is_taken_off_and_the_log_names_nobody(
    london: LocalNode, run: Run, lead: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    say(Phone(london), run, name="Canaryna")
    page = lead.get(path_of(run)).text
    action = page.partition(f'action="{path_of(run)}/')[2].partition('"')[0]
    answer = lead.post(path_of(run, f"/{action}"))
    assert "That one is off the list." in words(lead.get(answer.headers["Location"]))
    assert "Canaryna" not in words(lead.get(path_of(run)))
    assert "Canaryna" not in caplog.text


@pytest.mark.parametrize("since", ["", "tomorrow", "2026-06-01T09:00:00"])
def test_a_window_that_no_page_made_clears_nobody(london: LocalNode, run: Run, lead: Phone, since: str) -> None:
    say(Phone(london), run)
    answer = lead.post(path_of(run, "/clear"), data={"since": since, "until": "2026-06-01T09:00:00+00:00"})
    assert answer.status_code == 303
    assert "No name given" in words(lead.get(path_of(run)))


def test_a_flood_from_one_network_locks_out_nobody_on_another(
    london: LocalNode, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST", 8)
    monkeypatch.setattr(room, "SHARE", 2)
    flooder, path = Phone(london), form_of(london, run)
    for _ in range(4):
        say(flooder, run)
    refused = flooder.post(path, data=sent(flooder, path))
    assert refused.status_code == 422
    assert "It might work with an email address, or from another connection." in words(refused)
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    assert flooder.post(path, data=sent(flooder, path), environ_overrides=elsewhere).status_code == 303


def test_whoever_has_withdrawn_meanwhile_is_off_the_list_already(london: LocalNode, run: Run, lead: Phone) -> None:
    phone = Phone(london)
    link = say(phone, run)
    action = lead.get(path_of(run)).text.rpartition(f'action="{path_of(run)}/')[2].partition('"')[0]
    phone.post(f"{link}/withdraw")
    answer = lead.post(path_of(run, f"/{action}"))
    assert "This is how it looks now." in words(lead.get(answer.headers["Location"]))
