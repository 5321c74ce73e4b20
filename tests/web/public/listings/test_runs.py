"""The page of a run: its state, its day, where, and what else is known of it."""

from datetime import date

import pytest

from ....support.web_client import words
from .world import THURSDAY, World

pytestmark = pytest.mark.usefixtures("gazetteer")


def test_a_confirmed_run_says_that_a_lead_will_be_there(world: World) -> None:
    world.confirm(world.london, world.monument, THURSDAY)
    assert "✓ A lead will be there" in world.page_of(world.london, world.monument)
    assert "A lead will be there" in words(world.phone.get("/runs?near=London"))


def test_a_stale_confirmation_is_no_confirmation(world: World) -> None:
    world.confirm(world.london, world.monument, date(2026, 6, 11))
    world.federation.clock.tick(days=3)
    page = world.page_of(world.london, world.monument, "?date=2026-06-11")
    assert "A lead will be there" not in page
    assert "We haven’t heard from London since Monday 1 June, so this might be out of date." in page


def test_a_cancelled_run_is_found_and_not_hidden(world: World) -> None:
    world.cancel(world.london, world.monument, THURSDAY)
    assert "✕ Cancelled" in words(world.phone.get("/runs?near=London"))


def test_a_runs_page_says_where_when_and_what(world: World) -> None:
    response = world.phone.get(f"/runs/{world.london.chapter_id}/{world.monument.id}")
    page = words(response)
    for part in (
        "Thursday 4 June, 18:30 London time",
        "Fish Street Hill, London EC3R",
        "At the foot of the column",
        "If it goes ahead, someone will be there from 18:20.",
        "A run with some walking, about 5 km",
        "about 60 minutes",
        "Upcoming dates",
        "Thursday 11 June",
    ):
        assert part in page
    assert 'href="geo:51.5101,-0.0860?q=51.5101,-0.0860(The%20Monument)"' in response.text
    assert 'rel="noopener noreferrer">See it on OpenStreetMap' in response.text
    assert f'href="{world.london.settings.base_url}/"' in response.text


def test_a_date_can_be_picked(world: World) -> None:
    assert world.page_of(world.london, world.monument, "?date=2026-06-18").index("Thursday 18 June, 18:30") < 60


@pytest.mark.parametrize(
    "query", ["?date=2026-06-05", "?date=2020-01-02", "?date=0001-01-04", "?date=9999-12-30", "?date=2026-10-02"]
)
def test_a_day_without_the_run_says_so_and_shows_the_next(world: World, query: str) -> None:
    page = world.page_of(world.london, world.monument, query)
    assert "There’s no run on that day, or it’s already over" in page
    assert "Thursday 4 June, 18:30" in page


@pytest.mark.parametrize("query", ["?date=yesterday", "?date=2026-02-31", "?date=%00"])
def test_a_date_that_cannot_be_read_says_so_and_shows_the_next(world: World, query: str) -> None:
    page = world.page_of(world.london, world.monument, query)
    assert "We couldn’t read that date. This is the next one." in page
    assert "Thursday 4 June, 18:30" in page


def test_a_runs_page_leads_to_the_help_lines_of_its_country(seen: World) -> None:
    page = seen.phone.get(f"/runs/{seen.london.chapter_id}/{seen.monument.id}").text
    assert 'href="/help?country=GB"' in page.partition("<main")[0]
    assert 'href="/help?country=GB"' in seen.phone.get(f"/chapters/{seen.london.chapter_id}").text


def test_another_chapters_run_says_who_signed_it_and_when_they_were_last_heard(seen: World) -> None:
    page = words(seen.phone.get(f"/runs/{seen.london.chapter_id}/{seen.monument.id}"))
    assert "London’s leads wrote and signed all of this. No other site can change it." in page
    assert "Last checked with London at" in page
    assert "wrote and signed" in words(seen.phone.get(f"/chapters/{seen.london.chapter_id}"))
    assert "wrote and signed" not in words(seen.phone.get(f"/runs/{seen.brisbane.chapter_id}/{seen.dawn.id}"))


def test_our_own_run_is_shown_by_the_same_page_without_a_link_to_ourselves(world: World) -> None:
    response = world.phone.get(f"/runs/{world.brisbane.chapter_id}/{world.dawn.id}")
    assert "Up to date at 19:00." in words(response)
    assert "own site" not in words(response)
    assert "Brisbane time" not in words(response)
