"""What an American reads: other words, the month first, 6:30 PM, miles and feet, a week that begins on Sunday."""

from datetime import date

import pytest
from flask.ctx import RequestContext

from node.models import Run
from web.forms.find import spans
from web.forms.lengths import read_length
from web.words.listings import way_words
from web.words.times import run_length, within_words

from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

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
        assert way_words(240) == "790 feet"
        assert within_words(40) == "about 130 feet"
        assert within_words(4000) == "about 2 miles"
        assert read_length("3") == read_length("3 miles") == 4828
        assert read_length("5 km") == read_length("5k") == 5000
    with london.app.test_request_context("/"):
        assert run_length(5500) == "about 5.5 km"
        assert way_words(240) == "240 m"
        assert read_length("5") == 5000


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
    assert "Thursday, June 4, 2026, 6:30\u00a0PM" in feed
    assert f'rel="self" type="application/atom+xml" href="{london.settings.base_url}/en-us/chapters/' in feed
