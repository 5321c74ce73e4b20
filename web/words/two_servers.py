"""What the first page says of a folder that may be one of two, or one that was put back from a copy."""

from dataclasses import dataclass

from node.chapter import rivals
from node.sync import restored_folder

from ..context import session


@dataclass(frozen=True)
class Copies:
    """`mark`: of another server that speaks in the same name, empty for none (node.input.stale_pages).
    `is_unanswered`: it is not
    known what others hold of us.
    """

    mark: str
    is_unanswered: bool

    @property
    def two_servers(self) -> bool:
        """Whether another one speaks in the same name."""
        return bool(self.mark)


def copies() -> Copies:
    """As far as this node knows."""
    return Copies(rivals.mark(session()), restored_folder.is_open(session()))
