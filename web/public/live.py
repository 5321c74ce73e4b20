"""The live check of a run: this node asks the chapter while the page says what is known (PROTOCOL.md §13.4)."""

from dataclasses import dataclass
from threading import Lock

from flask import Flask, current_app
from sqlalchemy.orm import sessionmaker

from node.directory.listings import Occurrence
from node.sync.live_check import Checked, Checker

from ..context import clock, db, now, settings, wire
from ..http import page_cache
from ..words.states import SOON

_NAME = "live_check"
_first = Lock()


@dataclass(frozen=True)
class LiveCheck:
    """What a page says of the check. `is_settled`: whether the check is done for this minute."""

    checked: Checked | None
    is_settled: bool


def ask(shown: Occurrence) -> LiveCheck | None:
    """Ask the chapter of a date that is near, if that is due; None for a later date. It never waits for the answer."""
    if shown.starts - now() > SOON:
        return None
    checked = _checker().ask(shown.chapter, now())
    is_settled = checked is not None and checked.is_good(now())
    if not is_settled:
        # A kept page would hide the answer from a reader who looks again.
        page_cache.pass_by()
    return LiveCheck(checked, is_settled)


def start(app: Flask) -> None:
    """Begin no thread: the first check does."""
    app.extensions[_NAME] = None


def close(app: Flask) -> None:
    """Wait for the checks that have begun, and begin no other."""
    checker: Checker | None = app.extensions[_NAME]
    if checker is not None:
        checker.close()


def _checker() -> Checker:
    found: Checker | None = current_app.extensions[_NAME]
    if found is None:
        made = Checker(sessionmaker(db.engine), settings(), wire(), clock())
        # Two first requests at once get the same one.
        with _first:
            found = current_app.extensions[_NAME] = current_app.extensions[_NAME] or made
    return found
