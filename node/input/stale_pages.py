"""What a lead saw when they tapped: a short mark that each form carries, so that no old page undoes another's act.

A page that was drawn before somebody else's change names another mark than how it stands now.
"""

import hashlib

from ..errors import NodeError


class StalePage(NodeError):
    """It does not stand any more as the page showed it."""

    code = "changed"


def mark(*shown: object) -> str:
    """A mark of what a page shows; the same for the same, in every process."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def require(seen: str | None, now: str) -> None:
    """Raise StalePage where a page showed something else than `now`. None: a command or a job, which saw no page."""
    if seen is not None and seen != now:
        raise StalePage("somebody has changed this meanwhile")
