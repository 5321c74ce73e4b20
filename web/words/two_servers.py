"""Whether this data folder may be one of two copies, or was put back from a backup. A board tells it."""

from dataclasses import dataclass

from node.chapter import rivals
from node.sync import restored_folder

from ..context import session


@dataclass(frozen=True)
class Copies:
    """`mark`: the mark of another server that signs in the same name (node.input.stale_pages); empty for none.
    `is_unanswered`: whether it is not known yet what others hold of us.
    """

    mark: str
    is_unanswered: bool


def copies() -> Copies:
    """What this node knows of another copy of its folder."""
    return Copies(rivals.mark(session()), restored_folder.is_open(session()))
