"""What else can be said of a run, behind one tap."""

import re
from datetime import date
from typing import Any

import pytest

from node.chapter import runs
from node.directory import chapters

from ....support.network import LocalNode, a_run
from ....support.web_client import Phone, words
from ..test_runs import TYPED, announced


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def test_the_form_asks_first_for_what_must_be_said(phone: Phone) -> None:
    page = phone.get("/lead/runs/new").text
    first, rest = page.split('<details class="more">', 1)
    named = re.compile(r'(?:input|textarea|select)[^>]* name="(\w+)"')
    assert list(dict.fromkeys(named.findall(first))) == [
        *("form_id", "name", "kind", "starts_on", "starts_at", "repeats"),
        *("point_name", "address", "directions", "point", "look_for", "facilities"),
    ]
    assert re.findall(r'name="facilities"[^>]* value="([\w-]+)"', first) == ["toilets", "water", "step-free", "lit"]
    behind = set(named.findall(rest.partition("</details>")[0]))
    assert {"until", "exdates", "facilities", "audience", "photos", "languages", "what_happens"} <= behind


def test_more_about_a_run_opens_where_something_was_said_in_it(london: LocalNode, phone: Phone) -> None:
    plain, told = london.announce(a_run(distance_m=None, facilities=("lit",))), london.announce(a_run(photos="none"))
    assert '<details class="more">' in phone.get(f"/lead/runs/{plain.id}/edit").text
    assert '<details class="more" open>' in phone.get(f"/lead/runs/{told.id}/edit").text


MORE: dict[str, Any] = {
    "repeats": "fortnightly",
    "until": "2026-12-31",
    "exdates": "2026-06-18, 2026-07-02",
    "facilities": ["toilets", "lit"],
    "accessibility": "A ramp on the left.",
    "audience": "women",
    "minimum_age": "16",
    "younger_accompanied": "y",
    "languages": "English, Welsh",
    "photos": "ask-first",
    "bank_holidays": "not-held",
    "costs": "y",
    "warming_up": "y",
}


WAYS: dict[str, Any] = {
    "public_transport": "Bank station, then five minutes.",
    "parking": "Bike racks by the steps.",
    "landmark": "Monument station",
    "landmark_distance": "240",
    "landmark_direction": "south",
}


def test_how_to_get_there_stands_on_the_runs_page_and_in_its_form(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | WAYS | {"facilities": ["toilets", "sign-language"]})
    (run,) = announced(london)
    with london.session() as session:
        page = words(phone.get(f"/runs/{chapters.own_id(session)}/{run.id}"))
    assert "At the foot of the column. 240 m south of Monument station" in page
    assert "Public transport Bank station, then five minutes. Parking Bike racks by the steps." in page
    assert "Toilets Someone who knows sign language" in page
    before, form = runs.input_of(run), phone.get(f"/lead/runs/{run.id}/edit").text
    assert '<option selected value="south">' in form
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | WAYS | {"facilities": ["toilets", "sign-language"]})
    assert runs.input_of(announced(london)[0]) == before


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("landmark", "", "Something nearby that’s easy to find: Please fill this in."),
        ("landmark_distance", "", "How far from there: Please fill this in."),
        ("landmark_direction", "", "Which way from there: Choose one from the list."),
        ("landmark_distance", "0", "How far from there: Enter a distance up to 5000 m, for example 240 m."),
        ("landmark_distance", "6 km", "Enter a distance up to 5000 m, for example 240 m."),
        ("landmark_distance", "far", "How far from there: Enter a distance up to 5000 m, for example 240 m."),
        ("landmark_direction", "up", "Choose one from the list."),
        ("public_transport", "x" * 301, "It can be up to 300 characters"),
        ("parking", "Ask 07700 900123", "looks like a phone number"),
    ],
)
def test_a_way_that_cannot_be_kept_says_so_and_stays(
    london: LocalNode, phone: Phone, field: str, typed: str, said: str
) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | WAYS | {field: typed})
    assert response.status_code == 422
    assert said in words(response)
    assert "Bike racks by the steps." in response.text or field == "parking"
    assert announced(london) == []


def test_everything_that_can_be_said_stands_on_the_runs_page(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | MORE)
    (run,) = announced(london)
    with london.session() as session:
        chapter = chapters.own_id(session)
    page = words(phone.get(f"/runs/{chapter}/{run.id}"))
    for said in (
        "Every other Thursday, until 31 December 2026",
        "Who it’s for Women",
        "16 and over (under-16s with an adult)",
        "English, Welsh",
        "We’ll ask before taking any",
        "Bank holidays No run",
        "There’s a charge",
        "Toilets Lit route A ramp on the left.",
        "It might be just you and the lead",
    ):
        assert said in page
    assert "Thursday 18 June, 18:30 : Thursday evening run ∅ No run on this date" in page


def test_the_form_of_a_run_comes_back_with_everything_that_was_said(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | MORE)
    (run,) = announced(london)
    before = runs.input_of(run)
    page = phone.get(f"/lead/runs/{run.id}/edit").text
    sent = dict(re.findall(r'name="(\w+)"[^>]*type="(?:text|date|time|hidden)"[^>]*value="([^"]*)"', page))
    assert sent["languages"] == "English, Welsh"
    assert '<details class="more" open>' in page
    assert re.search(r'value="lit"[^>]*checked|checked[^>]*value="lit"', page)
    assert "Thursday 18 June 2026\nThursday 2 July 2026" in page
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | MORE)
    assert runs.input_of(announced(london)[0]) == before


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("exdates", "2026-06-18, Christmas, 31 June", "We couldn’t read “Christmas”, “31 June”"),
        (
            "exdates",
            "2026-06-18 2026-06-19 2027-06-04",
            "The run isn’t on then anyway: Friday 19 June, Friday 4 June 2027.",
        ),
        ("facilities", "sauna", "Choose one from the list."),
        ("photos", "always", "Choose one from the list."),
        ("languages", "English, Klingonese", "We don’t know the language “Klingonese”"),
        ("minimum_age", "100", "between 0 and 99"),
        ("until", "2026-06-01", "later than the first day"),
        ("until", "soon", "Enter a date"),
        ("audience", "athletes", "Choose one from the list."),
        ("accessibility", "Call 07700 900123", "looks like a phone number"),
    ],
)
def test_more_about_a_run_that_cannot_be_kept_says_so_and_stays(
    london: LocalNode, phone: Phone, field: str, typed: str, said: str
) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {field: typed})
    assert response.status_code == 422
    assert said in words(response)
    assert '<details class="more" open>' in response.text
    assert typed in response.text or field in ("audience", "facilities", "photos")
    assert announced(london) == []


def test_a_gap_that_was_kept_before_is_not_asked_about_again(london: LocalNode, phone: Phone) -> None:
    run, at = london.announce(a_run(exdates=(date(2026, 6, 18),))), "2026-06-10"
    gaps = {"exdates": "2026-06-18", "starts_on": at}
    assert phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | gaps).status_code == 303
    response = phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | gaps | {"exdates": "2026-06-18 2026-06-25"})
    assert response.status_code == 422
    assert "The run isn’t on then anyway: Thursday 25 June. Please" in words(response)


def test_the_last_weekday_of_a_month_must_be_the_last(phone: Phone) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {"repeats": "monthly-last"})
    assert response.status_code == 422
    assert "comes once more" in words(response)


def test_each_run_has_its_own_hours_for_asking_the_leads(london: LocalNode, phone: Phone) -> None:
    hours = {"cover_hours": "48", "warn_hours": "4"}
    assert phone.post("/lead/runs/new", data=TYPED | hours).status_code == 303
    with london.session() as session:
        (run,) = runs.all_runs(session)
        assert (run.cover_hours, run.warn_hours) == (48, 4)
    edit = f"/lead/runs/{run.id}/edit"
    assert 'value="48"' in phone.get(edit).text
    wrong = phone.tap(edit, data=TYPED | {"cover_hours": "4", "warn_hours": "4"})
    assert wrong.status_code == 422
    assert "Enter fewer hours than for the other leads" in words(wrong)
    assert "between 2 and 168" in words(phone.tap(edit, data=TYPED | {"cover_hours": "900"}))
    assert phone.tap(edit, data=TYPED | {"cover_hours": "", "warn_hours": ""}).status_code == 303
    with london.session() as session:
        (run,) = runs.all_runs(session)
        assert (run.cover_hours, run.warn_hours) == (24, 2)
