"""Which part of the world a map shows, and where a point lies on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.maps.projection import HEIGHT, MAX_ZOOM, MIN_ZOOM, WIDTH
from web.maps.view import View, fit, read, view_of

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)
POINTS = st.lists(st.tuples(LATITUDES, LONGITUDES), min_size=1, max_size=30)
ZOOMS = st.integers(0, 22).map(lambda half: half / 2)
VIEWS = st.builds(view_of, LATITUDES, LONGITUDES, ZOOMS)
LONDON, SUVA, WELLINGTON, ATTU = (51.51, -0.13), (-18.14, 178.44), (-41.29, 174.78), (52.9, 172.9)


@given(POINTS)
def test_a_view_that_fits_shows_every_point(points: list[tuple[float, float]]) -> None:
    view = fit(points)
    for x, y in (view.at(lat, lon) for lat, lon in points):
        assert -1 <= x <= WIDTH + 1
        assert -1 <= y <= HEIGHT + 1


def test_one_point_lies_in_the_middle_with_its_surroundings() -> None:
    view = fit([LONDON])
    assert view.zoom == 9
    assert view.at(*LONDON) == pytest.approx((WIDTH / 2, HEIGHT / 2), abs=1)


def test_no_point_has_no_view() -> None:
    assert fit([]) is None


@pytest.mark.parametrize("points", [[SUVA, (-16.5, -179.9)], [WELLINGTON, (-43.9, -176.5)], [ATTU, (51.9, -176.6)]])
def test_neighbours_across_180_degrees_are_neighbours(points: list[tuple[float, float]]) -> None:
    view = fit(points)
    assert view.zoom >= 4
    assert all(20 < view.at(lat, lon)[0] < WIDTH - 20 for lat, lon in points)


def test_the_box_of_a_view_across_180_degrees_goes_on_to_the_east() -> None:
    box = fit([SUVA, (-16.5, -179.9)]).box()
    assert box.west_e4 < 1_784_400 < 1_801_000 < box.east_e4


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_a_pole_has_a_place_on_the_map(pole: float) -> None:
    view = fit([(pole, 0.0), LONDON])
    assert 0 <= view.at(pole, 0.0)[1] <= HEIGHT
    assert fit([(pole, 0.0)]).zoom < 2


@given(VIEWS, st.floats(0, WIDTH), st.floats(0, HEIGHT))
def test_what_lies_on_the_map_lies_in_its_box(view: View, x: float, y: float) -> None:
    lat, lon = view.point_at(x, y)
    box = view.box()
    assert box.south_e4 - 2 <= lat * 10_000 <= box.north_e4 + 2
    assert any(box.west_e4 - 2 <= (lon + turn) * 10_000 <= box.east_e4 + 2 for turn in (-360, 0, 360))


@given(VIEWS)
def test_an_address_is_read_as_the_view_that_wrote_it(view: View) -> None:
    assert read(view.address) == view


@pytest.mark.parametrize(
    "address",
    [
        *("", "x", "51.5,-0.1", "91,0,3", "0,181,3", "0,0,12", "0,0,-1", "1e1,0,3", "nan,0,3", "0,0,3.25", "0,0,3\n"),
        *("٣,0,3", "51.5,-0.1,9,9", "51.55555555,0,3", "0" * 10_000),
    ],
)
def test_nonsense_is_no_view(address: str) -> None:
    assert read(address) is None


def test_a_view_is_closer_or_further_in_bounds() -> None:
    assert view_of(0, 0, MIN_ZOOM).zoomed(-1) is None
    assert view_of(0, 0, MAX_ZOOM).zoomed(1) is None
    assert view_of(*LONDON, 8).zoomed(1) == view_of(*LONDON, 9)
    assert view_of(89.9, 0, 1.5).zoomed(1) is None


def test_a_map_moves_by_half_of_what_it_shows() -> None:
    here = view_of(*LONDON, 8)
    for (east, south), (lat, lon) in {
        (0, -1): (1, 0), (0, 1): (-1, 0), (1, 0): (0, 1), (-1, 0): (0, -1),
    }.items():  # fmt: skip
        there = here.moved(east, south)
        assert there is not None
        assert there.zoom == here.zoom
        for before, after, way in ((here.lat, there.lat, lat), (here.lon, there.lon, lon)):
            assert (after - before) * way >= 0
            assert (abs(after - before) > 0.1) == bool(way)
        back = there.moved(-east, -south)
        assert back is not None
        assert (round(back.lat, 1), round(back.lon, 1)) == (round(here.lat, 1), round(here.lon, 1))


def test_a_map_moves_over_the_antimeridian() -> None:
    fiji = view_of(-17.7, 178.4, 6)
    east = fiji.moved(1, 0)
    assert east is not None
    assert -180 <= east.lon < -170
    assert (west := east.moved(-1, 0))
    assert west.lon > 170


@pytest.mark.parametrize("zoom", [0, 0.5, 1, 1.5, 2, 3, 5])
@pytest.mark.parametrize("way", [-1, 1])
def test_a_map_ends_at_the_poles(zoom: float, way: int) -> None:
    view, moves = view_of(0, 0, zoom), 0
    while there := view.moved(0, way):
        assert (view.lat - there.lat) * way > 0
        view, moves = there, moves + 1
        assert moves < 2 ** (zoom + 2)
    assert abs(view.lat) <= 90


def test_the_map_of_the_world_goes_round_it() -> None:
    assert view_of(0, 0, MIN_ZOOM).moved(1, 0) is None
    assert view_of(0, 0, MIN_ZOOM).moved(-1, 0) is None


@given(VIEWS)
def test_a_map_that_moves_stays_a_view(view: View) -> None:
    for east, south in ((0, -1), (0, 1), (1, 0), (-1, 0)):
        there = view.moved(east, south)
        assert there is None or (read(there.address) == there and there.zoom == view.zoom)


def test_few_views_are_asked_for_by_many_readers() -> None:
    assert view_of(51.5074, -0.1278, 4).address == "51.5,-0.1,4"
    assert view_of(51.5074, -0.1278, 9.3).address == "51.507,-0.128,9.5"
