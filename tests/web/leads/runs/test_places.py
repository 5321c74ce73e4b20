"""Where a run meets: numbers, a place by its name, a postcode, and how good the pin is."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from node.models import Chapter, Run
from node.places import gazetteer, lookup

from ....support.network import LocalNode, a_run
from ....support.web_client import Phone, words
from ..test_runs import COARSE, TYPED, announced


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


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
