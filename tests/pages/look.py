"""One page in one situation, and who looks at it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .world import World

Form = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Look:
    """One page in one situation. `path`: with World.names in braces; `stage`: of world.LATER; `sent`: a form, posted;
    `during`: what is so while it is looked at; `is_forged`: sent from a page of somebody else's. `role`: of whoever
    looks, where that is no lead.
    """

    situation: str
    path: str
    node: str = "brisbane"
    status: int = 200
    stage: str = "now"
    is_lead: bool = False
    sent: Form | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    during: Callable[["World"], AbstractContextManager[None]] | None = None
    is_forged: bool = False
    role: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether anybody sees it who types its address."""
        return not (self.is_lead or self.role or self.sent is not None or self.headers or self.is_forged)


def by_lead(situation: str, path: str, node: str = "london", status: int = 200, sent: Form | None = None) -> Look:
    """A look by a lead of that node."""
    return Look(situation, path, node, status, is_lead=True, sent=sent)


def by_role(role: str, situation: str, path: str, status: int = 200, sent: Form | None = None) -> Look:
    """A look by somebody of that role, on London's site."""
    return Look(situation, path, "london", status, sent=sent, role=role)


def by_hq(situation: str, path: str, node: str = "hq", status: int = 200, sent: Form | None = None) -> Look:
    """A look by one of the people of HQ."""
    return Look(situation, path, node, status, is_lead=True, sent=sent)


def amid(act: Callable[["World"], AbstractContextManager[None]], look: Look) -> Look:
    """That look, while `act` is so."""
    return replace(look, during=act)
