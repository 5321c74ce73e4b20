"""The form of the search: distances, days and filters, and a clean address."""

import pytest

from node.places import lookup

from ....support.network import a_run
from ....support.web_client import Phone, words
from .test_search import results
from .world import THURSDAY, World

pytestmark = pytest.mark.usefixtures("gazetteer")


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


def test_nothing_is_offered_that_is_further_than_a_hundred_miles(world: World) -> None:
    page = words(world.phone.get("/runs?near=Reykjavik&within=10"))
    assert "No runs near Reykjavík from Monday 1 June to Sunday 14 June." in page
    assert "We don’t know of any within about 160 km in the coming weeks." in page
    in_miles = words(world.phone.get("/runs?near=Reykjavik&within=200&unit=mi"))
    assert "We don’t know of any within about 200 miles in the coming weeks." in in_miles
    assert "River run" not in page


def test_the_days_that_are_over_are_said_to_be_over(world: World) -> None:
    page = words(world.phone.get("/runs?from=2026-01-01&to=2026-01-05"))
    assert "Those dates have passed." in page
    assert "No run" not in page


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


@pytest.mark.parametrize(
    ("query", "field"),
    [("within=x", "within"), ("from=soon", "from"), ("from=2026-06-09&to=2026-06-03", "to")],
)
def test_what_to_change_stands_between_the_name_of_its_field_and_the_field(
    world: World, query: str, field: str
) -> None:
    page = world.phone.get(f"/runs?near=London&{query}").text
    own = page.partition(f'<label for="{field}"')[2].partition(f'<input id="{field}"')[0]
    assert f'class="wrong" id="{field}-wrong"' in own
    assert page.count(f'id="{field}-wrong"') == 1


def test_a_radius_that_cannot_be_read_is_said_and_the_usual_one_is_taken(world: World) -> None:
    response = world.phone.get("/runs?near=London&within=abc")
    page = results(words(response))
    assert "We couldn’t read the distance, so these are runs within about 50 km of London" in page
    assert "Thursday evening run" in page
    assert "calendar.ics" not in response.text, "a calendar of what could not be read is refused"


@pytest.mark.parametrize("typed", ["London tonight", "tonight, London", "London this evening!"])
def test_a_day_beside_the_place_becomes_the_day(world: World, typed: str) -> None:
    response = world.phone.get("/runs", query_string={"near": typed})
    assert response.headers["Location"] == "/runs?near=London&when=tonight"
    page = world.phone.get("/runs?near=London&when=tonight")
    assert '<option value="tonight" selected>' in page.text
    assert "No runs near London tonight, Monday 1 June." in words(page)


@pytest.mark.parametrize(
    "typed", ["London on Thursdays", "London, Thursday", "thursdays, London", "London this Thursday."]
)
def test_a_day_of_the_week_beside_the_place_becomes_the_filter(world: World, typed: str) -> None:
    response = world.phone.get("/runs", query_string={"near": typed})
    assert response.headers["Location"] == "/runs?near=London&day=TH"
    page = results(words(world.phone.get("/runs?near=London&day=TH")))
    assert page.index("Remove filter: Thursday") < page.index("Thursday 4 June")
    calendar = world.phone.get("/runs/calendar.ics", query_string={"near": typed})
    assert "Runs near London: Thursday" in calendar.text


@pytest.mark.parametrize("typed", ["Thursday Island", "Friday Harbor"])
def test_a_place_may_have_the_name_of_a_day(world: World, typed: str) -> None:
    page = world.phone.get("/runs", query_string={"near": typed})
    assert f"within about 50 km of {typed}," in words(page)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("walks near Southwark", "near=near+Southwark&kind=walk"),
        ("run-walk in Leeds", "near=in+Leeds&kind=run-walk"),
        ("runs near York tonight", "near=near+York&when=tonight"),
        ("running or walking in Leeds on Thursdays", "near=in+Leeds&day=TH"),
        ("Isle of Dogs walks", "near=Isle+of+Dogs&kind=walk"),
        ("wheelchair Leeds", "near=Leeds&with=wheelchair"),
        ("Leeds with my dog on Thursdays, please", "near=Leeds&with=dogs&day=TH"),
        ("Leeds tonight please", "near=Leeds&when=tonight"),
        ("Women\u2019s walks, Leeds, Thursday and Friday", "near=Leeds&for=women&kind=walk&day=TH&day=FR"),
        ("LGBTQ+ Manchester", "near=Manchester&for=lgbtq"),
        ("over 60s Leeds", "near=Leeds&for=over-60"),
        ("within 5 miles of Leeds", "near=Leeds&within=5&unit=mi"),
        ("Leeds within 5 miles", "near=Leeds&within=5&unit=mi"),
        ("SE1 walks", "near=SE1&kind=walk"),
        ("a walk, York", "near=York&kind=walk"),
        ("York (walks)", "near=York&kind=walk"),
        ("I would like to walk in York with my dog", "near=in+York&kind=walk&with=dogs"),
    ],
)
def test_a_wish_beside_the_place_becomes_the_filter(world: World, typed: str, address: str) -> None:
    response = world.phone.get("/runs", query_string={"near": typed})
    assert response.headers["Location"] == f"/runs?{address}"
    assert "We don\u2019t know what" not in words(world.phone.get(f"/runs?{address}"))


@pytest.mark.parametrize("typed", ["run near York", "jogging in York", "York running or walking"])
def test_a_run_may_be_a_walk_here(world: World, typed: str) -> None:
    page = world.phone.get("/runs", query_string={"near": typed})
    assert "within about 50 km of York," in words(page)
    assert "Remove filter" not in page.text
    assert "We don\u2019t know what" not in words(page)


@pytest.mark.parametrize("typed", ["Bull Run", "Isle of Dogs", "Runcorn", "Walkden", "West Ham"])
def test_a_place_may_have_the_name_of_a_wish(world: World, typed: str) -> None:
    page = words(world.phone.get("/runs", query_string={"near": typed}))
    assert f"within about 50 km of {typed}," in page
    assert "We don\u2019t know what" not in page


@pytest.mark.parametrize("typed", ["North, South Carolina", "West", "Night"])
def test_a_word_that_was_read_as_a_name_is_not_left_out(world: World, typed: str) -> None:
    page = words(world.phone.get("/runs", query_string={"near": typed}))
    assert "Runs within" in page
    assert "We don\u2019t know what" not in page


@pytest.mark.parametrize("typed", ["run", "Running", "walk and run", "Run Talk Run", "runs for us"])
def test_a_run_alone_is_no_place(world: World, typed: str) -> None:
    page = words(world.phone.get("/runs", query_string={"near": typed}))
    assert "Where would you like to run?" in page
    assert "Runs within" not in page


def test_a_name_that_begins_inside_a_wish_stays_whole(world: World) -> None:
    response = world.phone.get("/runs", query_string={"near": "run on Thursday Island"})
    assert (response.status_code, "Remove filter" in response.text) == (200, False)


@pytest.mark.parametrize("typed", ["Ladies\u2019 Mile", "Dog Kennel Lane", "Xqzzwalk"])
def test_a_name_that_we_do_not_know_is_no_wish(world: World, typed: str) -> None:
    response = world.phone.get("/runs", query_string={"near": typed})
    assert (response.status_code, "Remove filter" in response.text) == (200, False)


@pytest.mark.parametrize(
    ("typed", "address", "left_out"),
    [
        ("Leeds Thursday evening", "near=Leeds+evening&day=TH", "evening"),
        ("Leeds 5k run", "", "5k"),
        ("20 minutes from Leeds", "", "20 minutes"),
        ("South London", "", "South"),
        ("Leeds for beginners", "", "beginners"),
        ("Cheyne Walk, London", "", "Cheyne Walk"),
    ],
)
def test_what_the_search_cannot_do_beside_the_place_is_said(
    world: World, typed: str, address: str, left_out: str
) -> None:
    response = world.phone.get("/runs", query_string={"near": typed})
    assert response.headers.get("Location", "/runs?") == f"/runs?{address}"
    page = words(world.phone.get(f"/runs?{address}") if address else response)
    assert f"We don\u2019t know what \u201c{left_out}\u201d means, so we searched for" in page


def test_a_namesake_that_was_chosen_keeps_its_county(world: World) -> None:
    island = next(one for one in lookup.resolve("Newport", "GB").every if one.where == "Isle of Wight")
    page = words(world.phone.get(f"/runs?near=Newport&place={island.id}"))
    assert "of Newport (Isle of Wight), England, United Kingdom" in page


def test_words_beside_the_place_count_before_a_day_that_was_chosen_earlier(world: World) -> None:
    response = world.phone.get("/runs?near=Leeds+tonight&when=days&from=2026-06-02&kind=walk")
    assert response.headers["Location"] == "/runs?near=Leeds&kind=walk&when=tonight"


def test_a_day_of_the_week_alone_asks_where(world: World) -> None:
    assert "Where would you like to run?" in words(world.phone.get("/runs?near=on+Thursday"))


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
