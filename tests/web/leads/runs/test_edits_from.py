"""A change of a run from a date on: which dates stay, and which changes are refused."""

from datetime import UTC, date, datetime

import pytest

from node.chapter import listing
from node.models import Run, RunDate

from ....support.network import LocalNode, a_run
from ....support.web_client import Phone, words
from ..test_runs import TYPED


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def edit(phone: Phone, run: Run, **changes: str) -> str:
    return words(phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | changes, follow_redirects=True))


def test_what_has_begun_stays_as_it_was(london: LocalNode, run: Run, phone: Phone) -> None:
    phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/confirm")
    london.clock.now = datetime(2026, 6, 4, 17, 45, tzinfo=UTC)
    edit(phone, run, starts_at="18:00")
    board = words(phone.get("/lead"))
    assert ", 18:30 Thursday evening run ✓ A lead will be there" in board
    assert "✕ Cancelled" not in board
    assert "11 June, 18:00" in board


def test_what_comes_before_the_date_that_was_asked_for_stays(run: Run, phone: Phone) -> None:
    assert "From which date?" in words(phone.get(f"/lead/runs/{run.id}/edit"))
    phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/confirm")
    edit(phone, run, starts_at="19:00", from_day="2026-06-18")
    board = words(phone.get("/lead"))
    assert "Thursday 4 June, 18:30 Thursday evening run ✓ A lead will be there" in board
    assert "Thursday 11 June, 18:30" in board
    assert "Thursday 18 June, 19:00" in board


def test_a_gap_that_comes_before_the_change_is_not_taken_out_without_a_word(run: Run, phone: Phone) -> None:
    said = "This change starts on Thursday 18 June, so it can’t bring back the run on Thursday 11 June."
    assert said not in edit(phone, run, exdates="11 June 2026")
    assert said not in edit(phone, run, exdates="11 June 2026", starts_at="19:00", from_day="2026-06-18")
    page = edit(phone, run, exdates="", starts_at="19:00", from_day="2026-06-18")
    assert said in page
    assert "Thursday 11 June, 19:00" in edit(phone, run, exdates="", starts_at="19:00", from_day="2026-06-04")


def test_an_earlier_first_date_of_the_same_rule_moves_nothing_and_keeps_the_promise(run: Run, phone: Phone) -> None:
    edit(phone, run)
    phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/confirm")
    page = edit(phone, run, starts_on="2020-01-09")
    assert "Time or place changed" not in page
    assert "Thursday 4 June, 18:30 Thursday evening run ✓ A lead will be there" in page


@pytest.mark.parametrize(
    "changes",
    [{"repeats": "once", "starts_on": "2020-01-07"}, {"starts_on": "2020-01-09", "until": "2020-02-09"}],
)
def test_a_run_without_a_date_to_come_is_refused_in_words(phone: Phone, changes: dict[str, str]) -> None:
    response = phone.post("/lead/runs/new", data=TYPED | changes)
    assert response.status_code == 422
    assert "This run has no upcoming dates." in words(response)


OLD = {"address": "Fish Street Hill, London EC3R", "point": "51.5101, -0.0860"}
OLD |= {"directions": "At the foot of the column, by the steps."}


@pytest.mark.parametrize(
    ("new", "left"),
    [
        ({}, "the address, how to find it and the numbers on the map"),
        ({"address": "Surrey Quays Road", "directions": "By the pond."}, "the numbers on the map"),
        ({"address": "Surrey Quays Road"}, "how to find it and the numbers on the map"),
        ({"point": "51.4980, -0.0497", "directions": ""}, "the address"),
    ],
)
def test_whatever_is_left_of_the_old_place_is_asked_about(
    run: Run, phone: Phone, new: dict[str, str], left: str
) -> None:
    moved = {"starts_on": "2026-06-04", "starts_at": "18:30", "note": ""} | OLD | {"point_name": "Canada Water"} | new
    asked = phone.tap(f"/lead/runs/{run.id}/dates/2026-06-04/move", data=moved)
    assert asked.status_code == 422
    assert f"Still the same as for the old meeting point: {left}." in words(asked)
    edited = phone.tap(f"/lead/runs/{run.id}/edit", data=TYPED | OLD | {"point_name": "Canada Water"} | new)
    assert f"Still the same as for the old meeting point: {left}." in words(edited)


def test_buses_and_parking_of_the_old_place_are_asked_about_too(london: LocalNode, phone: Phone) -> None:
    ways = {"public_transport": "Bank station.", "parking": "Bike racks.", "landmark": "The Tower"}
    ways |= {"landmark_direction": "west"}
    run = london.announce(a_run(**ways, landmark_distance_m=300))
    elsewhere = TYPED | ways | {"landmark_distance": "300", "parking": "None."}
    elsewhere |= {"point_name": "Canada Water", "point": "51.4980, -0.0497"}
    asked = phone.tap(f"/lead/runs/{run.id}/edit", data=elsewhere)
    assert "Still the same as for the old meeting point: public transport and what it’s near." in words(asked)
    done = phone.tap(f"/lead/runs/{run.id}/edit", data=elsewhere | {"same_place": "y"})
    assert done.status_code == 303


def test_a_date_that_moves_takes_buses_and_parking_along_only_to_the_same_place(
    london: LocalNode, phone: Phone
) -> None:
    run = london.announce(a_run(public_transport="Bank station.", parking="Bike racks."))
    at = f"/lead/runs/{run.id}/dates/2026-06-04/move"
    later = {"starts_on": "2026-06-04", "starts_at": "19:30", "note": "", "point_name": "The Monument"} | OLD
    phone.tap(at, data=later)
    with london.session() as session:
        assert session.get_one(RunDate, (run.id, date(2026, 6, 4))).point is None
    there = {"point_name": "Canada Water", "point": "51.4980, -0.0497", "address": "", "directions": "By the pond."}
    phone.tap(at, data=later | there)
    with london.session() as session:
        point = listing.read_point(session.get_one(RunDate, (run.id, date(2026, 6, 4))).point)
    assert point is not None
    assert (point.name, point.public_transport, point.parking) == ("Canada Water", "", "")


def test_a_new_name_with_the_old_pin_is_asked_about(run: Run, phone: Phone) -> None:
    at = f"/lead/runs/{run.id}/dates/2026-06-04/move"
    form = {
        "starts_on": "2026-06-04",
        "starts_at": "18:30",
        "point_name": "Railway station, main entrance",
        "address": "Fish Street Hill, London EC3R",
        "directions": "At the foot of the column, by the steps.",
        "point": "51.5101, -0.0860",
        "note": "",
    }
    asked = phone.tap(at, data=form)
    assert asked.status_code == 422
    assert "Still the same as for the old meeting point" in words(asked)
    done = phone.tap(at, data=form | {"same_place": "y"}, follow_redirects=True)
    assert "Moved. Please confirm this date again." in words(done)


def test_after_a_move_the_notice_has_the_button_that_promises_it(run: Run, phone: Phone) -> None:
    at = f"/lead/runs/{run.id}/dates/2026-06-04/move"
    form = {"starts_on": "2026-06-04", "starts_at": "19:30", "point_name": "The Monument", "point": "51.5101, -0.0860"}
    form |= {"address": "Fish Street Hill, London EC3R", "directions": "At the foot of the column, by the steps."}
    assert "I\u2019ll be there at 19:30" in words(phone.tap(at, data=form, follow_redirects=True))
