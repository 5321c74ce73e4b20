"""The town that people would name for a point."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import cos, radians

#: A cell is a tenth of a degree high and wide; in degrees times 10,000.
_CELL = 1_000
#: Rings of cells around a point: beyond, nothing is near.
_RINGS = 10
#: A city is named from further away than a village: with 32 times the people, from twice as far.
_PULL = 1 / 5
#: Where nobody has counted, and for hamlets.
_LEAST_PEOPLE = 500


class Towns:
    """Towns by the cell of the globe that they lie in. The antimeridian is an edge: no post goes across it."""

    def __init__(self, towns: Iterable[tuple[int, str, int, int, int]]) -> None:
        """Of each its id, country, latitude and longitude in degrees times 10,000, and how many people live there."""
        self._cells: dict[tuple[str, int, int], list[tuple[float, int, int, int]]] = defaultdict(list)
        for number, country, lat, lon, people in towns:
            pull = max(people, _LEAST_PEOPLE) ** (2 * _PULL)
            self._cells[country, lat // _CELL, lon // _CELL].append((pull, lat, lon, number))

    def named(self, country: str, lat_e4: int, lon_e4: int) -> int | None:
        """The id of one of that country, about a hundred kilometres away at most: near, and large for its distance."""
        narrow = cos(radians(lat_e4 / 10_000))
        least, best = float("inf"), None
        for pull, lat, lon, number in self._near(country, lat_e4 // _CELL, lon_e4 // _CELL):
            farness = ((lat - lat_e4) ** 2 + ((lon - lon_e4) * narrow) ** 2) / pull
            if farness < least:
                least, best = farness, number
        return best

    def _near(self, country: str, row: int, column: int) -> list[tuple[float, int, int, int]]:
        """Those of the cell and the ring of cells around it, or else of the first wider ring that has one."""
        found = [*self._ring(country, row, column, 0), *self._ring(country, row, column, 1)]
        for ring in range(2, _RINGS):
            if found:
                break
            found = list(self._ring(country, row, column, ring))
        return found

    def _ring(self, country: str, row: int, column: int, ring: int) -> Iterator[tuple[float, int, int, int]]:
        for down in range(-ring, ring + 1):
            for across in range(-ring, ring + 1) if abs(down) == ring else (-ring, ring):
                yield from self._cells.get((country, row + down, column + across), ())
