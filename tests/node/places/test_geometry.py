"""Distances and cells: right at the seams of the map."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from node.places.geometry import CELLS_ROUND, cell_of, cells_within, distance_m

Point = tuple[int, int]

MONUMENT = (515_101, -860)
_ANYWHERE = st.tuples(st.integers(-900_000, 900_000), st.integers(-1_800_000, 1_800_000))
_AT_THE_ANTIMERIDIAN = st.tuples(
    st.integers(-900_000, 900_000), st.integers(1_790_000, 1_810_000).map(lambda lon: (lon + 1_800_000) % 3_600_000)
).map(lambda point: (point[0], point[1] - 1_800_000))
_AT_A_POLE = st.tuples(
    st.integers(890_000, 900_000) | st.integers(-900_000, -890_000), st.integers(-1_800_000, 1_800_000)
)
POINTS = _ANYWHERE | _AT_THE_ANTIMERIDIAN | _AT_A_POLE
RADII = st.integers(0, 300_000) | st.integers(0, 21_000_000)


def holds(runs: list[tuple[int, int]], point: Point) -> bool:
    return any(first <= cell_of(*point) <= last for first, last in runs)


def test_a_point_is_no_distance_from_itself() -> None:
    assert distance_m(*MONUMENT, *MONUMENT) == 0


def test_london_to_peterborough_is_about_118_kilometres() -> None:
    assert distance_m(*MONUMENT, 525_736, -2_478) == pytest.approx(118_000, rel=0.02)


def test_two_sides_of_the_antimeridian_are_near() -> None:
    assert distance_m(0, 1_799_999, 0, -1_799_999) < 30


def test_at_the_pole_every_longitude_is_one_place() -> None:
    assert distance_m(900_000, 0, 900_000, 1_234_567) == 0


def test_the_far_side_of_the_globe_is_20015_kilometres_away() -> None:
    assert distance_m(0, 0, 0, 1_800_000) == pytest.approx(20_015_000, abs=1_000)


def test_180_east_and_180_west_are_one_cell() -> None:
    assert cell_of(0, 1_800_000) == cell_of(0, -1_800_000)


def test_the_north_pole_lies_in_the_last_row() -> None:
    assert cell_of(900_000, 0) // CELLS_ROUND == 1799


def test_a_small_circle_takes_few_cells() -> None:
    runs = cells_within(*MONUMENT, 50_000)
    assert sum(last - first + 1 for first, last in runs) < 200


def test_a_row_at_the_antimeridian_falls_into_two_runs() -> None:
    runs = cells_within(-180_000, 1_799_000, 5_000)
    assert {first % CELLS_ROUND == 0 or last % CELLS_ROUND == CELLS_ROUND - 1 for first, last in runs} == {True}


def test_around_a_pole_whole_rows_are_one_run() -> None:
    ((first, last),) = cells_within(899_000, 0, 50_000)
    assert first % CELLS_ROUND == 0
    assert last == 1800 * CELLS_ROUND - 1


def test_the_whole_globe_is_one_run() -> None:
    assert cells_within(*MONUMENT, 20_100_000) == [(0, 1800 * CELLS_ROUND - 1)]


@given(POINTS, RADII, st.integers(-1000, 1000), st.integers(-1000, 1000))
@example((-180_000, 1_799_999), 2_000, 0, 100)
@example((890_000, 0), 111_200, 0, 900_000)
def test_every_point_within_the_radius_lies_in_the_cells(centre: Point, radius: int, north: int, east: int) -> None:
    """Points are taken in the circle's own box, so that many lie near its edge."""
    reach = radius / 11.1
    lat = max(-900_000, min(900_000, centre[0] + round(north / 1000 * reach)))
    lon = (centre[1] + round(east / 100 * reach) + 1_800_000) % 3_600_000 - 1_800_000
    if distance_m(*centre, lat, lon) <= radius:
        assert holds(cells_within(*centre, radius), (lat, lon))


@given(POINTS, RADII)
def test_no_cell_is_named_twice(centre: Point, radius: int) -> None:
    runs = sorted(cells_within(*centre, radius))
    assert all(first <= last for first, last in runs)
    assert all(before[1] < after[0] for before, after in pairwise(runs))
