"""Put together what would crowd on a map. Pure; units of the map."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import hypot
from operator import mul

#: What a map that has too many clusters puts between them, for the next try.
_FURTHER = 1.25
#: Places that are in memory at a time.
_AT_A_TIME = 2000

#: (x, y, runs, the row of one of them): one run, or the runs of a cell of the directory's grid.
Placed = tuple[float, float, int, int]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Runs that lie close together, at their middle, and the rectangle that they lie in. `row`: of one of them."""

    x: float
    y: float
    count: int
    row: int
    left: float
    top: float
    right: float
    bottom: float

    def joined(self, other: "Cluster") -> "Cluster":
        """Both in one."""
        count = self.count + other.count
        part = other.count / count
        return Cluster(
            self.x + (other.x - self.x) * part,
            self.y + (other.y - self.y) * part,
            count,
            self.row,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


def clusters(placed: Iterable[Placed], apart: float, most: int) -> list[Cluster]:
    """At most `most` clusters, no two nearer than `apart`, the largest first."""
    found = _apart(_by_square(placed, apart), apart)
    while len(found) > most:
        apart *= _FURTHER
        found = _apart(found, apart)
    return sorted(found, key=lambda one: (-one.count, one.y, one.x))


def _by_square(placed: Iterable[Placed], side: float) -> list[Cluster]:
    """One for each square that has any: of ten thousand places few are left to compare."""
    found: dict[tuple[float, float], Cluster] = {}
    rest = iter(placed)
    while some := [*islice(rest, _AT_A_TIME)]:
        squares: dict[tuple[float, float], list[Placed]] = defaultdict(list)
        for one in some:
            squares[one[0] // side, one[1] // side].append(one)
        for square, every in squares.items():
            together = _of_square(every)
            found[square] = found[square].joined(together) if square in found else together
    return [*found.values()]


def _of_square(every: list[Placed]) -> Cluster:
    xs, ys, counts, rows = zip(*every, strict=True)
    count = sum(counts)
    x, y = (sum(map(mul, axis, counts)) / count for axis in (xs, ys))
    return Cluster(x, y, count, rows[0], min(xs), min(ys), max(xs), max(ys))


def _apart(every: Iterable[Cluster], apart: float) -> list[Cluster]:
    """Join whatever is too near, until nothing is. What was joined lies elsewhere, so it is looked at again."""
    placed: dict[tuple[float, float], list[Cluster]] = {}
    waiting = sorted(every, key=lambda one: (one.count, one.y, one.x))
    while waiting:
        one = waiting.pop()
        near = next((other for other in _around(placed, one, apart) if _distance(one, other) < apart), None)
        if near is None:
            placed.setdefault(_square(one, apart), []).append(one)
        else:
            placed[_square(near, apart)].remove(near)
            waiting.append(one.joined(near))
    return [one for there in placed.values() for one in there]


def _square(one: Cluster, side: float) -> tuple[float, float]:
    return one.x // side, one.y // side


def _around(placed: dict[tuple[float, float], list[Cluster]], one: Cluster, side: float) -> Iterator[Cluster]:
    column, line = _square(one, side)
    for x in (-1, 0, 1):
        for y in (-1, 0, 1):
            yield from placed.get((column + x, line + y), ())


def _distance(one: Cluster, other: Cluster) -> float:
    return hypot(one.x - other.x, one.y - other.y)
