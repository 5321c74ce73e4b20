"""The map of a country, of a city and of the world in a directory of 30,000 listings: the time to draw, and its size.

The time is the processor's own for the whole map: finding the runs, putting them together, names and SVG. A process
reads the land of a view once, which takes it a millisecond more.
"""

import gzip
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from node.search.query import Query
from web.maps import runs as maps

from ..support.network import Clock, LocalNode
from .search import fill_directory
from .table import Row

_CHAPTERS, _ROUNDS = 10_000, 60
#: Views that are not those of London's own search, so that no page has them kept.
_VIEWS = {
    "a country (the British Isles)": "54.5,-3,3.5",
    "a country (New Zealand)": "-41,173,3.5",
    "a city (London)": "51.5,-0.1,9",
    "the world": "0,0,0",
}
_GOALS = {"a country (the British Isles)", "a country (New Zealand)", "a city (London)"}


def measure() -> list[Row]:
    """Two rows for each view."""
    with tempfile.TemporaryDirectory() as folder:
        node = LocalNode(Path(folder), Clock(), 8199)
        fill_directory(node, _CHAPTERS)
        found = [row for what, view in _VIEWS.items() for row in _rows(node.app, what, view)]
        node.close()
    return found


def _rows(app: Flask, what: str, view: str) -> list[Row]:
    with app.test_request_context(f"/runs?map={view}"):
        draw = _drawing(app)
        size, packed = len(draw().encode()), len(gzip.compress(draw().encode(), 6))
        spent = statistics.median(_spent(draw) for _ in range(_ROUNDS))
    goals = what in _GOALS
    return [
        Row(
            f"map of {what}, drawn",
            f"{spent:.1f} ms",
            goal="<= 5 ms" if goals else "",
            met=spent <= 5 if goals else None,
        ),
        Row(
            f"map of {what}, packed",
            f"{packed / 1000:.1f} KB of {size / 1000:.1f}",
            goal="<= 12 KB",
            met=packed <= 12_000,
        ),
    ]


def _drawing(app: Flask) -> Callable[[], str]:
    """Draws the map of the request as a page does. Its template is compiled once, as in a page."""
    template = app.jinja_env.from_string('{% import "parts/map.html" as maps with context %}{{ maps.show(map) }}')

    def draw() -> str:
        context: dict[str, object] = {"map": maps.of_search(Query(), [])}
        app.update_template_context(context)
        return template.render(context)

    return draw


def _spent(draw: Callable[[], str]) -> float:
    began = time.process_time()
    draw()
    return (time.process_time() - began) * 1e3
