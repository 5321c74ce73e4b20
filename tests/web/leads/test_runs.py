"""A lead announces a run by its form."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from node.chapter import runs
from node.models import Run

from ...support.network import LocalNode, a_run
from ...support.web_client import Phone, words

TYPED: dict[str, Any] = {
    "name": "Thursday evening run",
    "kind": "run-walk",
    "repeats": "weekly",
    "starts_on": "2026-06-04",
    "starts_at": "18:30",
    "timezone": "Europe/London",
    "arrive_minutes_before": "10",
    "duration_minutes": "60",
    "distance": "5",
    "point_name": "The Monument",
    "address": "Fish Street Hill",
    "directions": "At the foot of the column.",
    "point": "51.5101, -0.0860",
    "look_for": "an orange cap",
    "what_happens": "We run and talk.",
    "bring": "Water",
    "lead_id": "",
}


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


#: The point of Peterborough, as the button of that place sends it.
COARSE = "52.5736, -0.2478 ±4040 m"


def announced(node: LocalNode) -> list[Run]:
    with node.session() as session:
        found = runs.all_runs(session)
        session.expunge_all()
        return found


def test_an_empty_form_comes_in_the_chapters_zone(phone: Phone) -> None:
    response = phone.get("/lead/runs/new")
    assert 'name="timezone" type="text" value="Europe/London"' in response.text
    assert re.search(r'name="form_id" type="hidden" value="[\w-]{16,}"', response.text)


def test_a_run_is_announced_and_stands_on_the_chapters_page(london: LocalNode, phone: Phone) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {"form_id": "once"}, follow_redirects=True)
    assert "This site shows it, but no other site does yet." in words(response)
    run = announced(london)[0]
    assert (run.lat_e4, run.lon_e4, run.distance_m, run.starts_on) == (515101, -860, 5000, date(2026, 6, 4))
    assert "Thursday 4 June, 18:30" in words(phone.get("/"))


def test_a_run_needs_no_distance(london: LocalNode, phone: Phone) -> None:
    assert phone.post("/lead/runs/new", data=TYPED | {"distance": ""}).status_code == 303
    assert announced(london)[0].distance_m is None


def test_a_double_tap_announces_one_run(london: LocalNode, phone: Phone) -> None:
    for _ in range(2):
        assert phone.post("/lead/runs/new", data=TYPED | {"form_id": "once"}).status_code == 303
    assert len(announced(london)) == 1


@pytest.mark.parametrize(
    ("field", "typed", "say"),
    [
        ("name", "", "Please fill this in."),
        ("name", "x" * 81, "up to 80 characters"),
        ("name", "Call me: 07700 900123", "“07700 900123” looks like a phone number. Please leave it out"),
        ("starts_on", "", "Enter a date"),
        ("starts_on", "first Thursday", "Enter a date, for example 4 June 2026."),
        ("starts_on", "0001-01-04", "from 2017 to 2099"),
        ("starts_at", "half six", "Enter a time, for example 18:30."),
        ("timezone", "Europe/Southwark", "We don’t know this time zone"),
        ("timezone", "../../etc/passwd", "We don’t know this time zone"),
        ("arrive_minutes_before", "200", "between 0 and 120"),
        ("duration_minutes", "an hour", "Enter a whole number."),
        ("duration_minutes", "2", "between 5 and 600"),
        ("distance", "five", "Enter a distance, for example 5 km or 3 miles."),
        ("distance", "1e999999999", "Enter a distance"),
        ("distance", "NaN", "Enter a distance"),
        ("distance", "-1", "Enter a distance"),
        ("distance", "51", "Enter a distance up to 50 km"),
        ("distance", "40 miles", "Enter a distance up to 50 km"),
        ("point_name", "", "Please fill this in."),
        ("point", "", "Enter two numbers"),
        ("point", "91.5, 0.1", "isn’t a place on Earth"),
        ("point", "0, 0", "0, 0 is a spot in the sea"),
        ("point", "https://maps.app.goo.gl/AbC", "That link has no numbers in it"),
        ("directions", "See www.example.org", "“www.example.org” looks like a web address"),
        ("what_happens", "x" * 1001, "up to 1000 characters"),
        ("look_for", "sam@example.org", "“sam@example.org” looks like an email address"),
        ("lead_id", "99", "Choose one from the list."),
        ("kind", "sprint", "Choose one from the list."),
    ],
)
def test_a_field_that_cannot_be_kept_says_so_and_keeps_everything_typed(
    london: LocalNode, phone: Phone, field: str, typed: str, say: str
) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {"form_id": "once", field: typed})
    assert response.status_code == 422
    page = words(response)
    assert "Everything you typed is still here" in page
    assert page.count(say) >= 2, "in the summary and at the field"
    assert f'href="#{field}"' in response.text
    assert f'id="{field}-wrong"' in response.text
    kept = {**TYPED, field: typed}
    for name in ("name", "point_name", "directions", "what_happens", "bring", "starts_on", "distance"):
        assert kept[name] in response.text, name
    assert 'name="form_id" type="hidden" value="once"' in response.text
    assert announced(london) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("At the\tcolumn", "At the column"),
        ("At \u200ethe\u202a column\u202c\u2069", "At the column"),
        ("At the\r\ncolumn\u2028by the steps\x0bin the shade\r", "At the\ncolumn\nby the steps\nin the shade"),
        ("\ufeffAt the \u2060co\u00adlumn\x00\u200b", "At the column"),
        *((kept, kept) for kept in ("\u0627\u0644\u0646\u0635\u0628", "\U0001f468\u200d\U0001f469")),
    ],
)
def test_what_is_pasted_along_unseen_refuses_no_form(london: LocalNode, phone: Phone, typed: str, kept: str) -> None:
    assert phone.post("/lead/runs/new", data=TYPED | {"directions": typed}).status_code == 303
    assert announced(london)[0].directions == kept


@pytest.mark.parametrize("words", ["Usually 18.30 - 19.30", "Back on 2026-07-02", "Buses 17 21 35 43 47"])
def test_times_dates_and_buses_are_kept(london: LocalNode, phone: Phone, words: str) -> None:
    assert phone.post("/lead/runs/new", data=TYPED | {"directions": words}).status_code == 303
    assert announced(london)[0].directions == words


def test_a_name_of_nothing_that_can_be_seen_is_no_name(phone: Phone) -> None:
    assert "Please fill this in." in words(phone.post("/lead/runs/new", data=TYPED | {"name": "\u200b\u2060 \t"}))


def test_every_problem_is_said_at_once(phone: Phone) -> None:
    page = words(phone.post("/lead/runs/new", data={"form_id": "once", "look_for": "sam@example.org"}))
    for say in ("Please fill this in.", "Enter a date", "Enter two numbers", "like an email address"):
        assert say in page


def test_the_nodes_checks_come_in_the_same_round_as_the_forms_own(phone: Phone) -> None:
    wrong = {"starts_on": "", "timezone": "Europe/Southwark", "duration_minutes": "2", "point": "91.5, 0.1"}
    page = words(phone.post("/lead/runs/new", data=TYPED | wrong))
    for say in ("Enter a date", "We don’t know this time zone", "between 5 and 600", "isn’t a place on Earth"):
        assert say in page, say


def test_a_wrong_field_is_joined_to_its_words(phone: Phone) -> None:
    page = phone.post("/lead/runs/new", data=TYPED | {"name": ""}).text
    tag = re.search(r"<input[^>]*id=\"name\"[^>]*>", page)
    assert tag
    assert 'aria-describedby="name-hint name-wrong"' in tag[0]
    assert 'aria-invalid="true"' in tag[0]


def test_a_town_is_only_good_to_some_kilometres_and_the_form_says_so(phone: Phone) -> None:
    page = words(phone.post("/lead/runs/new", data=TYPED | {"use": COARSE, "form_id": "once"}))
    assert "only right to within about 4 km" in page
    assert "people won’t see a pin on a map" in page
    assert "type a full postcode" in page
    assert "delete “±”" in page


def test_enter_in_a_field_saves_as_the_first_button_of_the_form_does(phone: Phone) -> None:
    page = phone.get("/lead/runs/new").text
    buttons = re.findall(r"<button[^>]*>", page[page.index('name="form_id"') :])
    assert "name=" not in buttons[0]
    assert 'name="find"' in buttons[1]
    assert 'formaction="/lead/runs/new#point"' in buttons[1]


def test_the_form_of_a_run_shows_it_as_it_stands(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run(lead_id=phone.lead.id))
    page = phone.get(f"/lead/runs/{run.id}/edit").text
    assert 'value="51.5101, -0.0860"' in page
    assert 'value="2026-06-04"' in page
    assert 'value="18:30"' in page
    assert re.search(r'name="distance"[^>]*value="5 km"', page)
    assert f'<option selected value="{phone.lead.id}">Sam</option>' in page


def test_what_leads_type_is_shown_as_text(phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | {"name": "<b>bold</b>", "what_happens": "<script>alert(1)</script>"})
    assert "<b>bold" not in phone.get("/").text
    assert "<script>alert" not in phone.get("/").text


def test_no_run_is_made_by_looking(london: LocalNode, phone: Phone) -> None:
    phone.get("/lead/runs/new")
    with london.session() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 0
