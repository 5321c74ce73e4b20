"""The pages that a newcomer meets, as Lighthouse grades their speed on a slow phone; the median of a few visits."""

import statistics
import tempfile
from pathlib import Path

from ..pages.world import World, world
from ..support.lighthouse import grade
from .table import Row

_VISITS = 5
_GOAL = 98
_PAGES = {
    "home": ("london", "/"),
    "HQ's home": ("hq", "/"),
    "search": ("london", "/runs?near=London"),
    "run": ("london", "/runs/{london}/{confirmed}"),
}


def measure() -> list[Row]:
    """A grade of 100 is the best of all pages that Lighthouse knows."""
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:
        return [_graded(made, name) for name in _PAGES]


def _graded(made: World, name: str) -> Row:
    url = made.url(*_PAGES[name])
    score = statistics.median(grade(url, ("performance",)).score["performance"] for _ in range(_VISITS))
    return Row(f"Lighthouse, speed on a phone: {name}", f"{score:.0f}", goal=f">= {_GOAL}", met=score >= _GOAL)
