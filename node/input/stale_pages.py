"""Marks of what a page showed. Each form carries one, so that a tap on an old page undoes nobody's later act.

A page that is older than somebody's change carries another mark than a page of now.
"""

import hashlib

from ..errors import NodeError


class StalePage(NodeError):
    """What the page showed has changed since."""

    code = "changed"


def mark(*shown: object) -> str:
    """A short mark of what a page shows. It is the same in every process."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def require(seen: str | None, now: str) -> None:
    """Raise StalePage if the mark `seen` is not the mark of `now`. None: a command or a job, which saw no page."""
    if seen is not None and seen != now:
        raise StalePage("somebody has changed this meanwhile")
