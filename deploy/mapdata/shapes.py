"""Lines and rings of a plane: fewer points, and cut to squares. Pure."""

from collections.abc import Iterator
from itertools import pairwise

Point = tuple[float, float]
Shape = list[Point]


def simplified(line: Shape, tolerance: float) -> Shape:
    """Fewer points, none of those left out further than `tolerance` from the line (Douglas and Peucker)."""
    if len(line) < 3:
        return line
    kept, spans = {0, len(line) - 1}, [(0, len(line) - 1)]
    if line[0] == line[-1]:
        # A ring: its two halves, for from a point to itself there is no line.
        middle = max(range(len(line)), key=lambda n: _square(line[n], line[0]))
        kept, spans = {0, middle, len(line) - 1}, [(0, middle), (middle, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        furthest, square = _furthest(line, first, last)
        if square > tolerance * tolerance:
            kept.add(furthest)
            spans += [(first, furthest), (furthest, last)]
    return [line[number] for number in sorted(kept)]


def area(ring: Shape) -> float:
    """Square units, whichever way round."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))) / 2


def tiles_of_ring(ring: Shape, size: float) -> Iterator[tuple[int, int, Shape]]:
    """(column, row, ring) of each square of the plane that the ring fills in part or whole."""
    for row, band in _bands(ring, size, 1):
        for column, part in _bands(band, size, 0):
            yield column, row, part


def tiles_of_line(line: Shape, size: float) -> Iterator[tuple[int, int, Shape]]:
    """(column, row, line) of each square, cut where the line passes from one to another."""
    part: Shape = line[:1]
    for a, b in pairwise(line):
        for inside in _steps(a, b, size):
            part.append(inside)
            middle = ((part[-2][0] + inside[0]) / 2, (part[-2][1] + inside[1]) / 2)
            tile = int(middle[0] // size), int(middle[1] // size)
            if inside != b or inside == line[-1]:
                yield (*tile, part)
                part = [inside]


def _steps(a: Point, b: Point, size: float) -> Iterator[Point]:
    """The points at which a line leaves a square, and its end."""
    cuts = {1.0}
    for axis in (0, 1):
        low, high = sorted((a[axis], b[axis]))
        edge = (low // size + 1) * size
        while edge < high:
            cuts.add((edge - a[axis]) / (b[axis] - a[axis]))
            edge += size
    for part in sorted(cuts):
        yield b if part == 1.0 else (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)


def _bands(ring: Shape, size: float, axis: int) -> Iterator[tuple[int, Shape]]:
    """(number, ring) of each strip across an axis, in order: what lies before an edge is cut off, the rest goes on."""
    low, high = min(one[axis] for one in ring), max(one[axis] for one in ring)
    rest = ring
    for number in range(int(low // size), int(high // size) + 1):
        edge = (number + 1) * size
        band, rest = _half(rest, axis, edge, before=True), _half(rest, axis, edge, before=False)
        if len(band) > 3:
            yield number, band


def _half(ring: Shape, axis: int, edge: float, *, before: bool) -> Shape:
    """What of a ring lies on one side of an edge (Sutherland and Hodgman)."""
    side = 1 if before else -1
    kept: Shape = []
    for a, b in pairwise(ring):
        if ((edge - a[axis]) * side >= 0) != ((edge - b[axis]) * side >= 0):
            part = (edge - a[axis]) / (b[axis] - a[axis])
            other = a[1 - axis] + (b[1 - axis] - a[1 - axis]) * part
            kept.append((edge, other) if axis == 0 else (other, edge))
        if (edge - b[axis]) * side >= 0:
            kept.append(b)
    return [*kept, kept[0]] if kept else []


def _furthest(line: Shape, first: int, last: int) -> tuple[int, float]:
    (ax, ay), (bx, by) = line[first], line[last]
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    best, most = first, 0.0
    for number in range(first + 1, last):
        x, y = line[number][0] - ax, line[number][1] - ay
        part = max(0.0, min(1.0, (x * dx + y * dy) / length)) if length else 0.0
        square = (x - part * dx) ** 2 + (y - part * dy) ** 2
        if square > most:
            best, most = number, square
    return best, most


def _square(a: Point, b: Point) -> float:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
