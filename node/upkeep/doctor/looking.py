"""Ask other nodes how our own host looks from outside, or look from here where none answers."""

import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from federation.encodings import from_instant
from federation.errors import FederationError

from ...chapter import identity
from ...directory import chapters
from ...handle import Node
from ...sync import neighbours
from ...wire.client import PeerRefused
from ...wire.looks import Look, ask_for_look, look_at
from ...wire.outbound import Unreachable

log = logging.getLogger(__name__)

#: Nodes that are asked. A bad look counts once a second node has seen the same, or none other answered.
_ASKED = 3


@dataclass(frozen=True)
class Seen:
    """A look at our host. `by`: the address of the node that looked. `from_outside`: by another node than this one."""

    look: Look
    by: str
    from_outside: bool

    @property
    def clock_off(self) -> float | None:
        """By how many seconds our clock is ahead of the one of whoever looked."""
        if not self.from_outside or self.look.clock is None:
            return None
        return (from_instant(self.look.clock) - from_instant(self.look.at)).total_seconds()


def from_outside(node: Node, session: Session) -> Seen | None:
    """The best look of a few nodes: a host that one of them reaches is there. None where no look was to be had."""
    author, urls = identity.own(session).id, _to_ask(node, session)
    # The read ends before the network is used: a slow node must hold no view of the database.
    session.rollback()
    looks = _looks(node, urls, author)
    first = next(looks, None)
    if first is None:
        own = node.settings.base_url
        return Seen(look_at(node.wire, author, own, node.settings.is_hq, node.clock()), own, from_outside=False)
    if first.look.seen == "answers":
        return first
    second = next(looks, first)
    return second if second.look.seen == "answers" else first


def _looks(node: Node, urls: list[str], author: str) -> Iterator[Seen]:
    for url in urls:
        try:
            yield Seen(ask_for_look(node.wire, url, author), url, from_outside=True)
        except (Unreachable, PeerRefused, FederationError) as error:
            log.info("no look from outside: %s", error)


def _to_ask(node: Node, session: Session) -> list[str]:
    """Neighbours in any order, and then HQ: of ten thousand nodes HQ alone could not look at all."""
    others = neighbours.neighbours(session, node.settings)
    random.shuffle(others)
    seed = chapters.seed(session, node.settings)
    return [*others[: _ASKED - 1], *([seed] if seed else others[_ASKED - 1 : _ASKED])]
