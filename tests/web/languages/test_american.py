"""What an American reads: other words, the month first, 6:30 PM, miles and feet, a week that begins on Sunday."""

import html
import re
from datetime import date

import pytest
from flask.ctx import RequestContext

from node.chapter import runs
from node.models import Run
from web.forms.find import spans
from web.forms.lengths import read_length, read_way, write_length, write_way
from web.forms.point import read_precision, write_point
from web.words.listings import way_words
from web.words.times import run_length, within_words

from ...support.forms_of_pages import forms_of
from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

LANDMARK = {"landmark": "Monument station", "landmark_distance_m": 240, "landmark_direction": "south"}
AMERICAN = {"Accept-Language": "en-US"}


def read_in(node: LocalNode, path: str) -> RequestContext:
    """A request of an American reader."""
    return node.app.test_request_context(path, headers=AMERICAN)


def test_words_days_and_hours_are_american(london: LocalNode, run: Run) -> None:
    british, american = (words(Phone(london).get(f"{prefix}/")) for prefix in ("/en-gb", "/en-us"))
    assert "Thursday 4 June" in british
    assert "18:30" in british
    assert "Thursday, June 4" in american
    assert "6:30 PM" in american
    assert "18:30" not in american
    assert "type a town or a postcode" in words(Phone(london).get("/en-gb/runs"))
    assert "type a city or a ZIP code" in words(Phone(london).get("/en-us/runs"))


def test_ways_are_in_miles_and_feet(london: LocalNode) -> None:
    with read_in(london, "/"):
        assert run_length(5000) == "about 3.1 miles"
        assert run_length(1609) == "about 1 mile"
        assert way_words(240) == write_way(240) == "790 feet"
        assert way_words(500) == write_way(500) == "0.3 miles"
        assert way_words(1609) == write_way(1609) == "1 mile"
        assert within_words(40) == "about 130 feet"
        assert within_words(4000) == "about 2 miles"
        assert read_length("3") == read_length("3 miles") == 4828
        assert read_length("5 km") == read_length("5k") == 5000
        assert read_way("800") == read_way("800 ft") == 244
        assert read_way("240 m") == 240
        assert write_length(5000) == "3.1 miles"
    with london.app.test_request_context("/"):
        assert run_length(5500) == "about 5.5 km"
        assert way_words(240) == write_way(240) == "240 m"
        assert read_length("5") == 5000


@pytest.mark.parametrize("metres", [11, 43, 100, 101, 500, 4000, 55_660, 100_000])
def test_how_exact_a_point_is_stands_in_feet_and_is_read_again_as_the_same_metres(
    london: LocalNode, metres: int
) -> None:
    with read_in(london, "/"):
        written = write_point(525731, -2416, metres)
        assert written.startswith("52.5731, -0.2416 ±")
        assert written.endswith(" feet")
        assert read_precision(written) == read_precision(f"52.5731, -0.2416 ±{metres} m") == metres
    with london.app.test_request_context("/"):
        assert write_point(525731, -2416, metres) == f"52.5731, -0.2416 ±{metres} m"
        # A page that was opened in American English.
        assert read_precision(written) == metres


def test_a_leads_form_takes_and_shows_miles_and_feet(london: LocalNode) -> None:
    run, lead = london.announce(a_run(**LANDMARK, distance_m=5000)), Phone(london).sign_in()
    path = f"/en-us/lead/runs/{run.id}/edit"
    page = lead.get(path)
    filled = shown(page.text)
    assert (filled["distance"], filled["landmark_distance"]) == ("3.1 miles", "790 feet")
    assert "A number on its own is in feet." in words(page)
    assert re.findall(r"\b[0-9]+ (?:m|metres|meters|km)\b", words(page)) == ["5 km"]  # an example, after 3 miles
    # Nobody touched them: they are as exact as they were.
    answer = lead.tap(path, filled | {"name": "Evening run"})
    assert answer.status_code == 303
    assert kept(london, run) == (5000, 240)
    filled = shown(lead.get(path).text) | {"distance": "3", "landmark_distance": "800"}
    assert lead.tap(path, filled).status_code == 303
    assert kept(london, run) == (4828, 244)
    british = shown(lead.get(path.replace("/en-us", "/en-gb")).text)
    assert (british["distance"], british["landmark_distance"]) == ("3 miles", "244 m")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("landmark_distance", "far", "Enter a distance up to 3.1 miles, for example 790 feet."),
        ("landmark_distance", "20000", "Enter a distance up to 3.1 miles, for example 790 feet."),
        ("distance", "far", "Enter a distance, for example 3 miles or 5 km."),
        ("distance", "40", "Enter a distance up to 31.1 miles, or leave it empty."),
    ],
)
def test_what_a_lead_should_change_is_in_miles_and_feet(london: LocalNode, field: str, typed: str, said: str) -> None:
    run, lead = london.announce(a_run(**LANDMARK)), Phone(london).sign_in()
    path = f"/en-us/lead/runs/{run.id}/edit"
    answer = lead.tap(path, shown(lead.get(path).text) | {field: typed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert shown(answer.text)[field] == typed


def test_a_page_from_before_lengths_had_units_loses_no_metres(london: LocalNode) -> None:
    """Its field was in metres whatever its reader counts, and had another name: what it says is asked for again."""
    run, lead = london.announce(a_run(**LANDMARK)), Phone(london).sign_in()
    path = f"/en-us/lead/runs/{run.id}/edit"
    former = shown(lead.get(path).text)
    del former["landmark_distance"]
    answer = lead.tap(path, former | {"landmark_distance_m": "300"})
    assert answer.status_code == 422
    assert "How far from there: Please fill this in." in words(answer)
    assert kept(london, run)[1] == 240


def shown(page: str) -> dict[str, str]:
    """What the form of a run sends if nobody touches it."""
    (form,) = (one for one in forms_of(page) if "landmark" in one.typed)
    texts = re.findall(r'<input[^>]* name="(\w+)"[^>]* type="(?:text|date|time|number)"[^>]* value="([^"]*)"', page)
    areas = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\r?\n?([^<]*)', page)
    return {name: html.unescape(text) for name, text in [*form.chosen.items(), *areas, *texts]}


def kept(node: LocalNode, run: Run) -> tuple[int | None, int | None]:
    with node.session() as session:
        found = runs.get(session, run.id)
        return found.distance_m, found.landmark_distance_m


def test_the_week_ends_on_saturday(london: LocalNode) -> None:
    thursday, sunday = date(2026, 6, 4), date(2026, 6, 7)
    with read_in(london, "/"):
        assert spans.named("week", thursday) == (thursday, date(2026, 6, 6))
        assert spans.named("week", sunday) == (sunday, date(2026, 6, 13))
    with london.app.test_request_context("/"):
        assert spans.named("week", thursday) == (thursday, sunday)
        assert spans.named("week", sunday) == (sunday, sunday)


@pytest.mark.parametrize("hour", ["18:30", "6:30 PM", "6:30pm", "06:30 PM"])
def test_an_hour_is_read_as_americans_write_it(london: LocalNode, run: Run, hour: str) -> None:
    lead = Phone(london).sign_in()
    path = f"/en-us/lead/runs/{run.id}/dates/2026-06-04/move"
    assert 'value="2026-06-04"' in lead.get(path).text  # for a picker
    place = {"point_name": "The Monument", "point": "51.5101, -0.0860"}
    moved = lead.tap(path, {"starts_on": "June 5, 2026", "starts_at": hour, **place})
    assert moved.status_code == 303, words(moved)


def test_calendars_and_feeds_of_an_american_address_are_american(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    phone, page = Phone(london), f"runs/{london.chapter_id}/{run.id}"
    calendar = phone.get(f"/en-us/{page}/calendar.ics").text.replace("\r\n ", "")
    assert "head out" in calendar
    assert f"{london.settings.base_url}/en-us/{page}" in calendar
    feed = phone.get(f"/en-us/chapters/{london.chapter_id}/feed.atom").text
    assert 'xml:lang="en-US"' in feed
    assert "Thursday, June\u00a04, 2026, 6:30\u00a0PM" in feed
    assert f'rel="self" type="application/atom+xml" href="{london.settings.base_url}/en-us/chapters/' in feed
