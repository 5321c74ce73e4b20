"""Lines and rings: simplified, and cut into squares without losing any of their area."""

import json
from itertools import pairwise
from math import cos, dist, pi, sin
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.mapdata.shapes import Shape, area, simplified, tiles_of_line, tiles_of_ring
from deploy.mapdata.topology import Topology


@st.composite
def stars(draw: st.DrawFn) -> Shape:
    """A ring that never crosses itself."""
    radii = draw(st.lists(st.floats(20, 300), min_size=4, max_size=40))
    turns = [2 * pi * number / len(radii) for number in range(len(radii))]
    ring = [(400 + radius * cos(turn), 400 + radius * sin(turn)) for radius, turn in zip(radii, turns, strict=True)]
    return [*ring, ring[0]]


@given(stars())
def test_the_tiles_of_a_ring_have_its_area(ring: Shape) -> None:
    tiles = list(tiles_of_ring(ring, 100))
    assert sum(area(part) for _, _, part in tiles) == pytest.approx(area(ring), rel=1e-6, abs=1e-3)
    for column, line, part in tiles:
        assert all(100 * column - 1e-6 <= x <= 100 * column + 100 + 1e-6 for x, _ in part)
        assert all(100 * line - 1e-6 <= y <= 100 * line + 100 + 1e-6 for _, y in part)


@given(stars())
def test_the_tiles_of_a_line_have_its_length(line: Shape) -> None:
    parts = [part for _, _, part in tiles_of_line(line, 100)]
    long = sum(dist(a, b) for part in parts for a, b in pairwise(part))
    assert long == pytest.approx(sum(dist(a, b) for a, b in pairwise(line)), rel=1e-6)


@given(stars())
def test_a_simplified_ring_has_its_own_points_and_is_closed(ring: Shape) -> None:
    found = simplified(ring, 5)
    assert set(found) <= set(ring)
    assert found[0] == found[-1] == ring[0]
    assert simplified([(0, 0), (1, 0.1), (2, 0)], 0.5) == [(0, 0), (2, 0)]


def topology(folder: Path, arcs: list[list[list[int]]], geometries: list[dict[str, object]]) -> Topology:
    file = folder / "made.json"
    objects = {"land": {"type": "GeometryCollection", "geometries": geometries}}
    transform = {"scale": [1, 1], "translate": [0, 0]}
    file.write_text(json.dumps({"type": "Topology", "arcs": arcs, "objects": objects, "transform": transform}))
    return Topology(file)


def test_a_ring_across_180_degrees_goes_on_to_the_east(tmp_path: Path) -> None:
    ring = [[170, 10], [19, 0], [-359, 0], [0, 10], [170, -10]]
    made = topology(tmp_path, [[*ring[:4], [340, -10]]], [{"type": "Polygon", "arcs": [[0]]}])
    (found,) = made.rings("land")
    assert max(lon for lon, _ in found) - min(lon for lon, _ in found) < 40


def test_a_ring_around_a_pole_is_led_over_it(tmp_path: Path) -> None:
    around = [[-180, -70], *([[60, 0]] * 6)]
    (found,) = topology(tmp_path, [around], [{"type": "Polygon", "arcs": [[0]]}]).rings("land")
    assert {lat for _, lat in found} == {-70, -90}
    assert found[0] == found[-1]


def test_a_border_is_what_two_have_in_common(tmp_path: Path) -> None:
    arcs = [[[0, 0], [0, 10]], [[0, 10], [10, 0], [0, -10], [-10, 0]], [[0, 10], [-10, 0], [0, -10], [10, 0]]]
    two: list[dict[str, object]] = [{"type": "Polygon", "arcs": [[0, 1]]}, {"type": "Polygon", "arcs": [[0, 2]]}]
    assert list(topology(tmp_path, arcs, two).borders("land")) == [[(0, 0), (0, 10)]]
