"""The list of runs to print."""

from datetime import date

import pytest

from web.public import printed_list

from ...support.network import LocalNode, a_run
from ...support.taps import cancel, confirm, move
from ...support.web_client import Phone, words

pytestmark = pytest.mark.usefixtures("gazetteer")


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    london.announce(a_run())
    london.announce(a_run(name="Sunday walk", kind="walk", starts_on=date(2026, 6, 7), point_name="The lido"))
    return Phone(london)


def test_a_list_has_each_run_once_by_its_day_and_says_when_it_was_printed(phone: Phone) -> None:
    said = words(phone.get("/runs/print?near=London"))
    assert said.count("Thursday evening run") == said.count("Sunday walk") == 1
    assert said.index("Every Thursday, 18:30") < said.index("Every Sunday, 18:30")
    for wanted in ("The Monument", "Printed on Monday 1 June 2026.", "Check before you travel:", "127.0.0.1:8101"):
        assert wanted in said


def test_a_list_of_a_country_has_its_runs_by_place(phone: Phone) -> None:
    said = words(phone.get("/runs/print?country=gb"))
    assert "All runs: United Kingdom" in said
    assert "Sunday walk" in said
    assert "We don’t know of any runs here" in words(phone.get("/runs/print?country=IS"))
    assert phone.get("/runs/print?country=ZZ").status_code == 404


def test_who_listens_is_of_the_country_in_which_the_list_hangs(phone: Phone) -> None:
    assert "Samaritans, 116 123" in words(phone.get("/runs/print?near=London"))
    for query in ("near=Brisbane", "country=AU"):
        said = words(phone.get(f"/runs/print?{query}"))
        assert "Lifeline, 13 11 14" in said
        assert "Samaritans" not in said


def test_a_list_promises_nobody_and_names_the_days_that_are_off_or_different(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run(name="Early run"))
    confirm(london, run)
    cancel(london, run, date(2026, 6, 11))
    move(london, run, "2026-06-18T19:00", date(2026, 6, 18))
    said = words(phone.get("/runs/print?near=London")).partition("Early run")[2]
    assert "No run on 11 June." in said.partition("Sunday")[0]
    assert "Different on 18 June: check its page." in said.partition("Sunday")[0]
    assert "✓" not in said


def test_a_list_of_confirmed_runs_names_the_days_that_are_off(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run(name="Early run"))
    confirm(london, run)
    cancel(london, run, date(2026, 6, 11))
    said = words(phone.get("/runs/print?near=London&confirmed=yes"))
    assert "No run on 11 June." in said.partition("Early run")[2]
    assert "Sunday walk" not in said


def test_a_run_that_is_off_on_every_day_is_on_no_list(london: LocalNode, phone: Phone) -> None:
    once = london.announce(a_run(name="Once only", repeats="once"))
    assert "Once only" in words(phone.get("/runs/print?near=London"))
    cancel(london, once)
    assert "Once only" not in words(phone.get("/runs/print?near=London"))


def test_what_is_no_clear_search_leads_to_the_search(phone: Phone) -> None:
    for query in ("", "?near=Xqzzberg", "?near=London&from=2026-06-09&to=2026-06-03"):
        response = phone.get(f"/runs/print{query}")
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/runs")


def test_a_long_list_of_a_country_goes_on(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed_list, "MOST", 1)
    first, second = (words(phone.get(f"/runs/print?country=GB&part={part}")) for part in (1, 2))
    assert "The next part of the list" in first
    assert "The next part of the list" not in second
    assert ("Sunday walk" in first) != ("Sunday walk" in second)


@pytest.mark.parametrize("most", ["MOST", "MOST_DATES"])
def test_a_list_of_a_search_says_that_not_every_run_fits(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, most: str
) -> None:
    warning = "Not every run fits on this list."
    assert warning not in words(phone.get("/runs/print?near=London"))
    monkeypatch.setattr(printed_list, most, 1)
    assert warning in words(phone.get("/runs/print?near=London&paper=a5"))


def test_a_list_of_confirmed_runs_says_that_not_every_run_fits(
    london: LocalNode, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(london, london.announce(a_run(name="Early run")))
    monkeypatch.setattr(printed_list, "MOST_DATES", 3)
    said = words(phone.get("/runs/print?near=London&confirmed=yes"))
    assert "Early run" in said
    assert "Sunday walk" not in said
    assert "Not every run fits on this list." in said


def test_a_search_and_a_country_lead_to_their_lists(phone: Phone) -> None:
    assert 'href="/runs/print?near=London"' in phone.get("/runs?near=London").text
    assert 'href="/runs/print?country=GB"' in phone.get("/chapters").text


def test_a_list_comes_on_a4_and_on_a5(phone: Phone) -> None:
    assert "list-a4.css" in phone.get("/runs/print?near=London").text
    assert "list-a5.css" in phone.get("/runs/print?near=London&paper=a5").text
    assert "list-a4.css" in phone.get("/runs/print?near=London&paper=../x").text
