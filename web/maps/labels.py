"""Names on a map that never lie over each other, nor over a pin. Pure; units of the map.

The browser's letters are not known here. A name is taken for as wide as wide letters make it.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from .projection import HEIGHT, WIDTH

#: The height of a letter, and of a line.
SIZE, _LINE = 13.0, 16.0
_MOST_LETTERS = 24
#: How much wider bold letters are.
_BOLD = 1.12
#: Between a name and what it names.
_GAP = 3.0
_NARROW, _BROAD = frozenset("iljtfrI.,:;'’|()[] -"), frozenset("mwMW@%&—")
Anchor = Literal["start", "end", "middle"]


class Rectangle(NamedTuple):
    """What is taken already."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, x: float, y: float, reach: float) -> "Rectangle":
        """The square that goes so far from a point."""
        return cls(x - reach, y - reach, x + reach, y + reach)

    def meets(self, other: "Rectangle") -> bool:
        """Whether the two have a part in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def is_in(self, other: "Rectangle") -> bool:
        """Whether no part of it is outside of the other."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom


#: All of a map.
SHEET = Rectangle(0, 0, WIDTH, HEIGHT)


class Wish(NamedTuple):
    """A name, and the point that it names. `reach`: how far from the point its mark goes. `is_bold`: of a pin."""

    name: str
    x: float
    y: float
    reach: float
    is_bold: bool = False


@dataclass(frozen=True)
class Label:
    """A name at its place. `x`, `y`: where its letters begin, end or have their middle, on their line."""

    name: str
    x: float
    y: float
    anchor: Anchor
    box: Rectangle


def place(wishes: Iterable[Wish], taken: Iterable[Rectangle], sheet: Rectangle = SHEET) -> Iterator[Label | None]:
    """A label for each wish that there is room for, in their order: the first ones have the choice."""
    full = list(taken)
    for wish in wishes:
        places = _places(wish) if _is_plain(wish.name) else ()
        label = next((one for one in places if one.box.is_in(sheet) and not any(map(one.box.meets, full))), None)
        if label is not None:
            full.append(label.box)
        yield label


def shortened(name: str) -> str:
    """A name of at most so many letters."""
    return name if len(name) <= _MOST_LETTERS else name[: _MOST_LETTERS - 1].rstrip() + "…"


def _is_plain(name: str) -> bool:
    """Whether it is known how wide its letters are. One sign of a few scripts is as wide as a line."""
    return bool(name) and not any("\ufb50" <= letter <= "\ufdff" or letter >= "\U00010000" for letter in name)


@lru_cache(maxsize=1024)
def width_of(name: str) -> float:
    """How wide a name is at most."""
    return sum(map(_width, name)) * SIZE


def _width(letter: str) -> float:
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return 0.0
    if letter in _NARROW:
        return 0.38
    if letter in _BROAD or unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    return 0.74 if letter.isupper() or not letter.isascii() else 0.6


def _places(wish: Wish) -> Iterator[Label]:
    """Right of the mark, left of it, below, above."""
    name, x, y, away = shortened(wish.name), wish.x, wish.y, wish.reach + _GAP
    wide = width_of(name) * (_BOLD if wish.is_bold else 1)
    half = wide / 2
    low = y + SIZE * 0.35
    yield _label(name, x + away, low, "start", x + away, wide)
    yield _label(name, x - away, low, "end", x - away - wide, wide)
    below, above = y + away + SIZE * 0.8, y - away - SIZE * 0.1
    yield _label(name, x, below, "middle", x - half, wide)
    yield _label(name, x, above, "middle", x - half, wide)


def _label(name: str, x: float, y: float, anchor: Anchor, left: float, wide: float) -> Label:
    top = y - SIZE * 0.95
    return Label(name, x, y, anchor, Rectangle(left, top, left + wide, top + _LINE))
