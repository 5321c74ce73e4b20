"""The nearest runs that are on, whatever their distance."""

from datetime import date, time
from typing import Any

import pytest

from node import search
from node.places.geometry import distance_m
from node.search import candidates
from node.search.query import Found, Query

from ...support.network import LocalNode, a_run
from ...support.taps import THURSDAY, cancel, confirm
from .test_search import BRISBANE, MONUMENT, PETERBOROUGH, days, look, names, set_status


def near(node: LocalNode, limit: int = 5, **query: Any) -> list[Found]:
    with node.session() as session:
        return search.nearest(session, Query(**query), node.clock(), limit)


def test_the_nearest_runs_are_found_however_far_they_are(london: LocalNode) -> None:
    london.announce(a_run(name="Monument"))
    london.announce(a_run(name="Brisbane", timezone="Australia/Brisbane", **BRISBANE))
    assert look(london, **PETERBOROUGH, radius_m=20_000).found == []
    nearest = near(london, **PETERBOROUGH)
    assert [(one.occurrence.listing.name, one.occurrence.day) for one in nearest] == [
        ("Monument", THURSDAY),
        ("Brisbane", THURSDAY),
    ]
    assert nearest[0].distance_m == distance_m(*PETERBOROUGH.values(), *MONUMENT.values())


def test_the_nearest_dates_are_on(london: LocalNode) -> None:
    run = london.announce(a_run())
    cancel(london, run.id, THURSDAY)
    assert days(near(london, **PETERBOROUGH)) == ["2026-06-11"]


def test_a_paused_chapters_runs_are_not_offered_as_nearest(london: LocalNode) -> None:
    london.announce(a_run())
    set_status(london, "paused")
    assert near(london, **PETERBOROUGH) == []


def test_the_nearest_runs_are_on_after_the_day_that_was_asked_for(london: LocalNode) -> None:
    london.announce(a_run())
    friday = date(2026, 7, 3)
    assert days(near(london, **MONUMENT, start=friday)) == ["2026-07-09"]


def test_no_more_of_the_nearest_than_asked_for_are_found(london: LocalNode) -> None:
    for north in range(7):
        london.announce(a_run(name=f"{north}", lat_e4=515_101 + 100 * north))
    assert names(near(london, lat_e4=500_000, lon_e4=-860)) == ["0", "1", "2", "3", "4"]


def test_the_nearest_lie_within_the_radius_that_is_given(london: LocalNode) -> None:
    london.announce(a_run())
    assert near(london, **PETERBOROUGH, radius_m=100_000) == []
    assert len(near(london, **PETERBOROUGH, radius_m=130_000)) == 1


def test_the_nearest_promised_run_is_found_behind_more_nearer_ones_than_are_asked_for(london: LocalNode) -> None:
    for north in range(7):
        run = london.announce(a_run(name=f"{north}", lat_e4=515_101 + 100 * north))
    confirm(london, run.id, THURSDAY)
    assert names(near(london, 5, **MONUMENT, states=frozenset({"confirmed"}))) == ["6"]


def test_only_what_is_on_is_found_behind_a_page_of_cancelled_ones(london: LocalNode) -> None:
    for minute in range(3):
        run = london.announce(a_run(starts_at=time(18, minute)))
        cancel(london, run.id, THURSDAY)
    london.announce(a_run(name="On", starts_at=time(19, 0)))
    assert names(look(london, **MONUMENT, end=THURSDAY, only_on=True, limit=2).found) == ["On"]


def test_the_soonest_is_found_among_more_that_have_a_word_than_are_read_by_it(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_BY_TEXT", 3)
    for hour in range(12, 7, -1):
        london.announce(a_run(name=f"Quay {hour}", starts_at=time(hour)))
    london.announce(a_run(name="Elsewhere", starts_at=time(6)))
    assert names(look(london, text="quay", end=THURSDAY, limit=2).found) == ["Quay 8", "Quay 9"]
