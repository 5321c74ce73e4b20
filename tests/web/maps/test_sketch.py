"""The sketch from a landmark to the meeting point."""

import re

import pytest

from federation.documents import Landmark, MeetingPoint
from node.chapter import dates
from web.maps.labels import SHEET
from web.maps.sketch import sketch

from ...support.network import LocalNode, a_run
from ...support.web_client import Phone
from ..public.test_calendars import chapter_of
from .test_pages import THURSDAY

STATION = {"landmark": "Monument station", "landmark_distance_m": 240, "landmark_direction": "south"}
WAYS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"]


def a_point(direction: str = "south", landmark: str = "Monument station", name: str = "The Monument") -> MeetingPoint:
    near = Landmark(name=landmark, distance_m=240, direction=direction)
    return MeetingPoint(name=name, address="", directions="", lat_e4=515_101, lon_e4=-860, landmark=near)


@pytest.mark.parametrize("direction", WAYS)
def test_the_point_lies_on_its_side_of_the_landmark(direction: str) -> None:
    drawn = sketch(a_point(direction), "240 m")
    assert drawn is not None
    right, down = drawn.point[0] - drawn.landmark[0], drawn.point[1] - drawn.landmark[1]
    assert (right > 0) == ("east" in direction)
    assert (right < 0) == ("west" in direction)
    assert (down > 0) == ("south" in direction)
    assert (down < 0) == ("north" in direction)
    assert [label.name for label in drawn.names][:2] == ["The Monument", "Monument station"]


@pytest.mark.parametrize("direction", WAYS)
@pytest.mark.parametrize("name", ["The Monument", "W" * 60, "Llanfairpwllgwyngyllgogerychwyrndrobwll station"])
def test_no_name_of_a_sketch_lies_over_another(direction: str, name: str) -> None:
    drawn = sketch(a_point(direction, landmark=name, name=name), "240 m")
    assert drawn is not None
    boxes = [label.box for label in drawn.names]
    assert not any(one.meets(other) for number, one in enumerate(boxes) for other in boxes[:number])
    assert all(box.is_in(SHEET) for box in boxes)


def test_without_a_landmark_or_in_a_later_versions_word_there_is_none() -> None:
    assert sketch(a_point("sunwards"), "240 m") is None
    bare = MeetingPoint(name="The Monument", address="", directions="", lat_e4=0, lon_e4=0)
    assert sketch(bare, "") is None


def test_a_run_with_a_landmark_has_a_sketch_beside_the_words(london: LocalNode) -> None:
    run = london.announce(a_run(**STATION))
    page = Phone(london).get(f"/runs/{chapter_of(london)}/{run.id}")
    assert page.status_code == 200
    drawn = re.search(r'<svg class="sketch".*?</svg>', page.text, re.DOTALL)
    assert drawn
    assert {"Monument station", "The Monument", "240 m"} <= set(re.findall(r">([^<>]+)</text>", drawn[0]))
    assert "240 m south of Monument station" in page.text


def test_a_date_that_is_off_has_no_sketch(london: LocalNode) -> None:
    run = london.announce(a_run(**STATION))
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "weather", "", london.clock())
    page = Phone(london).get(f"/runs/{chapter_of(london)}/{run.id}?date={THURSDAY}")
    assert 'class="sketch"' not in page.text
