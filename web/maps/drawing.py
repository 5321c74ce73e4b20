"""A map as the template draws it: land, pins, names, and the links to other views. Everything in units of the map."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from math import hypot
from sqlite3 import Connection
from typing import NamedTuple, Protocol

from node.search.query import Found

from . import labels, land
from .clusters import Cluster
from .labels import Label, Rectangle, Wish
from .projection import HEIGHT, WIDTH
from .view import EDGE, Point, View

#: Between the middles of two marks: a thumb hits the one that it means. On a phone of 320 px, these are 44 px.
APART = 64.0
#: More would be bytes that nobody reads.
MOST_MARKS, MOST_TOWNS = 32, 12
#: How far the pin of one run, the ring of a place and the dot of a town go from their middles.
PIN, RING, DOT = 12.0, 6.0, 2.0
#: How much further a ring goes than the mark that it is around.
_AROUND = 5.0
#: How far a cluster goes, by the figures of its number.
_CLUSTERS = (13.0, 13.0, 15.0, 18.0, 21.0)
#: A cluster is called by the most important town that lies so near to its middle.
_NEAR = 17.0
#: Towns that are looked at, the most important first.
_TOWNS_READ = 40
#: From here on a pin is called by its meeting point, before by its town.
_STREETS = 8.0
#: Paths of more letters than this are taken from the level before, enlarged.
MOST_LETTERS = 12_000


class Runs(Protocol):
    """What a map shows."""

    def clusters(self, view: View) -> list[Cluster]:
        """The runs of a view, put together where they crowd."""

    def dates(self, rows: Sequence[int]) -> Mapping[int, Found]:
        """The next date of each of these rows of spots, where it has one."""


class Here(NamedTuple):
    """The place that was searched for."""

    name: str
    point: Point


class Ground(NamedTuple):
    """One piece of land and water. `transform`: SVG's."""

    transform: str
    piece: land.Piece


class Mark(NamedTuple):
    """A pin of one run, or of a cluster of so many `runs` near the town `near`.

    `found`: the next date of the one run. `closer`: the view that shows a cluster's runs apart; None where all are held
    at one point.
    """

    x: float
    y: float
    runs: int
    found: Found | None = None
    near: str = ""
    closer: View | None = None

    @property
    def reach(self) -> float:
        """How far it goes from its middle."""
        return PIN if self.found else _CLUSTERS[min(len(str(self.runs)), len(_CLUSTERS)) - 1]


@dataclass(frozen=True)
class Map:
    """Ready to be drawn. `names`: of marks; `towns`: dots with their names; `here`: the place that was searched for."""

    view: View
    ground: Sequence[Ground]
    marks: list[Mark]
    names: list[Label]
    towns: list[tuple[Wish, Label]]
    here: Wish | None = None
    width: int = field(default=WIDTH, init=False)
    height: int = field(default=HEIGHT, init=False)
    thumb: float = field(default=APART / 2, init=False)


def draw(runs: Runs, view: View, here: Here | None = None) -> Map:
    """A map of `runs`."""
    towns, ground = _land_of(view)
    marks = list(_marks(runs, view, towns))
    of_marks = _each_name_once([_wish_of(mark, view) for mark in marks])
    called = {wish.name for wish in of_marks}
    own = _ring(Wish(here.name, *view.at(*here.point), RING), marks) if here else None
    of_marks = [_outside(own, wish) if own else wish for wish in of_marks]
    wishes = [own, *of_marks] if own and own.name not in called else of_marks
    taken = [Rectangle.around(mark.x, mark.y, mark.reach) for mark in marks]
    taken += [Rectangle.around(own.x, own.y, own.reach)] if own else []
    names = [label for label in labels.place(wishes, taken) if label]
    taken += [label.box for label in names]
    called |= {here.name} if here else set()
    return Map(view, ground, marks, names, _named([town for town in towns if town.name not in called], taken), own)


def _ring(own: Wish, marks: Sequence[Mark]) -> Wish:
    """The ring of the place that was searched for; around a mark that it would lie under."""
    over = (one for one in marks if hypot(one.x - own.x, one.y - own.y) < one.reach + own.reach)
    mark = next(over, None)
    return own._replace(x=mark.x, y=mark.y, reach=mark.reach + _AROUND) if mark else own


def _outside(ring: Wish, of_mark: Wish) -> Wish:
    """The name of a mark, beyond a ring around it."""
    return of_mark._replace(reach=ring.reach) if (of_mark.x, of_mark.y) == (ring.x, ring.y) else of_mark


@lru_cache(maxsize=32)
def _land_of(view: View) -> tuple[Sequence[Wish], Sequence[Ground]]:
    """The towns, and land and water. They do not change, and views come in steps, so that many readers have the same
    one: some 12 KB each.
    """
    with land.opened() as opened:
        return _towns_of(opened, view), _ground(opened, view)


def _marks(runs: Runs, view: View, towns: Sequence[Wish]) -> Iterator[Mark]:
    """The largest first: what comes later in the page is drawn over what came before."""
    found = runs.clusters(view)
    dates = runs.dates([one.row for one in found if one.count == 1])
    for one in found:
        mark = _of_cluster(one, view, towns) if one.count > 1 else _of_run(dates.get(one.row), view)
        if mark:
            yield mark


def _of_cluster(one: Cluster, view: View, towns: Sequence[Wish]) -> Mark:
    near = next((town.name for town in towns if max(abs(town.x - one.x), abs(town.y - one.y)) < _NEAR), "")
    return Mark(one.x, one.y, one.count, near=near, closer=view.closer(one))


def _of_run(found: Found | None, view: View) -> Mark | None:
    """The pin of a run, where its next date is held. None for a run without one."""
    if found is None:
        return None
    meeting = found.occurrence.meeting_point
    x, y = view.at(meeting.lat_e4 / 10_000, meeting.lon_e4 / 10_000)
    inside = EDGE <= x <= WIDTH - EDGE and EDGE <= y <= HEIGHT - EDGE
    return Mark(x, y, 1, found) if inside else None


def _wish_of(mark: Mark, view: View) -> Wish:
    if mark.found is None:
        return Wish(mark.near, mark.x, mark.y, mark.reach, True)
    one = mark.found.occurrence
    return Wish(one.meeting_point.name if view.zoom >= _STREETS else one.place, mark.x, mark.y, mark.reach, True)


def _each_name_once(wishes: list[Wish]) -> list[Wish]:
    """A town's name is not to stand beside two of its pins."""
    first = {wish.name: wish for wish in reversed(wishes)}
    return [wish if first[wish.name] is wish else wish._replace(name="") for wish in wishes]


def _towns_of(opened: Connection, view: View) -> list[Wish]:
    """The towns of a view, the most important first."""
    levels = {level: view.window(level) for level in land.TOWN_LEVELS if level <= view.zoom}
    placed = (
        Wish(name, *view.at(lat_e4 / 10_000, lon_e4 / 10_000), DOT)
        for name, lat_e4, lon_e4 in land.towns(opened, levels)
    )
    return list(islice((one for one in placed if 0 < one.x < WIDTH and 0 < one.y < HEIGHT), _TOWNS_READ))


def _named(towns: Sequence[Wish], taken: list[Rectangle]) -> list[tuple[Wish, Label]]:
    """The towns for whose dots and names there is room."""
    has_room = (one for one in towns if not any(map(Rectangle.around(one.x, one.y, DOT).meets, taken)))
    free = list(islice(has_room, 2 * MOST_TOWNS))
    placed = labels.place(free, [*taken, *(Rectangle.around(one.x, one.y, DOT) for one in free)])
    named = ((one, label) for one, label in zip(free, placed, strict=True) if label)
    return list(islice(named, MOST_TOWNS))


def _ground(opened: Connection, view: View) -> list[Ground]:
    """The land at the view's own level; where that is too much to send, at the one before."""
    level = view.level
    found = land.pieces(opened, level, view.window(level))
    if land.has_coarser(level) and sum(piece.letters for piece in found) > MOST_LETTERS:
        level -= 1
        found = land.pieces(opened, level, view.window(level))
    window, scale = view.window(level), 2 ** (view.zoom - level)
    return [Ground(_transform(piece, window, scale), piece) for piece in found]


def _transform(piece: land.Piece, window: land.Window, scale: float) -> str:
    left, top = (piece.shift - window.west) * scale, -window.north * scale
    return f"translate({left:.1f} {top:.1f}) scale({scale / land.HALVES:.5g})"
