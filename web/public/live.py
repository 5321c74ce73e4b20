"""The live check of a run's page: asked beside the page, which says at once what is known (PROTOCOL.md §13.4)."""

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
    """What the page says of the check. `is_settled`: looking again within the minute says nothing more."""

    checked: Checked | None
    is_settled: bool


def ask(shown: Occurrence) -> LiveCheck | None:
    """Ask, where it is due, the chapter of a date that is near; None for later dates. Never waits."""
    if shown.starts - now() > SOON:
        return None
    checked = _checker().ask(shown.chapter, now())
    is_settled = checked is not None and checked.is_good(now())
    if not is_settled:
        # Who looks again is to see the answer: this page is not for the next one.
        page_cache.pass_by()
    return LiveCheck(checked, is_settled)


def start(app: Flask) -> None:
    """No thread begins before the first check."""
    app.extensions[_NAME] = None


def close(app: Flask) -> None:
    """Wait for the checks that have begun, and begin none any more."""
    checker: Checker | None = app.extensions[_NAME]
    if checker is not None:
        checker.close()


def _checker() -> Checker:
    found: Checker | None = current_app.extensions[_NAME]
    if found is None:
        made = Checker(sessionmaker(db.engine), settings(), wire(), clock())
        # Two first requests at once agree on one.
        with _first:
            found = current_app.extensions[_NAME] = current_app.extensions[_NAME] or made
    return found
