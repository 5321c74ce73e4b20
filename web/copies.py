"""What the first page says of a folder that may be one of two, or one that was put back from a copy."""

from dataclasses import dataclass

from node import rivals, unanswered

from .context import session


@dataclass(frozen=True)
class Copies:
    """`two_servers`: another one speaks in the same name. `is_unanswered`: it is not known what others hold of us."""

    two_servers: bool
    is_unanswered: bool


def known() -> Copies:
    """As far as this node knows."""
    return Copies(rivals.is_known(session()), unanswered.is_open(session()))
