"""The search, the page of a run, and the pages of chapters."""

import gzip
import html
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from html import unescape

import pytest

from node.chapter import dates, publishing
from node.hq import registry
from node.models import Run
from node.search.query import PAGE

from ...support.many_chapters import list_many
from ...support.network import BRISBANE, LONDON, PETERBOROUGH, Clock, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

pytestmark = pytest.mark.usefixtures("gazetteer")

THURSDAY = date(2026, 6, 4)


class World:
    """Three chapters, and a phone that reads Brisbane's node."""

    def __init__(self, federation: LocalFederation) -> None:
        self.federation = federation
        self.london = federation.add_chapter(LONDON)
        self.peterborough = federation.add_chapter(PETERBOROUGH)
        self.brisbane = federation.add_chapter(BRISBANE)
        self.monument = self.london.announce(a_run())
        river = a_run(
            name="River run", starts_on=date(2026, 6, 2), lat_e4=525700, lon_e4=-2400, point_name="Town Bridge"
        )
        self.river = self.peterborough.announce(river)
        dawn = a_run(
            name="Dawn walk", point_name="South Bank", lat_e4=-274770, lon_e4=1530200, timezone="Australia/Brisbane",
            starts_at=time(6, 0),
        )  # fmt: skip
        self.dawn = self.brisbane.announce(dawn)
        federation.settle()
        self.phone = Phone(self.brisbane)

    def cancel(self, node: LocalNode, run: Run, day: date, note: str = "") -> None:
        with node.session() as session:
            dates.cancel(session, node.settings, run.id, day, "weather", note, self.federation.clock())
        self.federation.settle()

    def cancel_quietly(self, node: LocalNode, run: Run, day: date) -> None:
        with node.session() as session:
            dates.cancel(session, node.settings, run.id, day, "weather", "", self.federation.clock())

    def announce_again(self) -> None:
        """Let time pass. The nodes sign and read as their jobs do."""
        for node in (self.london, self.peterborough, self.brisbane):
            with node.session() as session:
                publishing.resign_if_due(session, node.settings, self.federation.clock())
        self.federation.settle()

    def now(self) -> datetime:
        return self.federation.clock()

    def confirm(self, node: LocalNode, run: Run, day: date) -> None:
        with node.session() as session:
            dates.confirm(session, node.settings, run.id, day, self.federation.clock())
        self.federation.settle()

    def page_of(self, node: LocalNode, run: Run, query: str = "") -> str:
        return words(self.phone.get(f"/runs/{node.chapter_id}/{run.id}{query}"))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that no test changes. Making one takes most of a second."""
    federation = LocalFederation(tmp_path_factory.mktemp("seen"), Clock())
    yield World(federation)
    federation.close()


@pytest.fixture
def world(federation: LocalFederation) -> Iterator[World]:
    return World(federation)


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


def test_miles_are_miles(seen: World) -> None:
    page = words(seen.phone.get("/runs?near=London&within=3&unit=mi"))
    assert "about 2 miles away" in page
    assert (
        "Thursday evening run"
        not in results(words(seen.phone.get("/runs?near=London&within=1&unit=mi"))).partition("No runs near")[0]
    )


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [
        ("when=today", [], ["River run", "Thursday evening run"]),
        ("when=week", ["River run", "Thursday evening run"], ["9 June"]),
        ("when=weekend", [], ["River run"]),
        ("when=days&from=2026-06-02", ["River run"], ["Thursday evening run"]),
        ("from=2026-06-02", ["River run"], ["Thursday evening run"]),
        ("when=days&from=2026-06-03&to=2026-06-09", ["Thursday evening run", "Tuesday 9 June"], ["2 June"]),
        ("when=days&from=2026-07-09", ["Thursday 9 July", "Thursday evening run"], ["River run"]),
        ("to=2026-06-03", ["River run"], ["Thursday evening run"]),
    ],
)
def test_days_are_those_that_were_asked_for(world: World, query: str, found: list[str], missing: list[str]) -> None:
    page = results(words(world.phone.get(f"/runs?{query}")))
    assert [part for part in found if part not in page] == []
    assert [part for part in missing if part in page] == []


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


def test_nothing_is_offered_that_is_further_than_a_hundred_miles(world: World) -> None:
    page = words(world.phone.get("/runs?near=Reykjavik&within=10"))
    assert "No runs near Reykjavík from Monday 1 June to Sunday 14 June." in page
    assert "We don’t know of any within about 160 km in the coming weeks." in page
    in_miles = words(world.phone.get("/runs?near=Reykjavik&within=200&unit=mi"))
    assert "We don’t know of any within about 200 miles in the coming weeks." in in_miles
    assert "River run" not in page


def test_who_finds_nothing_can_talk_to_someone_of_their_country_now(world: World) -> None:
    said = "If tonight is hard, you can talk to someone now:"
    assert f"{said} Lifeline, 13 11 14" in words(world.phone.get("/runs?near=Reykjavik"))
    london = Phone(world.london).get("/runs?near=Reykjavik")
    assert f"{said} Samaritans, 116 123" in words(london)
    assert 'href="tel:116123"' in london.text


def test_a_promised_run_comes_first_only_within_reach(world: World) -> None:
    world.confirm(world.peterborough, world.river, date(2026, 6, 2))
    far = words(world.phone.get("/runs?near=London&when=today"))
    assert far.index("Thursday evening run") < far.index("River run")
    near = words(world.phone.get("/runs?near=London&within=160&when=today"))
    assert near.index("River run") < near.index("Thursday evening run")


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
    assert re.search(r"<h1 id=.its-when.><s>Thursday 4 June, .*18:30</time></s>.*</h1>", page)
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


def test_the_days_that_are_over_are_said_to_be_over(world: World) -> None:
    page = words(world.phone.get("/runs?from=2026-01-01&to=2026-01-05"))
    assert "Those dates have passed." in page
    assert "No run" not in page


def test_what_is_no_word_is_said_to_be_unknown_and_matches_nothing(world: World) -> None:
    for typed in ("🏃", "...", "?!"):
        page = words(world.phone.get("/runs", query_string={"near": typed}))
        assert f"We couldn’t find a place called “{typed}”" in page
        assert "but these runs mention it" not in page


@pytest.mark.parametrize(
    ("query", "words_of_it", "kept"),
    [
        ("within=abc", "Enter a distance, for example 5", 'value="abc"'),
        ("within=-3", "Enter a distance, for example 5", 'value="-3"'),
        ("within=0", "Enter a distance, for example 5", 'value="0"'),
        ("within=0.0004", "Enter a distance, for example 5", 'value="0.0004"'),
        ("within=nan", "Enter a distance, for example 5", 'value="nan"'),
        ("within=1e9", "Enter a distance, for example 5", 'value="1e9"'),
        ("from=2026-02-31", "Enter a date", 'value="2026-02-31"'),
        ("from=2026-06-09&to=2026-06-03", "The end date is before the start date", 'value="2026-06-03"'),
        ("from=2026-06-09&to=soon", "leave it empty for one day", 'value="soon"'),
        ("from=2026-06-09&to=2027-06-03", "up to 92 days", 'value="2027-06-03"'),
        ("from=2126-06-09", "two years ahead, until Wednesday 31 May 2028", 'value="2126-06-09"'),
        ("to=9999-12-31", "up to 92 days", 'value="9999-12-31"'),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_kept(
    world: World, query: str, words_of_it: str, kept: str
) -> None:
    response = world.phone.get(f"/runs?near=London&{query}")
    assert response.status_code == 200
    assert words_of_it in words(response)
    assert kept in response.text
    assert 'value="London"' in response.text
    assert 'aria-invalid="true"' in response.text


def test_a_radius_that_cannot_be_read_is_said_and_the_usual_one_is_taken(world: World) -> None:
    page = results(words(world.phone.get("/runs?near=London&within=abc")))
    assert "We couldn’t read the distance, so these are runs within about 50 km of London" in page
    assert "Thursday evening run" in page


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


@pytest.mark.parametrize("typed", ["London tonight", "tonight, London", "London this evening!"])
def test_a_day_beside_the_place_becomes_the_day(world: World, typed: str) -> None:
    response = world.phone.get("/runs", query_string={"near": typed})
    assert response.headers["Location"] == "/runs?near=London&when=tonight"
    page = world.phone.get("/runs?near=London&when=tonight")
    assert '<option value="tonight" selected>' in page.text
    assert "No runs near London tonight, Monday 1 June." in words(page)


def test_a_filter_says_how_many_runs_it_leaves_and_leaves_them(world: World) -> None:
    world.london.announce(a_run(name="Ramp walk", kind="walk", facilities=("step-free", "toilets")))
    world.federation.settle()
    page = words(world.phone.get("/runs?near=London"))
    assert "A walk 1 run" in page
    assert "Step-free access 1 run" in page
    assert "A run with some walking 1 run" in page
    filtered = world.phone.get("/runs?near=London&kind=walk&with=step-free")
    assert "Ramp walk" in results(words(filtered))
    assert "Thursday evening run" not in results(words(filtered))
    assert 'value="step-free" checked' in filtered.text
    assert "Good for wheelchairs 0 runs" in words(filtered)
    assert 'href="/runs?near=London&amp;kind=walk#found"' in filtered.text


def test_filters_that_leave_nothing_lead_to_the_runs_without_them(seen: World) -> None:
    response = seen.phone.get("/runs?near=London&with=wheelchair")
    assert "No runs here have all of that on these dates." in words(response)
    assert 'href="/runs?near=London#found"' in response.text


def test_a_weekday_and_confirmed_only_are_filters(world: World) -> None:
    world.confirm(world.london, world.monument, THURSDAY)
    page = results(words(world.phone.get("/runs?near=London&day=TH&confirmed=yes")))
    assert "Thursday 4 June" in page
    assert "Thursday 11 June" not in page
    assert "No runs here have all of that" in words(world.phone.get("/runs?near=London&day=FR"))


def test_days_without_a_place_ask_where(world: World) -> None:
    response = world.phone.get("/runs?near=tonight")
    assert "Where would you like to run?" in words(response)
    assert '<option value="tonight" selected>' in response.text


def test_a_days_runs_begin_with_the_nearest(world: World) -> None:
    world.london.announce(a_run(name="Far and early", starts_at=time(9, 0), lat_e4=517000))
    world.federation.settle()
    page = results(words(world.phone.get("/runs?near=51.51,-0.086&from=2026-06-04")))
    assert page.index("Thursday evening run") < page.index("Far and early")


def test_the_distance_that_counts_is_in_its_field(seen: World) -> None:
    assert 'name="within" type="text" inputmode="decimal" size="5" value="50"' in seen.phone.get("/runs").text
    assert 'size="5" value="30"' in Phone(seen.london).get("/runs").text


def test_a_typed_day_beats_a_named_span_and_the_answer_names_its_days(world: World) -> None:
    response = world.phone.get("/runs?near=London&when=today&from=2026-06-04")
    assert "of London, England, United Kingdom, on Thursday 4 June." in words(response)
    assert "Thursday evening run" in results(words(response))
    assert '<option value="days" selected>' in response.text


def test_without_days_the_answer_names_those_of_two_weeks(seen: World) -> None:
    assert "from Monday 1 June to Sunday 14 June" in words(seen.phone.get("/runs?near=London"))


@pytest.mark.parametrize(("query", "there"), [("", True), ("?near=Xqzzberg", False), ("?near=Peterborough", False)])
def test_the_form_leads_to_what_was_found(seen: World, query: str, there: bool) -> None:
    page = seen.phone.get(f"/runs{query}").text
    assert 'action="/runs#found"' in page
    assert ('id="found"' in page) is there


@pytest.mark.parametrize(
    "query", ["place=99999999999999999999", "place=x", "unit=furlong", "when=never", "near=%00", "near=%20"]
)
def test_nonsense_in_the_address_breaks_nothing(world: World, query: str) -> None:
    assert world.phone.get(f"/runs?{query}", follow_redirects=True).status_code == 200


def test_the_address_of_a_search_has_no_empty_fields(seen: World) -> None:
    response = seen.phone.get("/runs?near=London&within=&unit=km&when=&from=&to=")
    assert (response.status_code, response.headers["Location"]) == (302, "/runs?near=London")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("near=London&within=50&unit=km", "near=London"),
        ("near=London&within=50&unit=mi", None),
        ("near=London&within=20&unit=km&kind=walk&kind=walk&day=", "near=London&within=20&unit=km&kind=walk"),
        ("near=London&when=tonight&with=toilets&with=step-free", None),
    ],
)
def test_the_address_of_a_search_says_nothing_that_holds_anyway(seen: World, sent: str, kept: str | None) -> None:
    assert seen.phone.get(f"/runs?{sent}").headers.get("Location") == (f"/runs?{kept}" if kept else None)


def test_a_comma_is_a_decimal_point_too(world: World) -> None:
    assert "Thursday evening run" in words(world.phone.get("/runs?near=London&within=4,5&unit=km"))


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


NOT_SURE = "The nearest one isn’t confirmed yet Please wait until it’s confirmed before you set off."


def test_a_cancelled_run_says_why_and_shows_the_nearest_that_is_on_below(world: World) -> None:
    world.cancel(world.london, world.monument, THURSDAY, "Ice on the bridge")
    world.confirm(world.london, world.monument, date(2026, 6, 11))
    page = world.page_of(world.london, world.monument)
    order = ["Cancelled", "Ice on the bridge", "The nearest run that’s going ahead", "Thursday 11 June", "Where"]
    assert [page.index(part) for part in order] == sorted(page.index(part) for part in order)
    assert "Someone will be there from" not in page.partition("Where")[0]


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


def test_a_cancelled_run_is_found_and_not_hidden(world: World) -> None:
    world.cancel(world.london, world.monument, THURSDAY)
    assert "✕ Cancelled" in words(world.phone.get("/runs?near=London"))


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


def test_a_day_beyond_eight_weeks_is_shown_as_the_search_links_to_it(world: World) -> None:
    found = world.phone.get("/runs?near=London&from=2026-10-01").text
    link = f"/runs/{world.london.chapter_id}/{world.monument.id}?date=2026-10-01"
    assert f'href="{link}"' in found
    page = words(world.phone.get(link))
    assert "Thursday 1 October, 18:30" in page
    assert "This is the next one" not in page


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
        more = re.search(r'href="(/chapters\?[^"]*after=[^"]+)"', page)
        seen, pages, path = seen + names_in(page), pages + 1, unescape(more[1]) if more else ""
    assert pages == 7
    assert sorted(seen) == [f"Chapter {number:03}" for number in range(330)]


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


def test_a_chapter_that_is_gone_says_since_when(world: World) -> None:
    world.federation.clock.tick(days=20)
    page = words(world.phone.get(f"/chapters/{world.london.chapter_id}"))
    assert "We haven’t heard from London since Monday 1 June" in page
    assert "Thursday evening run" not in page
    assert "not heard from since Monday 1 June" in words(world.phone.get("/chapters"))


def test_a_paused_chapter_is_shown_as_pausing_and_not_as_on(world: World) -> None:
    from node.hq import registry

    with world.federation.hq.session() as session:
        hq = world.federation.hq.settings
        registry.set_status(session, hq, world.london.chapter_id, "paused", world.federation.clock())
    world.federation.settle()
    page = world.page_of(world.london, world.monument)
    assert "This chapter isn’t running at the moment." in page
    assert NOT_SURE in page
    assert "Someone will be there from" not in page


def test_our_own_run_is_shown_by_the_same_page_without_a_link_to_ourselves(world: World) -> None:
    response = world.phone.get(f"/runs/{world.brisbane.chapter_id}/{world.dawn.id}")
    assert "Up to date at 19:00." in words(response)
    assert "own site" not in words(response)
    assert "Brisbane time" not in words(response)


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
