"""Dates, lengths, countries and time zones as people write them."""

from datetime import date
from typing import Any

import pytest
from babel import Locale
from sqlalchemy import select

from node.chapter import identity, runs
from node.models import Run
from web.forms import days, lengths

from ...support.network import LocalNode, a_run
from ...support.web_client import Phone, words
from ..leads.test_profile import PROFILE
from ..leads.test_runs import TYPED

CHRISTMAS_EVE = date(2026, 12, 24)


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


@pytest.fixture
def reads(london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a text is read as, by readers of one locale. The clock says 1 June 2026."""

    def reading(text: str, language: str = "en_GB") -> list[date | None]:
        monkeypatch.setattr(days, "locale", lambda: Locale.parse(language))
        with london.app.app_context():
            return [one.day for one in days.written_days(text)]

    return reading


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-12-24",
            "24/12/2026",
            "24.12.2026",
            "24-12-2026",
            "24/12/26",
            "2026/12/24",
            "24 Dec 2026",
            "24 dec 2026",
        ),
        *("24th December 2026", "24 of December, 2026", "Dec 24, 2026", "December 24th 2026", "24. Dec. 2026", "24Dec"),
        *("Thursday 24 December 2026", "Thu, 24 Dec 2026", "24/12", "24 Dec"),
    ],
)
def test_a_date_is_read_as_people_write_it(reads: Any, text: str) -> None:
    assert reads(text) == [CHRISTMAS_EVE]


@pytest.mark.parametrize(
    ("language", "day"),
    [
        *(("en", date(2026, 12, 6)), ("en_GB", date(2026, 12, 6)), ("en_AU", date(2026, 12, 6))),
        ("en_US", date(2026, 6, 12)),
    ],
)
def test_numbers_are_read_in_the_order_of_the_readers_country(reads: Any, language: str, day: date) -> None:
    assert reads("06/12/2026", language) == [day]
    assert reads("24/12/2026", language) == reads("12/24/2026", language) == [CHRISTMAS_EVE], "there is no month 24"


def test_a_date_without_a_year_is_the_next_one(reads: Any) -> None:
    assert reads("31 May") == [date(2027, 5, 31)]
    assert reads("1 June") == [date(2026, 6, 1)], "today"
    assert reads("29 Feb") == [None], "neither this year nor the next has one"


def test_dates_may_stand_on_one_line_or_on_several(reads: Any) -> None:
    several = [CHRISTMAS_EVE, date(2026, 12, 31), date(2027, 1, 1)]
    assert reads("24 Dec\n31 December 2026, 1/1/2027") == several
    assert reads("2026-12-24 2026-12-31 2027-01-01") == several
    assert reads("Dec 24; Dec 31, 2026; 1 Jan 2027") == several


@pytest.mark.parametrize(
    "text", ["31 June", "30/02/2026", "Christmas", "2026", "24", "0/0/2026", "12 people", "²⁴/12/2026"]
)
def test_what_is_no_date_is_read_as_none(reads: Any, text: str) -> None:
    assert set(reads(text)) == {None}


@pytest.mark.parametrize("language", ["en_GB", "en_US", "de", "ar"])
def test_a_date_that_we_write_is_read_again(reads: Any, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(days, "locale", lambda: Locale.parse(language))
    assert reads(days.write_day(date(2026, 12, 6)), language) == [date(2026, 12, 6)]


def kept(node: LocalNode) -> runs.RunInput:
    with node.session() as session:
        return runs.input_of(session.scalars(select(Run)).one())


def test_dates_without_a_run_are_shown_back_in_words(london: LocalNode, phone: Phone) -> None:
    typed = TYPED | {"exdates": "25/06/2026, 2 July"}
    page = words(phone.post("/lead/runs/new", data=typed, follow_redirects=True))
    assert "No run on Thursday 25 June, Thursday 2 July." in page
    assert kept(london).exdates == (date(2026, 6, 25), date(2026, 7, 2))
    with london.session() as session:
        edit = f"/lead/runs/{session.scalars(select(Run.id)).one()}/edit"
    assert "Thursday 25 June 2026\nThursday 2 July 2026" in phone.get(edit).text
    assert "No run on Thursday 25 June" not in words(phone.tap(edit, data=typed, follow_redirects=True)), "nothing new"


@pytest.mark.parametrize("typed", ["04/06/2026", "4 June", "4.6.2026"])
def test_where_a_browser_has_no_picker_a_first_date_is_written(london: LocalNode, phone: Phone, typed: str) -> None:
    assert phone.post("/lead/runs/new", data=TYPED | {"starts_on": typed}).status_code == 303
    assert kept(london).starts_on == date(2026, 6, 4)
    page = phone.post("/lead/runs/new", data=TYPED | {"starts_on": typed, "name": ""}).text
    assert 'value="2026-06-04"' in page, "a picker takes no other form"


def test_the_days_of_a_search_are_written_too(phone: Phone) -> None:
    found = phone.get("/runs?when=days&from=04/06/2026&to=Saturday+6+June+2026", follow_redirects=True)
    assert "4 June to Saturday 6 June" in words(found)
    assert found.request.args["from"] == "2026-06-04", "what is shared is the same to everybody"
    assert 'value="2026-06-04"' in found.text
    assert "Enter a date, for example 4 June 2026." in words(phone.get("/runs?when=days&from=soon"))


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        *(("5", 5000), ("5 km", 5000), ("5k", 5000), ("5K", 5000), ("2,5", 2500), ("3.5 kilometres", 3500), ("0", 0)),
        *(("3 miles", 4828), ("1 mile", 1609), ("3.1mi", 4989)),
        *(("five", None), ("-1", None), ("1e9", None), ("5 m", None), ("5 km or 6", None), ("", None)),
    ],
)
def test_a_length_is_read_in_km_and_miles(text: str, metres: int | None) -> None:
    assert lengths.read_length(text) == metres


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        *(("240", 240), ("240 m", 240), ("240m", 240), ("240 metres", 240), ("1 meter", 1), ("0.3 km", 300)),
        *(("800 feet", 244), ("800ft", 244), ("1 foot", 0), ("200 yards", 183), ("½ mile", None), ("0.5 miles", 805)),
        *(("1,200 m", 1200), ("1,000 feet", 305), ("2,5 m", 2), ("1,250 km", 1250), ("240  m", 240)),
        *(("far", None), ("-1", None), ("240 m 5", None), ("1234567", None), ("", None)),
    ],
)
def test_a_short_way_is_read_in_metres_feet_and_yards(text: str, metres: int | None) -> None:
    assert lengths.read_way(text) == metres


@pytest.mark.parametrize("text", ["5 km", "2.5 km", "3 miles", "1 mile", "3.1 miles", "0.5 miles"])
def test_a_length_is_written_as_it_was(text: str) -> None:
    metres = lengths.read_length(text)
    assert metres is not None
    assert lengths.write_length(metres) == text


def test_a_run_of_three_miles_says_so_in_its_form(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"distance": "3 miles"})
    assert kept(london).distance_m == 4828
    assert 'value="3 miles"' in phone.get(f"/lead/runs/{run.id}/edit").text


def profile_of(node: LocalNode) -> tuple[str, str]:
    with node.session() as session:
        own = identity.own(session)
        return own.country, own.timezone


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("UK", "GB"),
        ("uk", "GB"),
        ("GB", "GB"),
        ("United Kingdom", "GB"),
        ("England", "GB"),
        ("ireland", "IE"),
        ("USA", "US"),
    ],
)
def test_a_country_is_written_by_its_name(london: LocalNode, phone: Phone, typed: str, code: str) -> None:
    sent = phone.tap(
        "/lead/profile",
        data=PROFILE | {"country": typed, "timezone": ""} | ({"place": "New York"} if code == "US" else {}),
    )
    assert sent.status_code == 303
    assert profile_of(london)[0] == code


def test_the_form_offers_the_names_of_countries_and_folds_a_clear_zone(phone: Phone) -> None:
    page = phone.get("/lead/profile").text
    assert 'value="United Kingdom"' in page
    assert page.index('<option value="United Kingdom">') < page.index('<option value="Afghanistan">'), "its own first"
    assert "<summary>Time zone: London time</summary>" in page
    assert "<summary>Time zone: London time</summary>" in phone.get("/lead/runs/new").text


@pytest.mark.parametrize(
    ("country", "place", "zone"),
    [
        ("Ireland", "Dublin", "Europe/Dublin"),
        ("Australia", "Brisbane", "Australia/Brisbane"),
        ("Australia", "Perth", "Australia/Perth"),
    ],
)
def test_another_country_brings_its_time_zone(
    london: LocalNode, phone: Phone, country: str, place: str, zone: str
) -> None:
    moved = PROFILE | {"country": country, "place": place}
    assert phone.tap("/lead/profile", data=moved).status_code == 303
    assert profile_of(london)[1] == zone


def test_a_zone_that_nothing_says_is_asked_for(london: LocalNode, phone: Phone) -> None:
    response = phone.tap("/lead/profile", data=PROFILE | {"country": "Australia", "place": "By the creek"})
    assert response.status_code == 422
    assert "We don’t know this time zone" in words(response)
    assert "<summary>Time zone" not in response.text
    assert profile_of(london) == ("GB", "Europe/London")


def test_a_zone_that_was_typed_stays(london: LocalNode, phone: Phone) -> None:
    assert (
        phone.tap("/lead/profile", data=PROFILE | {"country": "Ireland", "timezone": "Europe/Madrid"}).status_code
        == 303
    )
    assert profile_of(london) == ("IE", "Europe/Madrid")
