"""The page of a near run asks the chapter. It shows what is known at once, and the answer at the next look."""

import re

import pytest

from ...node.sync.test_live_check import World, checker_of
from ...support.network import LocalFederation
from ...support.web_client import Phone, words

#: What a page says once it has asked the chapter, whatever came of it.
ASKING = re.compile("Checking with|own site (answered|isn’t answering)")


@pytest.fixture
def world(federation: LocalFederation) -> World:
    made = World(federation)
    made.clock.tick(days=3)
    made.brisbane.app.extensions["live_check"] = made.checker = checker_of(made.brisbane, made.pool)
    return made


def path(world: World, query: str = "") -> str:
    return f"/runs/{world.london.chapter_id}/{world.run.id}{query}"


def page(world: World, query: str = "") -> str:
    return words(Phone(world.brisbane).get(path(world, query)))


def test_the_page_waits_for_nobody_and_the_next_look_says_what_came_of_it(world: World) -> None:
    assert "Checking with London…" in page(world)
    world.pool.work()
    world.clock.tick(seconds=12)
    assert "London’s own site answered at 19:00, but what it says is out of date." in page(world)


def test_a_cancellation_that_nobody_told_is_on_the_next_look(world: World) -> None:
    world.cancel()
    assert "Cancelled" not in page(world)
    world.pool.work()
    assert "Cancelled" in page(world).partition("Where")[0]


def test_who_cannot_be_reached_is_said_so_with_the_age_of_what_is_known(world: World) -> None:
    world.federation.wire.down.add(world.london.settings.base_url)
    page(world)
    world.pool.work()
    assert "London’s own site isn’t answering right now. We haven’t heard from London since Monday 1 June" in page(
        world
    )


def test_a_kept_page_never_hides_an_answer(world: World) -> None:
    for _ in range(3):
        assert "Checking with London…" in page(world)
    world.pool.work()
    assert "London’s own site answered at 19:00" in page(world)


def test_an_answered_page_is_kept_for_the_minute(world: World) -> None:
    page(world)
    world.pool.work()
    cache = world.brisbane.app.extensions["page_cache"]
    page(world)
    assert [asked.path for asked in cache.pages] == [path(world)]


def test_a_crowd_on_the_page_asks_once_a_minute(world: World) -> None:
    for _ in range(60):
        page(world)
        world.pool.work()
        world.clock.tick(seconds=2)
    assert len(world.federation.wire.sent) == 4  # its status and its document, twice


def test_who_opens_the_pages_of_many_chapters_makes_nobody_be_asked_beyond_the_limit(world: World) -> None:
    for number in range(30):
        world.checker.ask(f"chapter{number}", world.clock())
        world.pool.work()
    page(world)
    assert not world.pool.waiting


@pytest.mark.parametrize("query", ["?date=2026-06-11", "?date=2026-06-18"])
def test_a_date_that_is_far_is_not_asked_about(world: World, query: str) -> None:
    assert not ASKING.search(page(world, query))
    assert not world.pool.waiting


def test_our_own_run_is_not_asked_about(world: World) -> None:
    response = Phone(world.london).get(path(world))
    assert not ASKING.search(words(response))
    assert "live.js" not in response.text


def test_the_script_comes_only_while_there_is_something_to_wait_for(world: World) -> None:
    assert "live.js" in Phone(world.brisbane).get(path(world)).text
    world.pool.work()
    assert "live.js" not in Phone(world.brisbane).get(path(world)).text
