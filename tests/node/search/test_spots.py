"""Where runs are, for a map."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from node.search import spots
from node.search.filters import Filters
from node.search.query import Query, TimedQuery
from node.search.spots import Box, Spot

from ...support.network import LocalNode, a_run

LONDON = Box(510_000, -10_000, 520_000, 10_000)


def inside(node: LocalNode, box: Box, by_cell: bool = False, **query: object) -> list[Spot]:
    with node.session() as session:
        return [*spots.inside(session, TimedQuery(Query(**query), node.clock()), box, by_cell=by_cell)]  # type: ignore[arg-type]


def test_a_run_in_the_box_is_a_spot_and_one_outside_is_none(london: LocalNode) -> None:
    london.announce(a_run())
    assert [spot[:3] for spot in inside(london, LONDON)] == [(515_101, -860, 1)]
    assert inside(london, Box(500_000, -10_000, 509_000, 10_000)) == []


def test_runs_of_one_cell_are_one_spot_in_its_middle(london: LocalNode) -> None:
    for number in range(3):
        london.announce(a_run(name=f"Run {number}", lat_e4=515_101 + number))
    assert [spot[:3] for spot in inside(london, Box(), by_cell=True)] == [(515_500, -500, 3)]


@pytest.mark.parametrize("lon_e4", [1_799_000, -1_799_000])
def test_a_box_across_180_degrees_has_both_sides(london: LocalNode, lon_e4: int) -> None:
    london.announce(a_run(lat_e4=-177_000, lon_e4=lon_e4))
    assert len(inside(london, Box(-180_000, 1_780_000, -170_000, 1_820_000))) == 1


def test_only_what_is_asked_for_counts(london: LocalNode) -> None:
    london.announce(a_run(facilities=["toilets"]))
    assert inside(london, LONDON, filters=Filters(kinds=frozenset({"walk"}))) == []
    assert inside(london, LONDON, filters=Filters(facilities=frozenset({"lit"}))) == []
    day = london.clock().date()
    assert inside(london, LONDON, start=day, end=day) == []
    assert inside(
        london, LONDON, filters=Filters(facilities=frozenset({"toilets"})), start=day, end=day + timedelta(days=7)
    )


def test_a_run_whose_document_has_expired_is_no_spot(london: LocalNode) -> None:
    london.announce(a_run())
    london.clock.tick(days=13, hours=23)
    assert len(inside(london, LONDON)) == len(inside(london, Box(), by_cell=True)) == 1
    london.clock.tick(hours=1)
    assert inside(london, LONDON) == inside(london, Box(), by_cell=True) == []


def test_a_kind_of_run_is_looked_for_among_the_runs_of_the_box_and_not_among_all(london: LocalNode) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(london.engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    inside(london, LONDON, filters=Filters(kinds=frozenset({"walk"})))
    statement, parameters = next(one for one in asked if "grid" in one[0])
    with london.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert any("USING COVERING INDEX ix_held_listing_cell_next_start (cell>? AND cell<?)" in row[3] for row in plan)
    assert any("USING COVERING INDEX ix_held_document_expires (expires<?)" in row[3] for row in plan)


def test_a_row_has_its_first_wanted_date(london: LocalNode) -> None:
    london.announce(a_run())
    ((_, _, _, row),) = inside(london, LONDON)
    with london.session() as session:
        found = spots.next_dates(session, [row, row + 1], TimedQuery(Query(), london.clock()))
    assert {number: one.occurrence.day.isoformat() for number, one in found.items()} == {row: "2026-06-04"}
