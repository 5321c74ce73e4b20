"""What would crowd is put together, and nothing is lost."""

import random
import time
from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from web.maps.clusters import Placed, clusters
from web.maps.view import view_of

APART, MOST = 64.0, 32
PLACES = st.lists(
    st.tuples(st.floats(0, 400), st.floats(0, 320), st.integers(1, 50), st.integers(1, 10**6)), max_size=80
)


@given(PLACES)
def test_no_two_clusters_are_near_and_every_run_is_in_one(placed: list[Placed]) -> None:
    found = clusters(placed, APART, MOST)
    assert len(found) <= MOST
    assert sum(one.count for one in found) == sum(count for _, _, count, _ in placed)
    for number, one in enumerate(found):
        assert all(hypot(one.x - other.x, one.y - other.y) >= APART for other in found[:number])
        assert one.left - 1e-6 <= one.x <= one.right + 1e-6
        assert one.top - 1e-6 <= one.y <= one.bottom + 1e-6


def test_the_same_places_make_the_same_clusters_in_any_order() -> None:
    chance = random.Random(5)
    placed: list[Placed] = [(chance.uniform(0, 400), chance.uniform(0, 320), 1, row) for row in range(300)]
    shown = [(one.count, round(one.x, 6)) for one in clusters(placed, APART, MOST)]
    assert [(one.count, round(one.x, 6)) for one in clusters(placed, APART, MOST)] == shown


def test_ten_thousand_places_are_put_together_at_once() -> None:
    chance = random.Random(3)
    placed: list[Placed] = [(chance.gauss(200, 30), chance.gauss(160, 30), 1, row) for row in range(10_000)]
    began = time.process_time()
    found = clusters(placed, APART, MOST)
    assert time.process_time() - began < 0.5
    assert sum(one.count for one in found) == 10_000


def test_one_place_is_one_run() -> None:
    (only,) = clusters([(10.0, 20.0, 1, 7)], APART, MOST)
    assert (only.count, only.row) == (1, 7)
    assert clusters([], APART, MOST) == []


def test_a_cluster_has_a_closer_view_until_its_runs_are_held_at_one_point() -> None:
    wide = clusters([(190.0, 150.0, 1, 1), (210.0, 160.0, 1, 2)], APART, MOST)[0]
    view = view_of(51.5, -0.1, 6)
    closer = view.closer(wide)
    assert closer is not None
    assert closer.zoom == 10
    same = clusters([(200.0, 150.0, 1, 1), (200.0, 150.0, 1, 2)], APART, MOST)[0]
    assert view.closer(same) is None
    assert view_of(51.5, -0.1, 11).closer(wide) is None


def test_a_cell_of_the_directory_is_no_point() -> None:
    cell = clusters([(200.0, 150.0, 12, 1)], APART, MOST)[0]
    closer = view_of(51.5, -0.1, 3).closer(cell)
    assert closer is not None
    assert closer.zoom == 7
