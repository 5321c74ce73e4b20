"""The search finds what people type, and asks where two places are meant."""

import html
import re
from datetime import time
from html import unescape

import pytest

from ....support.many_chapters import list_many
from ....support.network import LocalNode, a_run
from ....support.web_client import Phone, words
from .test_chapters import names_in
from .world import World

pytestmark = pytest.mark.usefixtures("gazetteer")


def results(page: str) -> str:
    return page.partition("Show these runs")[2]


def test_a_run_announced_in_london_is_found_in_brisbane(seen: World) -> None:
    page = words(seen.phone.get("/runs?near=London"))
    assert "Thursday 4 June" in page
    assert "18:30 London time Thursday evening run The Monument, London · about 3 km away" in page
    assert "Last checked" not in page


def test_runs_stand_under_their_own_day_by_start(seen: World) -> None:
    page = results(words(seen.phone.get("/runs")))
    order = [
        "Tuesday 2 June",
        "River run",
        "Thursday 4 June",
        "06:00 Dawn walk",
        "18:30 London time Thursday evening run",
    ]
    places = [page.index(part) for part in order]
    assert places == sorted(places)


def test_the_day_is_the_one_in_the_runs_own_zone(seen: World) -> None:
    page = results(words(seen.phone.get("/runs?near=Brisbane")))
    assert page.index("Thursday 4 June") < page.index("06:00 Dawn walk")


def test_an_ambiguous_place_is_asked_and_nothing_typed_is_lost(world: World) -> None:
    response = world.phone.get("/runs?near=Peterborough&within=7&unit=mi&when=week")
    page = words(response)
    assert "Which Peterborough do you mean?" in page
    assert "Peterborough, Ontario, Canada" in page
    assert "Peterborough, South Australia, Australia" in page
    assert 'value="7"' in response.text
    assert '<option value="mi" selected>' in response.text
    assert '<option value="week" selected>' in response.text
    assert "/runs?near=Peterborough&amp;place=" in response.text


def test_the_answer_is_kept_as_long_as_the_name_is(world: World) -> None:
    from node.places import lookup

    ontario = next(one for one in lookup.resolve("Peterborough", "AU").choices if one.country == "CA")
    there = results(words(world.phone.get(f"/runs?near=Peterborough&place={ontario.id}")))
    assert "km of Peterborough, Ontario, Canada" in there
    elsewhere = words(world.phone.get(f"/runs?near=Brisbane&place={ontario.id}"))
    assert "km of Brisbane, Queensland, Australia" in elsewhere


def test_an_emptied_box_is_anywhere(seen: World) -> None:
    response = seen.phone.get("/runs?near=&place=2643743", follow_redirects=True)
    assert response.request.url.endswith("/runs")
    assert "River run" in words(response)
    assert "All runs, from" in results(words(response))


def test_a_clear_place_offers_the_others_of_its_name(world: World) -> None:
    response = world.phone.get("/runs?near=London&within=10&when=week")
    assert "Not this London?" in words(response)
    assert "London, Ontario, Canada" in words(response)
    assert "within=10" in response.text


def test_a_name_with_a_slip_in_it_is_searched_and_the_page_asks_whether_that_was_meant(world: World) -> None:
    page = words(world.phone.get("/runs?near=Lodnon&within=10"))
    assert "You typed “Lodnon”. Did you mean London, England, United Kingdom? Here’s what’s near it." in page
    assert "Thursday evening run" in results(page)


def test_a_slip_that_may_mean_several_places_offers_links_that_keep_the_rest(world: World) -> None:
    response = world.phone.get("/runs?near=Peterborugh&within=10")
    assert "You typed “Peterborugh”. Did you mean one of these?" in words(response)
    assert "/runs?near=Peterborugh&amp;place=" in response.text


def test_a_word_that_says_nothing_is_left_out_and_said(world: World) -> None:
    page = words(world.phone.get("/runs?near=London,+Blankshire"))
    assert "We don’t know what “Blankshire” means, so we searched for London without it." in page


def test_where_the_reader_is_nobody_tells_us(world: World) -> None:
    assert "We can’t see where you are." in words(world.phone.get("/runs?near=near+me"))


@pytest.mark.parametrize(("language", "place"), [("en-GB", "Perth, Scotland"), ("en-AU,en;q=0.5", "Perth, Western")])
def test_at_hq_the_readers_country_is_home_on_a_kept_page_too(world: World, language: str, place: str) -> None:
    hq = Phone(world.federation.hq)
    for _ in range(2):
        response = hq.get("/runs?near=Perth", headers={"Accept-Language": language})
        assert f"of {place}" in words(response)
        assert "Accept-Language" in response.headers["Vary"]


def test_an_unknown_place_is_kept_and_says_what_to_try(world: World) -> None:
    response = world.phone.get("/runs?near=Xqzzberg")
    assert "We couldn’t find a place called “Xqzzberg”" in words(response)
    assert 'value="Xqzzberg"' in response.text


def test_a_county_is_searched_as_far_as_it_reaches(world: World) -> None:
    page = results(words(Phone(world.london).get("/runs?near=Yorkshire&within=2")))
    assert "Runs within about 60 miles of Yorkshire, England, United Kingdom" in page


def test_a_point_is_a_place(world: World) -> None:
    assert "Thursday evening run" in words(world.phone.get("/runs?near=51.51,-0.086&within=1"))


def test_a_postcode_is_a_place_and_the_page_names_its_sector(world: World) -> None:
    page = results(words(world.phone.get("/runs?near=EC3R+8AH&within=5")))
    assert "Thursday evening run" in page
    assert "km of EC3R 8, " in page


def test_a_postcode_that_somebody_typed_is_neither_logged_nor_kept(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        world.phone.get("/runs?near=EC3R+8AH")
        world.phone.get("/runs?near=ec3r8ah&within=nowhere")
    kept = [path.read_bytes().lower() for path in world.brisbane.settings.data.rglob("*") if path.is_file()]
    assert kept
    for spelled in ("ec3r 8ah", "ec3r8ah", "ec3r+8ah"):
        assert spelled not in caplog.text.lower()
        assert not any(spelled.encode() in one for one in kept)


@pytest.mark.parametrize(
    "typed",
    [
        "51.510145680432034, -0.08590483169403148",
        "51.5101, \u22120.0860",
        "51.5101\u00b0 N, 0.0860\u00b0 W",
        "(51,5101; -0,0860)",
        "https://www.openstreetmap.org/?mlat=51.5101&mlon=-0.0860#map=18/51.6/-0.2",
    ],
)
def test_the_search_reads_a_point_as_maps_copy_it(seen: World, typed: str) -> None:
    response = seen.phone.get("/runs", query_string={"near": typed, "within": "5"})
    assert "Thursday evening run" in results(words(response))
    assert typed in html.unescape(response.text)


def test_a_bare_number_is_a_postcode_of_the_chapters_country(world: World) -> None:
    assert "km of 4101, South Brisbane, Queensland, Australia" in words(world.phone.get("/runs?near=4101"))


def test_what_is_no_word_is_said_to_be_unknown_and_matches_nothing(world: World) -> None:
    for typed in ("🏃", "...", "?!"):
        page = words(world.phone.get("/runs", query_string={"near": typed}))
        assert f"We couldn’t find a place called “{typed}”" in page
        assert "but these runs mention it" not in page


@pytest.mark.parametrize("typed", ["Xqzzberg", "🏃", "near me", "tonight", "\x01\x02", "شلنش"])
def test_text_that_is_no_place_lists_no_run_and_shows_ways_on(world: World, typed: str) -> None:
    response = world.phone.get("/runs", query_string={"near": typed})
    page = words(response)
    assert [name for name in ("River run", "Thursday evening run", "Dawn walk") if name in page] == []
    order = ["Find a run", "you can talk to someone now", "I’d like a run here", "All chapters, by country"]
    assert [page.index(part) for part in order] == sorted(page.index(part) for part in order)


def test_words_of_a_run_find_it_where_they_are_no_place(world: World) -> None:
    page = words(world.phone.get("/runs?near=Monument+evening"))
    assert "but these runs mention it" in page
    assert "Thursday evening run" in page
    assert "River run" not in page


def test_days_without_a_place_ask_where(world: World) -> None:
    response = world.phone.get("/runs?near=tonight")
    assert "Where would you like to run?" in words(response)
    assert '<option value="tonight" selected>' in response.text


def test_a_days_runs_begin_with_the_nearest(world: World) -> None:
    world.london.announce(a_run(name="Far and early", starts_at=time(9, 0), lat_e4=517000))
    world.federation.settle()
    page = results(words(world.phone.get("/runs?near=51.51,-0.086&from=2026-06-04")))
    assert page.index("Thursday evening run") < page.index("Far and early")


def test_of_a_days_runs_that_are_equally_far_the_first_comes_first(world: World) -> None:
    here = {"lat_e4": 515100, "lon_e4": -860}
    world.london.announce(a_run(name="Here and late", starts_at=time(20, 0), **here))
    world.london.announce(a_run(name="A street away and early", starts_at=time(9, 0), **here | {"lon_e4": -867}))
    world.federation.settle()
    page = results(words(world.phone.get("/runs?near=51.51,-0.086&from=2026-06-04")))
    assert page.index("A street away and early") < page.index("Here and late")


def test_a_day_beyond_eight_weeks_is_shown_as_the_search_links_to_it(world: World) -> None:
    found = world.phone.get("/runs?near=London&from=2026-10-01").text
    link = f"/runs/{world.london.chapter_id}/{world.monument.id}?date=2026-10-01"
    assert f'href="{link}"' in found
    page = words(world.phone.get(link))
    assert "Thursday 1 October, 18:30" in page
    assert "This is the next one" not in page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ter 007", ["Chapter 007"]),
        ("Ireland", ["Chapter 003", "Chapter 008"]),
        ("germ", ["Chapter 001", "Chapter 006"]),
        ("UK", ["Chapter 002", "Chapter 007"]),
        ("England", ["Chapter 002", "Chapter 007"]),
        ("U.S.A.", ["Chapter 004", "Chapter 009"]),
        ("🏃", []),
    ],
)
def test_a_chapter_is_found_by_name_place_or_country(world: World, text: str, found: list[str]) -> None:
    list_many(world.brisbane, 10)
    assert names_in(world.phone.get(f"/chapters?text={text}").text) == found


def test_more_runs_are_behind_a_link_and_every_run_is_seen_once(london: LocalNode) -> None:
    for number in range(30):
        london.announce(a_run(name=f"Run number {number:02}", repeats="once"))
    client, address, seen = london.app.test_client(), "/runs?near=London&_external=1&_scheme=ftp", []
    while address:
        page = client.get(address, base_url=london.settings.base_url).text
        seen += re.findall(r"Run number \d\d", page)
        link = re.search(r'href="(/runs\?[^"]*after=[^"]*)"', page)
        address = unescape(link[1]) if link else ""
    assert sorted(seen) == [f"Run number {number:02}" for number in range(30)]


def test_a_page_that_is_in_no_list_says_so_and_shows_the_beginning(london: LocalNode) -> None:
    london.announce(a_run())
    page = words(london.app.test_client().get("/runs?after=nonsense", base_url=london.settings.base_url))
    assert "We couldn’t find that page of the list. This is the first page." in page
    assert "Thursday evening run" in page


def test_what_is_no_place_is_looked_for_in_the_words_of_the_runs(london: LocalNode) -> None:
    london.announce(a_run(name="Zyxwort stroll"))
    london.announce(a_run(name="Another"))
    page = words(london.app.test_client().get("/runs?near=zyxwo", base_url=london.settings.base_url))
    assert "We couldn’t find a place called “zyxwo”, but these runs mention it." in page
    assert "Zyxwort stroll" in page
    assert "Another" not in page
