"""The list of chapters, and a chapter's page."""

import gzip
import re
from datetime import date, time
from html import unescape

import pytest

from node.hq import registry

from ....support.many_chapters import list_many
from ....support.network import a_run
from ....support.web_client import Phone, words
from .world import THURSDAY, World

pytestmark = pytest.mark.usefixtures("gazetteer")


NOT_SURE = "The nearest one isn’t confirmed yet Please wait until it’s confirmed before you set off."


def test_every_page_says_in_the_readers_zone_when_a_chapter_was_heard(world: World) -> None:
    world.federation.clock.tick(seconds=12)
    said = "Last checked with London at 19:00. Checked 1 Jun, 19:00"
    assert said in words(world.phone.get(f"/runs/{world.london.chapter_id}/{world.monument.id}"))


def test_a_row_of_the_list_of_chapters_has_the_chapters_next_run_that_is_on(world: World) -> None:
    world.cancel(world.london, world.monument, THURSDAY)
    world.confirm(world.london, world.monument, date(2026, 6, 11))
    row = words(world.phone.get("/chapters")).partition("United Kingdom")[2]
    assert "London Thursday 11 June, 18:30 London time ✓ A lead will be there" in row
    assert "Peterborough Tomorrow, Tuesday 2 June, 18:30 London time ○ Not confirmed yet" in row


def test_an_unknown_chapter_is_not_there(world: World) -> None:
    assert world.phone.get("/runs/aaaaaaaaaaaaaaaaaaaaaaaa/abc").status_code == 404
    assert world.phone.get("/chapters/aaaaaaaaaaaaaaaaaaaaaaaa").status_code == 404


def test_chapters_stand_by_country(world: World) -> None:
    page = words(world.phone.get("/chapters"))
    order = ["Australia", "Brisbane", "United Kingdom", "London", "Peterborough"]
    assert [page.index(name) for name in order] == sorted(page.index(name) for name in order)


def test_countries_stand_by_their_names_the_readers_own_first(world: World) -> None:
    list_many(world.brisbane, 10)
    page = words(world.phone.get("/chapters"))
    order = [page.index(f" {name} ") for name in ("Australia", "Germany", "Ireland", "United Kingdom", "United States")]
    assert order == sorted(order)
    page = words(Phone(world.london).get("/chapters"))
    assert page.index("United Kingdom") < page.index("Australia")


def names_in(page: str) -> list[str]:
    return re.findall(r'<a href="/chapters/\w+">(Chapter \d+)', page)


def test_many_chapters_come_a_page_at_a_time_and_each_page_is_small(world: World) -> None:
    list_many(world.brisbane, 330)
    seen: list[str] = []
    path, pages = "/chapters", 0
    while path:
        response = world.phone.get(path, headers={"Accept-Encoding": "gzip"})
        assert len(response.data) < 7000
        page = gzip.decompress(response.data).decode()
        more = re.search(r'href="(/chapters\?[^"]*after=[^"&]+)"', page)
        seen, pages, path = seen + names_in(page), pages + 1, unescape(more[1]) if more else ""
    assert pages == 7
    assert sorted(seen) == [f"Chapter {number:03}" for number in range(330)]


def test_what_no_chapter_is_like_leads_on_and_stays_in_the_field(world: World) -> None:
    response = world.phone.get("/chapters?text=<b>nowhere")
    assert "No chapter matches" in words(response)
    assert 'value="&lt;b&gt;nowhere"' in response.text
    assert "<b>" not in response.text


def test_what_was_typed_is_kept_on_the_next_page(world: World) -> None:
    list_many(world.brisbane, 330)
    assert 'href="/chapters?text=Chapter&amp;after=' in world.phone.get("/chapters?text=Chapter").text


def test_a_chapters_page_lists_its_runs_and_its_own_site(world: World) -> None:
    response = world.phone.get(f"/chapters/{world.london.chapter_id}")
    assert "Thursday evening run" in words(response)
    assert "We run from the Monument." in words(response)
    assert world.london.settings.base_url in response.text


def test_the_runs_of_a_chapter_stand_by_their_next_dates(world: World) -> None:
    for name, hour in (("Late", 21), ("Early", 5), ("Noon", 12)):
        world.london.announce(a_run(name=name, starts_at=time(hour)))
    page = words(Phone(world.london).get(f"/chapters/{world.london.chapter_id}"))
    order = [page.index(name) for name in ("05:00 Early", "12:00 Noon", "18:30", "21:00 Late")]
    assert order == sorted(order)


def test_a_chapter_says_once_for_all_its_runs_that_it_was_not_heard_from(world: World) -> None:
    world.london.announce(a_run(name="Sunday walk"))
    world.federation.settle()
    world.federation.clock.tick(days=8)
    page = words(world.phone.get(f"/chapters/{world.london.chapter_id}"))
    assert page.count("Not confirmed yet") == 2
    assert page.count("We haven’t heard from London since Monday 1 June") == 1


def test_of_one_hour_the_run_that_is_off_stands_last_on_the_chapters_page(world: World) -> None:
    world.london.announce(a_run(name="Bridge run"))
    world.cancel(world.london, world.monument, THURSDAY)
    page = words(world.phone.get(f"/chapters/{world.london.chapter_id}"))
    assert page.index("Bridge run") < page.index("Thursday evening run")


def test_a_chapter_that_is_gone_says_since_when(world: World) -> None:
    world.federation.clock.tick(days=20)
    page = words(world.phone.get(f"/chapters/{world.london.chapter_id}"))
    assert "We haven’t heard from London since Monday 1 June" in page
    assert "Thursday evening run" not in page
    assert "Not heard from since Monday 1 June" in words(world.phone.get("/chapters"))


def test_a_paused_chapter_is_shown_as_pausing_and_not_as_on(world: World) -> None:

    with world.federation.hq.session() as session:
        hq = world.federation.hq.settings
        registry.set_status(session, hq, world.london.chapter_id, "paused", world.federation.clock())
    world.federation.settle()
    page = world.page_of(world.london, world.monument)
    assert "This chapter isn’t running at the moment." in page
    assert NOT_SURE in page
    assert "Someone will be there from" not in page
    assert "Find another run nearby" in words(world.phone.get(f"/chapters/{world.london.chapter_id}"))
