"""What a page's head tells search engines, messengers and feed readers."""

import html
import json
import re
from datetime import date, time
from typing import Any

import pytest

from node.chapter import pauses, series
from node.models import Run

from ...support import structured_data
from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.taps import cancel, confirm, move, tap
from ...support.web_client import Phone, words

SCHEMA = "https://schema.org/"


@pytest.fixture
def run(london: LocalNode) -> Run:
    return london.announce(a_run())


def path(node: LocalNode, run: Run) -> str:
    return f"/runs/{node.chapter_id}/{run.id}"


def page(node: LocalNode, run: Run, query: str = "", of: LocalNode | None = None) -> str:
    answer = Phone(node).get(f"/runs/{(of or node).chapter_id}/{run.id}{query}")
    assert answer.status_code == 200
    return answer.text


def events(text: str) -> list[dict[str, Any]]:
    """The page's data block, as JSON."""
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    found = json.loads(block)
    return found if isinstance(found, list) else [found]


def meta(text: str) -> dict[str, str]:
    """The page's meta elements by their names."""
    return {
        name: html.unescape(said)
        for name, said in re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', text)
    }


def alternates(text: str) -> dict[str, str]:
    return dict(re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+)"', text))


def test_a_run_without_dates_to_come_invites_nobody(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        pauses.pause(session, london.settings, run.id, date(2026, 6, 4), None, "", london.clock.tick(minutes=1))
    shown = meta(page(london, run))
    assert shown["description"].startswith("On a break from 4 June. ")
    drawn = shown["og:image"]
    with london.session() as session:
        pauses.resume(session, london.settings, run.id, london.clock.tick(minutes=1))
    assert meta(page(london, run))["og:image"] != drawn
    tap(london, run, series.withdraw)
    shown = meta(page(london, run))
    assert shown["description"].startswith("No upcoming dates. ")
    assert "18:30" not in shown["description"] + words(Phone(london).get(f"{path(london, run)}/first-time"))


def test_a_run_that_begins_in_months_has_its_first_date_on_every_page(london: LocalNode) -> None:
    later = london.announce(a_run(name="Autumn run", starts_on=date(2026, 10, 1)))
    assert "No upcoming dates" not in meta(page(london, later))["description"]
    for said in (page(london, later), Phone(london).get(f"/chapters/{london.chapter_id}").text):
        assert "Thursday 1\u00a0October" in said
        assert "No upcoming dates" not in said


def test_a_run_that_has_ended_does_not_change_any_more(london: LocalNode, run: Run) -> None:
    later = a_run(starts_at=time(18, 0))
    with london.session() as session:
        now = london.clock.tick(minutes=1)
        series.edit(session, london.settings, run.id, later, now, from_day=date(2026, 6, 18))
    assert "From Thursday 18 June: 18:00" in page(london, run)
    tap(london, run, series.withdraw)
    assert "From Thursday 18 June" not in page(london, run)


def test_a_reader_that_others_wrote_finds_no_fault_in_any_pages_data(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    cancel(london, run, date(2026, 6, 11))
    move(london, run, "2026-06-18T19:00", date(2026, 6, 18))
    for path, schema in (
        (f"/runs/{london.chapter_id}/{run.id}", "Event"),
        (f"/chapters/{london.chapter_id}", "Organization"),
        ("/", "Organization"),
    ):
        found = structured_data.read(Phone(london).get(path).text)
        assert found.failed == [], path
        assert found.schemas == [schema], path
    assert len(structured_data.read(page(london, run)).data["Event"]) == 8


def test_the_reader_that_others_wrote_finds_what_is_missing() -> None:
    assert structured_data.read("<!doctype html><title>x</title>").failed != []


def test_hqs_first_page_says_which_organization_it_is(federation: LocalFederation) -> None:
    [found] = events(Phone(federation.hq).get("/").text)
    assert (found["@type"], found["url"]) == ("Organization", federation.hq.settings.base_url + "/")


def test_each_date_is_an_event_with_its_time_its_place_and_its_organizer(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    first, *later = events(page(london, run))
    base = london.settings.base_url
    assert len(later) == 7
    assert first["startDate"] == "2026-06-04T18:30:00+01:00"
    assert first["endDate"] == "2026-06-04T19:30:00+01:00"
    assert first["url"] == f"{base}/runs/{london.chapter_id}/{run.id}?date=2026-06-04"
    assert first["eventStatus"] == SCHEMA + "EventScheduled"
    assert first["eventAttendanceMode"] == SCHEMA + "OfflineEventAttendanceMode"
    assert first["isAccessibleForFree"] is True
    assert first["organizer"]["name"] == "Run Talk Run London"
    assert first["organizer"]["url"] == base + "/"
    assert first["location"]["name"] == "The Monument"
    assert first["location"]["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "Fish Street Hill, London EC3R",
        "addressLocality": "London",
        "addressCountry": "GB",
    }
    assert (first["location"]["geo"]["latitude"], first["location"]["geo"]["longitude"]) == (51.5101, -0.086)


def test_a_cancelled_date_is_a_cancelled_event(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    first, second, *_ = events(page(london, run))
    assert first["eventStatus"] == SCHEMA + "EventCancelled"
    assert first["description"].startswith("Cancelled. It’s because of the weather.")
    assert second["eventStatus"] == SCHEMA + "EventScheduled"


def test_a_moved_date_says_when_people_knew_it(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-06-05T19:00")
    first = events(page(london, run))[0]
    assert first["eventStatus"] == SCHEMA + "EventRescheduled"
    assert first["startDate"] == "2026-06-05T19:00:00+01:00"
    assert first["previousStartDate"] == "2026-06-04T18:30:00+01:00"


def test_no_event_promises_a_lead_since_a_search_engine_shows_its_copy_for_days(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    assert "Please don’t set off until the page says" in events(page(london, run))[0]["description"]


def test_a_point_that_is_not_exact_is_no_coordinates(london: LocalNode) -> None:
    rough = london.announce(a_run(precision_m=2000))
    assert "geo" not in events(page(london, rough))[0]["location"]


def test_no_text_of_a_chapter_ends_the_data_block(london: LocalNode) -> None:
    evil = "</script><script>alert(1)</script><!--\u2028]]> & \"'"
    run = london.announce(a_run(name=evil, point_name=evil))
    text, tame = page(london, run), page(london, london.announce(a_run()))
    assert text.count("<script") == text.count("</script>") == tame.count("<script")
    block = text.partition('ld+json">')[2].partition("</script>")[0]
    assert not re.search("[<>&\u2028\u2029]", block)
    assert events(text)[0]["location"]["name"].startswith("</script><script>alert(1)</script><!--")


def test_another_chapters_run_names_its_own_site(federation: LocalFederation) -> None:
    london, hq = federation.add_chapter(LONDON), federation.hq
    run = london.announce(a_run())
    federation.settle(1)
    text = page(hq, run, of=london)
    assert meta(text)["og:url"] == f"{london.settings.base_url}/runs/{london.chapter_id}/{run.id}"
    assert events(text)[0]["url"].startswith(london.settings.base_url)


def test_what_a_messenger_shows_of_a_run_stays_true_when_a_date_is_cancelled(london: LocalNode, run: Run) -> None:
    said = meta(page(london, run))
    assert said["og:title"] == "Thursday evening run, London"
    assert said["og:description"].startswith("Every Thursday, 18:30. The Monument, Fish Street Hill")
    assert said["description"] == said["og:description"]
    confirm(london, run)
    assert meta(page(london, run, "?date=2026-06-04")) == said
    cancel(london, run)
    assert meta(page(london, run)) == said


def test_a_link_to_a_cancelled_date_says_so_first(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    said = meta(page(london, run, "?date=2026-06-04"))
    assert said["og:title"] == "Cancelled: Thursday evening run, London"
    assert "date=2026-06-04" in said["og:image"]


def test_each_page_names_its_calendar_and_its_feed_and_both_answer(london: LocalNode, run: Run) -> None:
    for path in (f"/runs/{london.chapter_id}/{run.id}", f"/chapters/{london.chapter_id}", "/"):
        named = alternates(Phone(london).get(path).text)
        assert named.keys() == {"text/calendar", "application/atom+xml"}, path
        for kind, address in named.items():
            assert Phone(london).get(address).mimetype == kind


@pytest.mark.parametrize("path", ["/", "/runs", "/chapters", "/help", "/privacy"])
def test_every_public_page_says_what_it_is(london: LocalNode, path: str) -> None:
    said = meta(Phone(london).get(path).text)
    assert said["description"]
    assert said["og:image"].startswith(london.settings.base_url)
