"""The live check of a run: this node asks the chapter while the page says what is known (PROTOCOL.md §13.4)."""

from dataclasses import dataclass

from flask import Flask, current_app

from node.directory.listings import Occurrence
from node.sync.live_check import Checked, Checker

from ..context import node_of, now
from ..http import page_cache
from ..words.states import SOON

_NAME = "live_check"


@dataclass(frozen=True)
class LiveCheck:
    """What a page says of the check. `is_settled`: whether the check is done for this minute."""

    checked: Checked | None
    is_settled: bool


def ask(shown: Occurrence) -> LiveCheck | None:
    """Ask the chapter of a date that is near, if that is due; None for a later date. It never waits for the answer."""
    if shown.starts - now() > SOON:
        return None
    checked = _checker(current_app).ask(shown.chapter, now())
    is_settled = checked is not None and checked.is_good(now())
    if not is_settled:
        # A kept page would hide the answer from a reader who looks again.
        page_cache.pass_by()
    return LiveCheck(checked, is_settled)


def start(app: Flask) -> None:
    """Give the application its own checks. The first one begins the threads."""
    app.extensions[_NAME] = Checker(node_of(app))


def close(app: Flask) -> None:
    """Wait for the checks that have begun, and begin no other."""
    _checker(app).close()


def _checker(app: Flask) -> Checker:
    found: Checker = app.extensions[_NAME]
    return found
