"""A sketch of the size of streets: from something that everybody finds to the meeting point, by the compass.

It shows what the chapter says in words, and no street: nobody here knows the streets.
"""

from dataclasses import dataclass, field
from math import hypot

from federation.documents import MeetingPoint

from . import labels
from .labels import Label, Rectangle, Wish

WIDTH, HEIGHT = 400, 190
#: From the landmark to the meeting point: right and down.
_WAYS = {
    "north": (0.0, -1.0),
    "north-east": (0.7, -0.7),
    "east": (1.0, 0.0),
    "south-east": (0.7, 0.7),
    "south": (0.0, 1.0),
    "south-west": (-0.7, 0.7),
    "west": (-1.0, 0.0),
    "north-west": (-0.7, -0.7),
}
#: How far from the middle of the sketch either lies; a sketch has no scale.
_ACROSS, _DOWN = 90.0, 52.0
#: What a mark takes, and how much of the way is left free before it.
_MARK, _GAP = 12.0, 18.0
#: The arrow to the north, which no name may cover.
_COMPASS = Rectangle(WIDTH - 44, 0, WIDTH, 62)
_SHEET = Rectangle(4, 4, WIDTH - 4, HEIGHT - 4)
Point = tuple[float, float]


@dataclass(frozen=True)
class Sketch:
    """Ready to be drawn: the landmark, the meeting point, the way from one to the other, and what they are called."""

    landmark: Point
    point: Point
    way: tuple[Point, Point]
    names: list[Label]
    width: int = field(default=WIDTH, init=False)
    height: int = field(default=HEIGHT, init=False)


def sketch(point: MeetingPoint, distance: str) -> Sketch | None:
    """A sketch of where `point` is, `distance` from its landmark. None where the chapter says nothing of it, or in a
    word that this version does not know.
    """
    way = _WAYS.get(point.landmark.direction) if point.landmark else None
    if way is None or point.landmark is None:
        return None
    across, down = way[0] * _ACROSS, way[1] * _DOWN
    here, there = (WIDTH / 2 - across, HEIGHT / 2 - down), (WIDTH / 2 + across, HEIGHT / 2 + down)
    wishes = [
        Wish(point.name, *there, _MARK, True),
        Wish(point.landmark.name, *here, _MARK),
        Wish(distance, WIDTH / 2, HEIGHT / 2, 6),
    ]
    taken = [_COMPASS, *(Rectangle.around(*spot, _MARK) for spot in (here, there)), *_along(here, there)]
    names = [label for label in labels.place(wishes, taken, _SHEET) if label]
    return Sketch(here, there, _between(here, there), names)


def _between(here: Point, there: Point) -> tuple[Point, Point]:
    """The way without the marks at its ends."""
    part = _GAP / hypot(there[0] - here[0], there[1] - here[1])
    return _part(here, there, part), _part(here, there, 1 - part)


def _along(here: Point, there: Point) -> list[Rectangle]:
    """What the way takes."""
    return [Rectangle.around(*_part(here, there, step / 12), 4) for step in range(13)]


def _part(here: Point, there: Point, part: float) -> Point:
    return here[0] + (there[0] - here[0]) * part, here[1] + (there[1] - here[1]) * part
