"""Where a run is off, not confirmed or far away: where else to go, and nowhere that nobody has promised."""

import re
from datetime import date, time
from html import unescape

import pytest

from node.hq import registry
from node.models import Run
from node.search.query import PAGE

from ....support.network import a_run
from ....support.web_client import Phone, words
from .test_chapters import NOT_SURE
from .world import THURSDAY, World

pytestmark = pytest.mark.usefixtures("gazetteer")


def test_nothing_near_says_so_and_when_the_next_is(world: World) -> None:
    page = words(world.phone.get("/runs?near=London&when=today"))
    assert "No runs near London today, Monday 1 June. The nearest is on Thursday 4 June, but it isn’t" in page
    below = page.partition("The nearest is")[2]
    assert below.index("Thursday evening run") < below.index("Tomorrow, Tuesday 2 June 18:30 London time River run")


def test_the_day_that_is_named_is_that_of_the_run_below_it(world: World) -> None:
    sunday = world.peterborough.announce(a_run(name="Sunday run", starts_on=date(2026, 6, 7), lat_e4=525700))
    world.confirm(world.peterborough, sunday, date(2026, 6, 7))
    page = words(world.phone.get("/runs?near=Peterborough,+England&when=today"))
    below = page.partition("The nearest confirmed run is on Sunday 7 June:")[2]
    assert below.index("Sunday run") < below.index("A lead will be there") < below.index("River run")


def test_who_finds_nothing_may_wish_for_a_run_there_at_hq(world: World) -> None:
    page = unescape(world.phone.get("/runs?near=Reykjavik").text)
    assert re.search(r'href="http[^"]+/wish\?place=Reykjav[^"]+Iceland"', page)


def test_who_finds_nothing_can_talk_to_someone_of_the_country_they_look_in_now(world: World) -> None:
    said = "If tonight is hard, you can talk to someone now:"
    assert f"{said} Lifeline, 13 11 14" in words(world.phone.get("/runs?near=Alice+Springs"))
    british = world.phone.get("/runs?near=Lerwick")
    assert f"{said} Samaritans, 116 123" in words(british)
    assert 'href="tel:116123"' in british.text


def test_where_a_country_has_no_lines_of_its_own_nobody_is_given_those_of_another(world: World) -> None:
    said = "If tonight is hard, you can talk to someone now:"
    page = Phone(world.london).get("/runs?near=Reykjavik")
    assert f"{said} helplines" in words(page)
    assert "116 123" not in words(page)
    # In the text, at the top of the page and at its foot.
    assert page.text.count('href="/help?country=IS"') == 3
    assert "Finds a helpline where you are." in words(world.phone.get("/help?country=IS"))


def test_the_printed_foot_of_a_run_abroad_names_who_listens_there(world: World) -> None:
    page = world.phone.get(f"/runs/{world.london.chapter_id}/{world.monument.id}").text
    assert "Samaritans, 116 123" in page.partition("<footer")[2]


LEADS_ON = ["The nearest confirmed run is on Thursday 11 June:", "Somewhere else tonight", "I’d like a run here"]


@pytest.mark.parametrize(("others", "words_of_it"), [(0, "This run isn’t"), (1, "None of these are")])
def test_a_search_that_finds_only_what_is_off_leads_on_as_one_that_finds_nothing(
    world: World, others: int, words_of_it: str
) -> None:
    runs = [world.monument, *(world.london.announce(a_run(name="Canal run")) for _ in range(others))]
    for run in runs:
        world.cancel(world.london, run, THURSDAY)
    world.confirm(world.london, world.monument, date(2026, 6, 11))
    page = words(world.phone.get(f"/runs?near=London&from={THURSDAY}"))
    parts = ["Cancelled", f"{words_of_it} going ahead.", *LEADS_ON]
    assert [page.find(part) for part in parts] == sorted(page.index(part) for part in parts)


def test_a_search_of_a_chapter_on_a_break_leads_on(world: World) -> None:
    with world.federation.hq.session() as session:
        registry.set_status(session, world.federation.hq.settings, world.london.chapter_id, "paused", world.now())
    world.federation.settle()
    page = words(world.phone.get("/runs?near=London&within=10"))
    assert page.index("On a break") < page.index("None of these are going ahead. The nearest is tomorrow")
    assert page.index("River run") < page.index("If tonight is hard, you can talk to someone now:")


def test_somebody_to_talk_to_stands_before_the_map_of_nothing(world: World) -> None:
    page = world.phone.get("/runs?near=Reykjavik").text
    assert page.index("Somewhere else tonight") < page.index('id="map"')


def test_a_search_that_finds_one_run_that_is_on_leads_nobody_away(world: World) -> None:
    canal = world.london.announce(a_run(name="Canal run"))
    world.cancel(world.london, canal, THURSDAY)
    page = words(world.phone.get(f"/runs?near=London&from={THURSDAY}"))
    assert "Cancelled" in page
    assert "going ahead" not in page
    assert "Somewhere else tonight" not in page


def test_of_several_pages_of_what_is_off_none_says_that_nothing_is_on(world: World) -> None:
    storm(world, PAGE + 1)
    world.london.announce(a_run(name="Friday run", starts_on=date(2026, 6, 5)))
    world.cancel(world.london, world.monument, THURSDAY)
    first = world.phone.get(f"/runs?near=London&from={THURSDAY}&to=2026-06-05")
    assert "More runs" in words(first)
    assert "None of these are going ahead" not in words(first)


def test_a_promised_run_comes_first_only_within_reach(world: World) -> None:
    world.confirm(world.peterborough, world.river, date(2026, 6, 2))
    far = words(world.phone.get("/runs?near=London&when=today"))
    assert far.index("Thursday evening run") < far.index("River run")
    near = words(world.phone.get("/runs?near=London&within=160&when=today"))
    assert near.index("River run") < near.index("Thursday evening run")


def test_beyond_reach_a_promised_run_is_offered_and_comes_before_one_as_far_away(world: World) -> None:
    for minute in range(6):
        world.london.announce(a_run(name=f"Perhaps {minute}", starts_at=time(18, minute), lat_e4=515110))
    world.confirm(world.london, world.monument, THURSDAY)
    page = words(world.phone.get("/runs?near=Peterborough,+England&when=today&within=1&unit=mi"))
    assert page.index("River run") < page.index("A lead will be there")
    below = page.partition("River run")[2]
    assert below.index("Thursday evening run") < below.index("Perhaps")


def storm(world: World, count: int) -> None:
    """More cancelled runs near the Monument than a page of results holds."""
    for minute in range(count):
        run = world.london.announce(a_run(name=f"Storm {minute}", starts_at=time(18, minute)))
        world.cancel_quietly(world.london, run, THURSDAY)
    world.federation.settle()


def test_on_a_day_of_storms_the_one_that_is_on_is_offered(world: World) -> None:
    storm(world, PAGE + 1)
    late = world.london.announce(a_run(name="Late run", starts_at=time(21, 0)))
    world.confirm(world.london, late, THURSDAY)
    world.cancel(world.london, world.monument, THURSDAY)
    below = world.page_of(world.london, world.monument).partition("The nearest run that’s going ahead")[2]
    assert "Late run" in below.partition("Other dates")[0].partition("About this run")[0]


def test_a_promised_run_is_offered_behind_a_page_of_unpromised_ones(world: World) -> None:
    for minute in range(PAGE + 1):
        world.london.announce(a_run(name=f"Perhaps {minute}", starts_at=time(18, minute)))
    late = world.london.announce(a_run(name="Late run", starts_at=time(21, 0)))
    world.confirm(world.london, late, THURSDAY)
    world.cancel(world.london, world.monument, THURSDAY)
    assert "Late run" in world.page_of(world.london, world.monument).partition("The nearest run that’s going ahead")[2]


DONT = "No lead has confirmed yet. Please don’t set off until this says “A lead will be there”."


def test_an_unconfirmed_run_within_a_day_tells_nobody_to_come(world: World) -> None:
    world.federation.clock.tick(days=2, hours=8, minutes=31)
    world.announce_again()
    page = world.page_of(world.london, world.monument)
    assert DONT in page
    assert "Check again" in page.partition("Where")[0]
    assert "If it goes ahead, someone will be there from 18:20." in page
    assert "Someone will be there from" not in page
    assert "○ Not confirmed yet" not in page.partition("Where")[0]


def test_a_run_that_is_a_day_away_and_more_wears_the_usual_sign(world: World) -> None:
    page = world.page_of(world.london, world.monument)
    assert "○ Not confirmed yet" in page.partition("Where")[0]
    assert DONT not in page
    # Further down, whoever keeps the page on a phone is asked to check again.
    assert "Check again" not in page.partition("Where")[0]


def test_an_unconfirmed_run_within_a_day_offers_only_a_promised_one(world: World) -> None:
    world.london.announce(a_run(name="Perhaps"))
    late = world.london.announce(a_run(name="Late run", starts_at=time(21, 0)))
    world.federation.clock.tick(days=3)
    world.announce_again()
    assert "We don’t know of one right now." in world.page_of(world.london, world.monument)
    world.confirm(world.london, late, THURSDAY)
    below = world.page_of(world.london, world.monument).partition("The nearest run that’s going ahead")[2]
    assert "Late run" in below.partition("Where")[0]
    assert "Perhaps" not in below.partition("Where")[0]


def test_a_card_of_an_unconfirmed_run_within_a_day_says_not_to_set_off(world: World) -> None:
    world.federation.clock.tick(days=3)
    world.announce_again()
    page = words(world.phone.get("/runs?near=London"))
    assert page.index("Thursday evening run") < page.index(DONT)


@pytest.mark.parametrize("act", ["cancelled", "paused"])
def test_a_run_that_is_off_leads_nobody_there(world: World, act: str) -> None:
    if act == "cancelled":
        world.cancel(world.london, world.monument, THURSDAY)
    else:
        with world.federation.hq.session() as session:
            registry.set_status(session, world.federation.hq.settings, world.london.chapter_id, "paused", world.now())
        world.federation.settle()
    page = world.phone.get(f"/runs/{world.london.chapter_id}/{world.monument.id}").text
    assert "geo:" not in page
    assert "openstreetmap" not in page
    assert re.search(r"<h1 id=.its-when.><s>Thursday 4\u00a0June, .*18:30</time></s>.*</h1>", page)
    folded = page.partition('id="its-about"')[2].partition("</details>")[0]
    assert "About this run on other dates" in folded
    assert "Fish Street Hill" in folded
    # The head tells messengers of the whole run, and of this date where the address names it.
    assert "Fish Street Hill" not in page.partition("<body")[2].replace(folded, "")
    dated = world.phone.get(f"/runs/{world.london.chapter_id}/{world.monument.id}?date={THURSDAY}").text
    told = re.findall(r'<meta (?:name|property)="[\w:]*(?:description|title)" content="([^"]*)"', dated)
    assert len(told) == 3
    assert "Fish Street Hill" not in " ".join(told)


def test_the_page_of_a_run_of_a_suspended_chapter_offers_the_nearest_that_is_on(world: World) -> None:
    with world.federation.hq.session() as session:
        registry.set_status(session, world.federation.hq.settings, world.london.chapter_id, "suspended", world.now())
    world.federation.settle()
    response = world.phone.get(f"/runs/{world.london.chapter_id}/{world.monument.id}")
    assert response.status_code == 404
    assert words(response).index("The nearest one isn’t confirmed yet") < words(response).index("River run")


def test_a_cancelled_run_says_why_and_shows_the_nearest_that_is_on_below(world: World) -> None:
    world.cancel(world.london, world.monument, THURSDAY, "Ice on the bridge")
    world.confirm(world.london, world.monument, date(2026, 6, 11))
    page = world.page_of(world.london, world.monument)
    order = ["Cancelled", "Ice on the bridge", "The nearest run that’s going ahead", "Thursday 11 June", "Where"]
    assert [page.index(part) for part in order] == sorted(page.index(part) for part in order)
    assert "Someone will be there from" not in page.partition("Where")[0]


def test_instead_of_a_cancelled_run_nothing_is_offered_that_is_further_than_a_hundred_miles(world: World) -> None:
    manchester = world.london.announce(a_run(name="Canal Street run", repeats="once", lat_e4=534808, lon_e4=-22426))
    world.cancel(world.london, manchester, THURSDAY)
    page = world.page_of(world.london, manchester)
    assert "We don’t know of one right now." in page
    assert "River run" not in page


def test_a_run_that_nobody_has_confirmed_is_not_offered_as_one_that_is_on(world: World) -> None:
    world.cancel(world.london, world.monument, THURSDAY)
    page = world.page_of(world.london, world.monument)
    assert NOT_SURE in page
    assert "The nearest run that’s going ahead" not in page


def test_a_confirmed_run_is_offered_before_a_nearer_one_that_is_not(world: World) -> None:
    near = a_run(name="Kennington run", lat_e4=514880, lon_e4=-1100, starts_at=time(19, 0))
    far = a_run(name="Hampton run", lat_e4=514100, lon_e4=-3400, starts_on=date(2026, 6, 5))
    world.london.announce(near)
    hampton = world.london.announce(far)
    world.cancel(world.london, world.monument, THURSDAY)
    assert "Kennington run" in world.page_of(world.london, world.monument).partition(NOT_SURE)[2]
    world.confirm(world.london, hampton, date(2026, 6, 5))
    below = world.page_of(world.london, world.monument).partition("The nearest run that’s going ahead")[2]
    assert "Hampton run" in below.partition("Where")[0]
    assert "Kennington run" not in below.partition("Where")[0]


def begin(world: World, confirmed: Run | None = None) -> None:
    """A world ten minutes after Thursday's runs have begun. A lead has confirmed one of them."""
    world.federation.clock.tick(days=3, hours=6)
    if confirmed:
        world.confirm(world.london, confirmed, THURSDAY)
    world.federation.clock.tick(hours=2, minutes=40)


def test_a_run_that_has_begun_says_so_and_is_not_offered(world: World) -> None:
    begin(world, world.monument)
    page = world.page_of(world.london, world.monument)
    assert "» Under way" in page
    assert "Started at 18:30. They’ve already set off." in page
    assert "If you’re at the meeting point and can’t find the others, say you’re coming." in page
    assert "Someone will be there from" not in page
    assert "A lead will be there" not in page
    assert NOT_SURE in page
    assert "Started at 18:30. They’ve already set off." in words(world.phone.get("/runs?near=London"))


def test_a_run_that_may_have_begun_is_not_said_to_be_under_way(world: World) -> None:
    begin(world)
    page = world.page_of(world.london, world.monument)
    assert "Not confirmed yet" in page
    assert "It was due to start at 18:30. If it went ahead, they’ve already set off." in page


def test_a_run_that_has_begun_is_never_the_nearest_that_is_on(world: World) -> None:
    near = world.london.announce(a_run(name="Kennington run", lat_e4=514880, lon_e4=-1100))
    world.cancel(world.london, world.monument, THURSDAY)
    begin(world, near)
    below = world.page_of(world.london, world.monument).partition(NOT_SURE)[2]
    assert "Thursday 11 June" in below.partition("Where")[0]
