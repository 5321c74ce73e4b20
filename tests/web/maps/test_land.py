"""The land that is kept with the program."""

import gzip
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from web.maps import land
from web.maps.drawing import draw
from web.maps.runs import These
from web.maps.view import View, fit, view_of

_PATH = re.compile(r"(?:M-?\d+[ -]\d+(?:[hvl](?:[ -]?\d+)+)*z?)*\Z")
#: Bytes: of the 12 KB that a map may have as it is sent, two are for its pins and names.
MOST_SENT = 10_000
VIEWS = st.builds(view_of, st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 22).map(lambda half: half / 2))


def drawn(view: View) -> list[land.Piece]:
    with land.opened() as opened:
        return land.pieces(opened, view.level, view.window(view.level))


@settings(max_examples=60)
@given(VIEWS)
@example(view_of(71, -24, 2))  # the fullest: no coarser land is on its plane
def test_every_view_has_paths_that_are_paths_and_not_too_many(view: View) -> None:
    pieces = [ground.piece for ground in draw(These([]), view).ground]
    assert len(pieces) <= 2
    paths = [path for piece in pieces for path in (piece.land, piece.water, piece.borders, piece.rivers)]
    assert all(map(_PATH.match, paths))
    assert len(gzip.compress("".join(paths).encode())) <= MOST_SENT


def test_the_middle_of_an_ocean_is_water_and_of_a_continent_land() -> None:
    assert drawn(view_of(-30, -130, 6)) == []
    (inside,) = drawn(view_of(62, 100, 8))
    assert inside.land


def test_a_view_across_180_degrees_has_land_of_both_sides() -> None:
    west, east = drawn(fit([(-16.8, 179.4), (-16.8, -179.9)]))
    assert west.land
    assert east.land


def test_lakes_and_borders_are_there() -> None:
    (lakes,) = drawn(view_of(45, -86, 4))
    assert lakes.water
    assert lakes.borders


def test_towns_come_with_the_largest_first_and_thin_out_with_distance() -> None:
    view = view_of(53, -2, 5)
    with land.opened() as opened:
        names = [town.name for town in land.towns(opened, {level: view.window(level) for level in range(2, 6)})]
    assert names[0] == "London"
    assert {"Birmingham", "Manchester", "Dublin"} <= set(names)
    assert len(names) < 60
