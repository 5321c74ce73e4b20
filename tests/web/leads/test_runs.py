"""A lead's board and forms."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from node.chapter import leads, runs
from node.directory import chapters, parsed
from node.models import Chapter, HeldDocument, Run
from node.places import gazetteer, lookup

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, hidden, words

TYPED: dict[str, Any] = {
    "name": "Thursday evening run",
    "kind": "run-walk",
    "repeats": "weekly",
    "starts_on": "2026-06-04",
    "starts_at": "18:30",
    "timezone": "Europe/London",
    "arrive_minutes_before": "10",
    "duration_minutes": "60",
    "distance": "5",
    "point_name": "The Monument",
    "address": "Fish Street Hill",
    "directions": "At the foot of the column.",
    "point": "51.5101, -0.0860",
    "look_for": "an orange cap",
    "what_happens": "We run and talk.",
    "bring": "Water",
    "lead_id": "",
}


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


#: The point of Peterborough, as the button of that place sends it.
COARSE = "52.5736, -0.2478 ±4040 m"


def announced(node: LocalNode) -> list[Run]:
    with node.session() as session:
        found = runs.all_runs(session)
        session.expunge_all()
        return found


def test_an_empty_form_comes_in_the_chapters_zone(phone: Phone) -> None:
    response = phone.get("/lead/runs/new")
    assert 'name="timezone" type="text" value="Europe/London"' in response.text
    assert re.search(r'name="form_id" type="hidden" value="[\w-]{16,}"', response.text)


def test_a_run_is_announced_and_stands_on_the_chapters_page(london: LocalNode, phone: Phone) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {"form_id": "once"}, follow_redirects=True)
    assert "This site shows it, but no other site does yet." in words(response)
    run = announced(london)[0]
    assert (run.lat_e4, run.lon_e4, run.distance_m, run.starts_on) == (515101, -860, 5000, date(2026, 6, 4))
    assert "Thursday 4 June, 18:30" in words(phone.get("/"))


def test_a_run_needs_no_distance(london: LocalNode, phone: Phone) -> None:
    assert phone.post("/lead/runs/new", data=TYPED | {"distance": ""}).status_code == 303
    assert announced(london)[0].distance_m is None


def test_a_double_tap_announces_one_run(london: LocalNode, phone: Phone) -> None:
    for _ in range(2):
        assert phone.post("/lead/runs/new", data=TYPED | {"form_id": "once"}).status_code == 303
    assert len(announced(london)) == 1


@pytest.mark.parametrize(
    ("field", "typed", "say"),
    [
        ("name", "", "Please fill this in."),
        ("name", "x" * 81, "up to 80 characters"),
        ("name", "Call me: 07700 900123", "“07700 900123” looks like a phone number. Please leave it out"),
        ("starts_on", "", "Enter a date"),
        ("starts_on", "first Thursday", "Enter a date, for example 4 June 2026."),
        ("starts_on", "0001-01-04", "from 2017 to 2099"),
        ("starts_at", "half six", "Enter a time, for example 18:30."),
        ("timezone", "Europe/Southwark", "We don’t know this time zone"),
        ("timezone", "../../etc/passwd", "We don’t know this time zone"),
        ("arrive_minutes_before", "200", "between 0 and 120"),
        ("duration_minutes", "an hour", "Enter a whole number."),
        ("duration_minutes", "2", "between 5 and 600"),
        ("distance", "five", "Enter a distance, for example 5 km or 3 miles."),
        ("distance", "1e999999999", "Enter a distance"),
        ("distance", "NaN", "Enter a distance"),
        ("distance", "-1", "Enter a distance"),
        ("distance", "51", "Enter a distance up to 50 km"),
        ("distance", "40 miles", "Enter a distance up to 50 km"),
        ("point_name", "", "Please fill this in."),
        ("point", "", "Enter two numbers"),
        ("point", "91.5, 0.1", "isn’t a place on Earth"),
        ("point", "0, 0", "0, 0 is a spot in the sea"),
        ("point", "https://maps.app.goo.gl/AbC", "That link has no numbers in it"),
        ("directions", "See www.example.org", "“www.example.org” looks like a web address"),
        ("what_happens", "x" * 1001, "up to 1000 characters"),
        ("look_for", "sam@example.org", "“sam@example.org” looks like an email address"),
        ("lead_id", "99", "Choose one from the list."),
        ("kind", "sprint", "Choose one from the list."),
    ],
)
def test_a_field_that_cannot_be_kept_says_so_and_keeps_everything_typed(
    london: LocalNode, phone: Phone, field: str, typed: str, say: str
) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {"form_id": "once", field: typed})
    assert response.status_code == 422
    page = words(response)
    assert "Everything you typed is still here" in page
    assert page.count(say) >= 2, "in the summary and at the field"
    assert f'href="#{field}"' in response.text
    assert f'id="{field}-wrong"' in response.text
    kept = {**TYPED, field: typed}
    for name in ("name", "point_name", "directions", "what_happens", "bring", "starts_on", "distance"):
        assert kept[name] in response.text, name
    assert 'name="form_id" type="hidden" value="once"' in response.text
    assert announced(london) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("At the\tcolumn", "At the column"),
        ("At \u200ethe\u202a column\u202c\u2069", "At the column"),
        ("At the\r\ncolumn\u2028by the steps\x0bin the shade\r", "At the\ncolumn\nby the steps\nin the shade"),
        ("\ufeffAt the \u2060co\u00adlumn\x00\u200b", "At the column"),
        *((kept, kept) for kept in ("\u0627\u0644\u0646\u0635\u0628", "\U0001f468\u200d\U0001f469")),
    ],
)
def test_what_is_pasted_along_unseen_refuses_no_form(london: LocalNode, phone: Phone, typed: str, kept: str) -> None:
    assert phone.post("/lead/runs/new", data=TYPED | {"directions": typed}).status_code == 303
    assert announced(london)[0].directions == kept


@pytest.mark.parametrize("words", ["Usually 18.30 - 19.30", "Back on 2026-07-02", "Buses 17 21 35 43 47"])
def test_times_dates_and_buses_are_kept(london: LocalNode, phone: Phone, words: str) -> None:
    assert phone.post("/lead/runs/new", data=TYPED | {"directions": words}).status_code == 303
    assert announced(london)[0].directions == words


def test_a_name_of_nothing_that_can_be_seen_is_no_name(phone: Phone) -> None:
    assert "Please fill this in." in words(phone.post("/lead/runs/new", data=TYPED | {"name": "\u200b\u2060 \t"}))


def test_every_problem_is_said_at_once(phone: Phone) -> None:
    page = words(phone.post("/lead/runs/new", data={"form_id": "once", "look_for": "sam@example.org"}))
    for say in ("Please fill this in.", "Enter a date", "Enter two numbers", "like an email address"):
        assert say in page


def test_the_nodes_checks_come_in_the_same_round_as_the_forms_own(phone: Phone) -> None:
    wrong = {"starts_on": "", "timezone": "Europe/Southwark", "duration_minutes": "2", "point": "91.5, 0.1"}
    page = words(phone.post("/lead/runs/new", data=TYPED | wrong))
    for say in ("Enter a date", "We don’t know this time zone", "between 5 and 600", "isn’t a place on Earth"):
        assert say in page, say


def test_a_profiles_problems_are_said_at_once(phone: Phone) -> None:
    page = words(phone.post("/lead/profile", data=PROFILE | {"name": "", "country": "XX", "timezone": "London"}))
    for say in ("Please fill this in.", "We don’t know this country", "We don’t know this time zone"):
        assert say in page, say


def test_a_wrong_field_is_joined_to_its_words(phone: Phone) -> None:
    page = phone.post("/lead/runs/new", data=TYPED | {"name": ""}).text
    tag = re.search(r"<input[^>]*id=\"name\"[^>]*>", page)
    assert tag
    assert 'aria-describedby="name-hint name-wrong"' in tag[0]
    assert 'aria-invalid="true"' in tag[0]


@pytest.mark.parametrize(
    "pasted",
    ["51.5101\u00b0 N, 0.0860\u00b0 W", "https://www.openstreetmap.org/?mlat=51.5101&mlon=-0.0860#map=18/51/0"],
)
def test_a_point_is_kept_as_maps_copy_it(london: LocalNode, phone: Phone, pasted: str) -> None:
    assert phone.post("/lead/runs/new", data=TYPED | {"point": pasted}).status_code == 303
    assert (announced(london)[0].lat_e4, announced(london)[0].lon_e4) == (515101, -860)


def test_a_place_is_found_by_its_name_and_the_rest_stays(london: LocalNode, phone: Phone) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {"point": "Peterborough", "find": "1", "form_id": "once"})
    assert response.status_code == 200
    assert "Peterborough, Ontario, Canada" in words(response)
    assert "We run and talk." in response.text
    point = re.search(r'name="use" value="([^"]+)"[^>]*>Peterborough, England', response.text)
    assert point
    chosen = phone.post("/lead/runs/new", data=TYPED | {"point": "Peterborough", "use": point[1], "form_id": "once"})
    assert f'name="point" type="text" value="{point[1]}"' in chosen.text
    assert announced(london) == []


@pytest.mark.parametrize(
    ("typed", "label"),
    [("PE1 1", "PE1 1, Peterborough, England"), ("4101", "4101, South Brisbane, Queensland"), ("KW1 4YR", "KW1 4, ")],
)
def test_a_place_is_found_by_its_postcode_and_says_how_good_it_is(phone: Phone, typed: str, label: str) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {"point": typed, "find": "1", "form_id": "once"})
    assert re.search(
        rf'name="use" value="-?\d+\.\d+, -?\d+\.\d+ ±\d+ m"[^>]*>{label}[^<]*\(to within about \d+ km\)', response.text
    )


def test_a_full_postcode_is_the_point_of_its_door(london: LocalNode, phone: Phone) -> None:
    found = phone.post("/lead/runs/new", data=TYPED | {"point": "pe1 1xs", "find": "1", "form_id": "once"})
    assert 'name="point" type="text" value="52.5731, -0.2416 ±40 m"' in found.text
    assert "They’re right to within about 40 m." in words(found)
    assert "Nothing has been saved yet" in words(found)
    assert announced(london) == []
    phone.post("/lead/runs/new", data=TYPED | {"point": "pe1 1xs", "form_id": "once"})
    (run,) = announced(london)
    assert (run.lat_e4, run.lon_e4, run.precision_m) == (525_731, -2_416, 40)


@pytest.mark.parametrize("typed", ["pe1 1xs", "KW1 4YR", "Peterborough"])
def test_what_was_typed_for_a_place_is_looked_up_once(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    asked: list[str] = []
    resolve = lookup.resolve
    monkeypatch.setattr(lookup, "resolve", lambda text, home: asked.append(text) or resolve(text, home))
    phone.post("/lead/runs/new", data=TYPED | {"point": typed, "find": "1", "form_id": "once"})
    assert asked == [typed]


def test_words_beside_a_postcode_are_not_lost(london: LocalNode, phone: Phone) -> None:
    page = phone.post("/lead/runs/new", data=TYPED | {"point": "PE1 1XS park gate", "form_id": "once"})
    assert page.status_code == 422
    assert "PE1 1XS park gate" in page.text
    assert announced(london) == []


def test_even_the_numbers_of_a_country_can_be_chosen(phone: Phone) -> None:
    found = phone.post("/lead/runs/new", data=TYPED | {"point": "Canada", "find": "1", "form_id": "once"})
    value = re.search(r'name="use" value="([^"]+)"', found.text)
    assert value
    chosen = phone.post("/lead/runs/new", data=TYPED | {"use": value[1], "form_id": "once"})
    assert "These numbers are only right to within about" in words(chosen)
    assert "Nothing has been saved yet" in words(chosen)


def test_a_town_is_only_good_to_some_kilometres_and_the_form_says_so(phone: Phone) -> None:
    page = words(phone.post("/lead/runs/new", data=TYPED | {"use": COARSE, "form_id": "once"}))
    assert "only right to within about 4 km" in page
    assert "people won’t see a pin on a map" in page
    assert "type a full postcode" in page
    assert "delete “±”" in page


def test_where_no_pin_leads_words_must(london: LocalNode, phone: Phone) -> None:
    lost = phone.post("/lead/runs/new", data=TYPED | {"point": COARSE, "directions": " ", "form_id": "once"})
    assert lost.status_code == 422
    assert "Please say here where to wait." in words(lost)
    phone.post("/lead/runs/new", data=TYPED | {"point": COARSE, "form_id": "once"})
    (run,) = announced(london)
    assert run.precision_m == 4_040
    assert "only right to within about 4 km" in words(phone.get(f"/lead/runs/{run.id}/edit"))


def test_without_a_gazetteer_numbers_are_kept_and_nothing_typed_is_lost(
    london: LocalNode, phone: Phone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gazetteer, "GAZETTEER", tmp_path / "none.sqlite")
    for pressed in ({}, {"find": "1"}):
        refused = phone.post("/lead/runs/new", data=TYPED | {"point": "PE1 1XS", "form_id": "once"} | pressed)
        assert "can’t look up names and postcodes at the moment" in words(refused)
        assert 'value="PE1 1XS"' in refused.text
        assert "At the foot of the column." in refused.text
    assert announced(london) == []
    phone.post("/lead/runs/new", data=TYPED | {"point": COARSE, "form_id": "once"})
    assert len(announced(london)) == 1


def page_of(london: LocalNode, phone: Phone, run: Run) -> Any:
    with london.session() as session:
        chapter = session.scalars(select(Chapter.id)).one()
    return phone.get(f"/runs/{chapter}/{run.id}")


def test_a_coarse_point_has_no_pin_on_the_page_of_its_run_but_is_found(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | {"point": COARSE, "form_id": "once"})
    page = page_of(london, phone, announced(london)[0])
    assert "There’s no map pin here, because it wouldn’t be exact enough." in words(page)
    assert "At the foot of the column." in words(page)
    for pin in ("geo:", "openstreetmap.org", "maps.apple.com", "52.5736"):
        assert pin not in page.text
    assert "Thursday evening run" in words(phone.get("/runs?near=Peterborough,+England&within=5"))


@pytest.mark.parametrize("point", ["52.5731, -0.2416 ±40 m", "51.5101, -0.0860", "51.510, -0.086"])
def test_an_exact_point_has_its_pin(london: LocalNode, phone: Phone, point: str) -> None:
    phone.post("/lead/runs/new", data=TYPED | {"point": point, "form_id": "once"})
    page = page_of(london, phone, announced(london)[0]).text
    assert "geo:" in page
    assert "There’s no map pin" not in page


@pytest.mark.parametrize("metres", [None, 40, 4_040])
def test_a_change_of_other_things_leaves_the_point_as_exact_as_it_was(
    london: LocalNode, phone: Phone, metres: int | None
) -> None:
    """Nobody has said how exact the point of an older run is. The form makes nothing up."""
    run = london.announce(a_run(precision_m=metres))
    page = phone.get(f"/lead/runs/{run.id}/edit").text
    point = re.search(r'name="point" type="text" value="([^"]+)"', page)
    assert point
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"bring": "A scarf", "point": point[1]})
    (row,) = announced(london)
    assert (row.bring, row.precision_m) == ("A scarf", metres)


def test_a_name_where_numbers_belong_offers_the_places_of_that_name(phone: Phone) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {"point": "Peterborough"})
    assert response.status_code == 422
    assert "Peterborough, England, United Kingdom" in words(response)


def test_enter_in_a_field_saves_as_the_first_button_of_the_form_does(phone: Phone) -> None:
    page = phone.get("/lead/runs/new").text
    buttons = re.findall(r"<button[^>]*>", page[page.index('name="form_id"') :])
    assert "name=" not in buttons[0]
    assert 'name="find"' in buttons[1]
    assert 'formaction="/lead/runs/new#point"' in buttons[1]


@pytest.mark.parametrize("pressed", [{"find": "1"}, {"use": "52.5736, -0.2478"}, {"point": "London", "find": "1"}])
def test_looking_for_a_place_never_saves(london: LocalNode, phone: Phone, pressed: dict[str, str]) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | pressed)
    assert response.status_code == 200
    assert "We run and talk." in response.text
    assert announced(london) == []


def test_who_taps_find_with_numbers_there_reads_that_nothing_is_saved_yet(phone: Phone) -> None:
    assert "Nothing has been saved yet" in words(phone.post("/lead/runs/new", data=TYPED | {"find": "1"}))
    assert "Nothing has been saved yet" not in words(phone.get("/lead/runs/new"))


def test_an_unknown_place_name_says_so(phone: Phone) -> None:
    page = words(phone.post("/lead/runs/new", data=TYPED | {"point": "Xqzzberg", "find": "1"}))
    assert "We couldn’t find a place with that name" in page


def test_the_form_of_a_run_shows_it_as_it_stands(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run(lead_id=phone.lead.id))
    page = phone.get(f"/lead/runs/{run.id}/edit").text
    assert 'value="51.5101, -0.0860"' in page
    assert 'value="2026-06-04"' in page
    assert 'value="18:30"' in page
    assert re.search(r'name="distance"[^>]*value="5 km"', page)
    assert f'<option selected value="{phone.lead.id}">Sam</option>' in page


def test_a_change_is_kept_and_shown(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    data = TYPED | {"address": run.address, "name": "Calm run"}
    response = phone.tap(f"/lead/runs/{run.id}/edit", data=data, follow_redirects=True)
    assert "Saved. This site shows it, but no other site does yet." in words(response)
    assert "Calm run" in words(phone.get("/"))


def test_a_new_time_asks_for_the_coming_dates_to_be_confirmed_again(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    phone.post(f"/lead/runs/{run.id}/dates/2026-06-04/confirm")
    response = phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"starts_at": "19:15"}, follow_redirects=True)
    assert "The dates in the next 14 days are marked as moved" in words(response)
    home = words(phone.get("/"))
    order = ["Thursday 4 June, 19:15 ○ Not confirmed yet", "→ Moved to 19:15"]
    assert home.index(order[0]) < home.index(order[1])


def test_a_change_that_cannot_be_kept_stays_on_the_page(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    response = phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"name": "", "bring": "A torch"})
    assert response.status_code == 422
    assert "A torch" in response.text
    assert announced(london)[0].name == "Thursday evening run"


def test_withdrawing_asks_first_and_then_ends_the_run_in_sight(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    assert "say that they’re cancelled" in words(phone.get(f"/lead/runs/{run.id}/withdraw"))
    assert len(announced(london)) == 1
    response = phone.post(f"/lead/runs/{run.id}/withdraw", follow_redirects=True)
    assert "The run has ended" in words(response)
    assert announced(london) == []
    assert "Thursday 4 June, 18:30 ✕ Cancelled" in words(phone.get("/"))


def test_a_withdrawal_is_taken_back_on_the_board(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    phone.post(f"/lead/runs/{run.id}/withdraw")
    assert "Bring it back" in words(phone.get("/lead"))
    response = phone.tap(f"/lead/runs/{run.id}/reinstate", follow_redirects=True)
    assert "The run is back" in words(response)
    assert [one.id for one in announced(london)] == [run.id]


def test_a_change_of_the_series_is_undone_on_the_board(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"starts_at": "19:15"})
    london.clock.tick(minutes=12)
    board = phone.get("/lead")
    assert "Changed 12 minutes ago. Undo this change : Thursday evening run" in words(board)
    undo = f"/lead/runs/{run.id}/undo"
    responses = [phone.post(undo, data=hidden(board.text, undo), follow_redirects=True) for _ in range(2)]
    for response in responses:
        assert "The run is as it was before" in words(response)
        assert "Undo this change" not in words(response)
    assert announced(london)[0].starts_at.isoformat() == "18:30:00"


def test_an_old_board_undoes_no_change_that_came_after_it(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    undo = f"/lead/runs/{run.id}/undo"
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"starts_at": "19:15"})
    old = hidden(phone.get("/lead").text, undo)
    london.clock.tick(minutes=1)
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"starts_at": "19:45"})
    for sent in (old, {"edited_at": "yesterday"}, {}):
        response = phone.post(undo, data=sent, follow_redirects=True)
        assert "Someone else has just changed this. This is how it looks now." in words(response)
    assert announced(london)[0].starts_at.isoformat() == "19:45:00"


def test_a_change_of_a_series_and_its_undo_stand_on_another_nodes_page(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle()
    phone, reader = Phone(london).sign_in(), Phone(brisbane)
    page, undo = f"/runs/{london.chapter_id}/{run.id}", f"/lead/runs/{run.id}/undo"
    phone.tap(
        f"/lead/runs/{run.id}/edit",
        data=TYPED | {"starts_on": "2026-06-05", "point_name": "Tower Hill", "point": "51.5098, -0.0766"},
    )
    federation.relay(london)
    told = words(reader.get(page))
    assert "Friday 5 June, 18:30 London time ○ Not confirmed yet" in told
    assert "→ Moved to 18:30 Moved from Thursday 4 June." in told
    assert "New meeting point: Tower Hill." in told
    assert "This is the next one" not in words(reader.get(f"{page}?date=2026-06-04"))
    phone.post(undo, data=hidden(phone.get("/lead").text, undo))
    federation.relay(london)
    assert words(reader.get(page)).index("Thursday 4 June, 18:30") < 60


def test_a_withdrawn_run_is_cancelled_on_another_node_until_that_is_taken_back(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle()
    phone, page = Phone(london).sign_in(), f"/runs/{london.chapter_id}/{run.id}"
    assert "The run has ended" in words(phone.post(f"/lead/runs/{run.id}/withdraw", follow_redirects=True))
    federation.relay(london)
    assert "✕ Cancelled" in words(Phone(brisbane).get(page))
    for _ in range(2):
        response = phone.tap(f"/lead/runs/{run.id}/reinstate", follow_redirects=True)
        assert "The run is back" in words(response)
    federation.relay(london)
    told = words(Phone(brisbane).get(page))
    assert "Not confirmed yet" in told
    assert "Cancelled" not in told


def test_the_form_asks_first_for_what_must_be_said(phone: Phone) -> None:
    page = phone.get("/lead/runs/new").text
    first, rest = page.split('<details class="more">', 1)
    named = re.compile(r'(?:input|textarea|select)[^>]* name="(\w+)"')
    assert list(dict.fromkeys(named.findall(first))) == [
        *("form_id", "name", "kind", "starts_on", "starts_at", "repeats"),
        *("point_name", "address", "directions", "point", "look_for", "facilities"),
    ]
    assert re.findall(r'name="facilities"[^>]* value="([\w-]+)"', first) == ["toilets", "water", "step-free", "lit"]
    behind = set(named.findall(rest.partition("</details>")[0]))
    assert {"until", "exdates", "facilities", "audience", "photos", "languages", "what_happens"} <= behind


def test_more_about_a_run_opens_where_something_was_said_in_it(london: LocalNode, phone: Phone) -> None:
    plain, told = london.announce(a_run(distance_m=None, facilities=("lit",))), london.announce(a_run(photos="none"))
    assert '<details class="more">' in phone.get(f"/lead/runs/{plain.id}/edit").text
    assert '<details class="more" open>' in phone.get(f"/lead/runs/{told.id}/edit").text


MORE: dict[str, Any] = {
    "repeats": "fortnightly",
    "until": "2026-12-31",
    "exdates": "2026-06-18, 2026-07-02",
    "facilities": ["toilets", "lit"],
    "accessibility": "A ramp on the left.",
    "audience": "women",
    "minimum_age": "16",
    "younger_accompanied": "y",
    "languages": "English, Welsh",
    "photos": "ask-first",
    "bank_holidays": "not-held",
    "costs": "y",
    "warming_up": "y",
}


WAYS: dict[str, Any] = {
    "public_transport": "Bank station, then five minutes.",
    "parking": "Bike racks by the steps.",
    "landmark": "Monument station",
    "landmark_distance_m": "240",
    "landmark_direction": "south",
}


def test_how_to_get_there_stands_on_the_runs_page_and_in_its_form(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | WAYS | {"facilities": ["toilets", "sign-language"]})
    (run,) = announced(london)
    with london.session() as session:
        page = words(phone.get(f"/runs/{chapters.own_id(session)}/{run.id}"))
    assert "At the foot of the column. 240 m south of Monument station" in page
    assert "Public transport Bank station, then five minutes. Parking Bike racks by the steps." in page
    assert "Toilets Someone who knows sign language" in page
    before, form = runs.input_of(run), phone.get(f"/lead/runs/{run.id}/edit").text
    assert '<option selected value="south">' in form
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | WAYS | {"facilities": ["toilets", "sign-language"]})
    assert runs.input_of(announced(london)[0]) == before


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("landmark", "", "Something nearby that’s easy to find: Please fill this in."),
        ("landmark_distance_m", "", "How far from there, in metres: Enter a whole number."),
        ("landmark_direction", "", "Which way from there: Choose one from the list."),
        ("landmark_distance_m", "0", "This has to be between 1 and 5000."),
        ("landmark_distance_m", "far", "Enter a whole number."),
        ("landmark_direction", "up", "Choose one from the list."),
        ("public_transport", "x" * 301, "It can be up to 300 characters"),
        ("parking", "Ask 07700 900123", "looks like a phone number"),
    ],
)
def test_a_way_that_cannot_be_kept_says_so_and_stays(
    london: LocalNode, phone: Phone, field: str, typed: str, said: str
) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | WAYS | {field: typed})
    assert response.status_code == 422
    assert said in words(response)
    assert "Bike racks by the steps." in response.text or field == "parking"
    assert announced(london) == []


def test_everything_that_can_be_said_stands_on_the_runs_page(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | MORE)
    (run,) = announced(london)
    with london.session() as session:
        chapter = chapters.own_id(session)
    page = words(phone.get(f"/runs/{chapter}/{run.id}"))
    for said in (
        "Every other Thursday, until 31 December 2026",
        "Who it’s for Women",
        "16 and over (under-16s with an adult)",
        "English, Welsh",
        "We’ll ask before taking any",
        "Bank holidays No run",
        "There’s a charge",
        "Toilets Lit route A ramp on the left.",
        "It might be just you and the lead",
    ):
        assert said in page
    assert "Thursday 18 June, 18:30 : Thursday evening run ∅ No run on this date" in page


def test_the_form_of_a_run_comes_back_with_everything_that_was_said(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | MORE)
    (run,) = announced(london)
    before = runs.input_of(run)
    page = phone.get(f"/lead/runs/{run.id}/edit").text
    sent = dict(re.findall(r'name="(\w+)"[^>]*type="(?:text|date|time|hidden)"[^>]*value="([^"]*)"', page))
    assert sent["languages"] == "English, Welsh"
    assert '<details class="more" open>' in page
    assert re.search(r'value="lit"[^>]*checked|checked[^>]*value="lit"', page)
    assert "Thursday 18 June 2026\nThursday 2 July 2026" in page
    phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | MORE)
    assert runs.input_of(announced(london)[0]) == before


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("exdates", "2026-06-18, Christmas, 31 June", "We couldn’t read “Christmas”, “31 June”"),
        (
            "exdates",
            "2026-06-18 2026-06-19 2027-06-04",
            "The run isn’t on then anyway: Friday 19 June, Friday 4 June 2027.",
        ),
        ("facilities", "sauna", "Choose one from the list."),
        ("photos", "always", "Choose one from the list."),
        ("languages", "English, Klingonese", "We don’t know the language “Klingonese”"),
        ("minimum_age", "100", "between 0 and 99"),
        ("until", "2026-06-01", "later than the first day"),
        ("until", "soon", "Enter a date"),
        ("audience", "athletes", "Choose one from the list."),
        ("accessibility", "Call 07700 900123", "looks like a phone number"),
    ],
)
def test_more_about_a_run_that_cannot_be_kept_says_so_and_stays(
    london: LocalNode, phone: Phone, field: str, typed: str, said: str
) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {field: typed})
    assert response.status_code == 422
    assert said in words(response)
    assert '<details class="more" open>' in response.text
    assert typed in response.text or field in ("audience", "facilities", "photos")
    assert announced(london) == []


def test_a_gap_that_was_kept_before_is_not_asked_about_again(london: LocalNode, phone: Phone) -> None:
    run, at = london.announce(a_run(exdates=(date(2026, 6, 18),))), "2026-06-10"
    gaps = {"exdates": "2026-06-18", "starts_on": at}
    assert phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | gaps).status_code == 303
    response = phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | gaps | {"exdates": "2026-06-18 2026-06-25"})
    assert response.status_code == 422
    assert "The run isn’t on then anyway: Thursday 25 June. Please" in words(response)


def test_the_last_weekday_of_a_month_must_be_the_last(phone: Phone) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | {"repeats": "monthly-last"})
    assert response.status_code == 422
    assert "comes once more" in words(response)


def test_withdrawing_twice_is_withdrawing_once(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    answers = [phone.post(f"/lead/runs/{run.id}/withdraw") for _ in range(2)]
    assert [answer.headers["Location"] for answer in answers] == ["/lead?done=withdrawn"] * 2


@pytest.mark.parametrize("verb", ["edit", "withdraw"])
def test_an_unknown_run_is_not_there(phone: Phone, verb: str) -> None:
    assert phone.get(f"/lead/runs/nothing/{verb}").status_code == 404
    assert phone.post(f"/lead/runs/nothing/{verb}", data=TYPED).status_code == 404


def test_a_board_without_runs_says_what_to_do(phone: Phone) -> None:
    response = phone.get("/lead")
    assert "Announce your weekly run once" in words(response)
    assert 'href="/lead/runs/new"' in response.text


def test_the_board_shows_the_run_that_is_next_first(london: LocalNode, phone: Phone) -> None:
    london.announce(a_run(name="Far run", starts_on=date(2026, 6, 7)))
    london.announce(a_run(name="Near run", starts_on=date(2026, 6, 2)))
    page = words(phone.get("/lead"))
    assert page.index("Near run") < page.index("Far run")


def test_a_restored_node_tells_its_lead_until_that_is_put_away(london: LocalNode, phone: Phone) -> None:
    with london.session() as session:
        session.get_one(Chapter, 1).taken_over_at = london.clock()
        session.commit()
    assert "newer list of its own runs" in words(phone.get("/lead"))
    assert "newer list" not in words(phone.tap("/lead/looked", follow_redirects=True))


def test_a_first_name_is_listed_only_after_its_own_yes(london: LocalNode, phone: Phone) -> None:
    london.announce(a_run(lead_id=phone.lead.id))

    def listed() -> str | None:
        with london.session() as session:
            document = parsed.document_of(session.get(HeldDocument, chapters.own_id(session)))
            assert document is not None
            return document.listings[0].lead_first_name

    assert listed() is None
    assert "Saved." in words(phone.post("/lead/me", data={"public_name": "yes"}, follow_redirects=True))
    assert listed() == "Sam"
    phone.post("/lead/me", data={"public_name": "no"})
    assert listed() is None


def test_a_name_is_each_leads_own(london: LocalNode, phone: Phone) -> None:
    kim = Phone(london).sign_in("Kim")
    kim.post("/lead/me", data={"public_name": "yes"})
    with london.session() as session:
        assert not leads.get(session, phone.lead.id).public_name


PROFILE = {"name": "London", "place": "London", "country": "gb", "timezone": "Europe/London", "about": "By the river."}


def test_the_profile_is_kept_and_shown(phone: Phone) -> None:
    response = phone.tap("/lead/profile", data=PROFILE, follow_redirects=True)
    assert "Saved. This site shows it" in words(response)
    assert "By the river." in words(phone.get("/"))


@pytest.mark.parametrize(
    ("field", "typed", "say"),
    [
        ("name", "", "Please fill this in."),
        ("place", "x" * 81, "up to 80 characters"),
        ("country", "Atlantis", "We don’t know this country"),
        ("timezone", "London", "We don’t know this time zone"),
        ("about", "write to sam@example.org", "looks like an email address"),
    ],
)
def test_a_profile_that_cannot_be_kept_keeps_what_was_typed(phone: Phone, field: str, typed: str, say: str) -> None:
    response = phone.post("/lead/profile", data=PROFILE | {"about": "By the canal.", field: typed})
    assert response.status_code == 422
    assert say in words(response)
    assert typed in response.text
    assert field == "about" or "By the canal." in response.text
    assert "By the canal." not in phone.get("/").text


def test_what_leads_type_is_shown_as_text(phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | {"name": "<b>bold</b>", "what_happens": "<script>alert(1)</script>"})
    assert "<b>bold" not in phone.get("/").text
    assert "<script>alert" not in phone.get("/").text


def test_no_run_is_made_by_looking(london: LocalNode, phone: Phone) -> None:
    phone.get("/lead/runs/new")
    with london.session() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_each_run_has_its_own_hours_for_asking_the_leads(london: LocalNode, phone: Phone) -> None:
    hours = {"cover_hours": "48", "warn_hours": "4"}
    assert phone.post("/lead/runs/new", data=TYPED | hours).status_code == 303
    with london.session() as session:
        (run,) = runs.all_runs(session)
        assert (run.cover_hours, run.warn_hours) == (48, 4)
    edit = f"/lead/runs/{run.id}/edit"
    assert 'value="48"' in phone.get(edit).text
    wrong = phone.tap(edit, data=TYPED | {"cover_hours": "4", "warn_hours": "4"})
    assert wrong.status_code == 422
    assert "Enter fewer hours than for the other leads" in words(wrong)
    assert "between 2 and 168" in words(phone.tap(edit, data=TYPED | {"cover_hours": "900"}))
    assert phone.tap(edit, data=TYPED | {"cover_hours": "", "warn_hours": ""}).status_code == 303
    with london.session() as session:
        (run,) = runs.all_runs(session)
        assert (run.cover_hours, run.warn_hours) == (24, 2)
