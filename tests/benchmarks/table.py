"""The one table that every benchmark adds rows to."""

from collections.abc import Callable
from dataclasses import dataclass

WIDTHS = (52, 34, 34, 8, 20)


@dataclass(frozen=True)
class Row:
    """One figure in words with its unit, beside what it is held against; `met` is None where there is no goal.

    `floor`: what the same machine needs in the same run for the part that cannot be saved. `ratio`: figure to floor.
    """

    what: str
    figure: str
    floor: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


#: What a benchmark module offers as `measure`.
Measure = Callable[[], list[Row]]

HEADING = "  ".join(
    f"{title:{width}}" for title, width in zip(("what", "figure", "floor", "ratio", "goal"), WIDTHS, strict=True)
)


def line(row: Row) -> str:
    """The row as it is printed."""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}x"
    cells = zip((row.what, row.figure, row.floor, ratio, row.goal), WIDTHS, strict=True)
    verdict = {True: "met", False: "NOT MET", None: ""}[row.met]
    return "  ".join([*(f"{cell:{width}}" for cell, width in cells), verdict]).rstrip()
