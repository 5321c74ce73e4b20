"""What a check says, and what it looks at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from sqlalchemy.orm import Session

from ...config import Settings
from ...handle import Node
from . import looking
from .looking import Seen

#: well; look: nothing is broken yet, or it may be meant so; broken; unknown: it could not be looked at.
State = Literal["well", "look", "broken", "unknown"]


@dataclass(frozen=True)
class Found:
    """One line of what is so, and one of the fix, where there is one."""

    state: State
    says: str
    fix: str = ""


def well(says: str) -> Found:
    """It is as it should be."""
    return Found("well", says)


def look(says: str, fix: str) -> Found:
    """Somebody should look at it, in peace."""
    return Found("look", says, fix)


def broken(says: str, fix: str) -> Found:
    """Somebody has to mend it."""
    return Found("broken", says, fix)


def unknown(says: str, fix: str = "") -> Found:
    """It could not be looked at."""
    return Found("unknown", says, fix)


@dataclass(frozen=True)
class Check:
    """One check by its name, and what it found."""

    name: str
    found: Found


@dataclass(frozen=True, eq=False)
class Ground:
    """What the checks of a node look at. `is_serving`: this is the process that serves, which has seen more."""

    node: Node
    session: Session
    is_serving: bool = False

    @property
    def settings(self) -> Settings:
        """The node's settings."""
        return self.node.settings

    @property
    def now(self) -> datetime:
        """The time by the node's clock."""
        return self.node.clock()

    @property
    def is_internet(self) -> bool:
        """Whether people reach this node by its name. Otherwise it is tried on one machine."""
        return self.settings.network == "internet"

    @cached_property
    def seen(self) -> Seen | None:
        """How the node's own host looks from outside, looked at once for all checks. None: nobody could be asked."""
        return looking.from_outside(self.node, self.session)


#: A check of a node, and one of its folder alone, which works while the database does not.
Look = Callable[[Ground], Found]
FolderLook = Callable[[Settings], Found]
