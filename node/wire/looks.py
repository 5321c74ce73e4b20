"""One look at a chapter's own host from outside: whether it answers there, and what its certificate and clock say.

A chapter's node cannot see itself as visitors do. So it asks another node to look (PROTOCOL.md §11.1).
"""

from datetime import datetime
from time import monotonic
from typing import Annotated

import msgspec
from msgspec import Meta

from federation.encodings import Instant, NetworkId, from_instant, to_instant
from federation.errors import FederationError, Malformed

from . import deadlines
from .client import Allowance, Peer, PeerRefused, Status
from .outbound import Unreachable, Wire

#: What was seen: the chapter's own node; another node; an answer that is no node's; or a word of failures.Failure. A
#: later node may say another word, which is read as `unreachable`.
Word = Annotated[str, Meta(max_length=40)]


class Look(msgspec.Struct, frozen=True):
    """What was seen at `at`, by the clock of whoever looked. The rest is null where no node answered."""

    chapter: NetworkId
    at: Instant
    seen: Word
    milliseconds: int | None = None
    clock: Instant | None = None
    certificate_until: Instant | None = None

    def __post_init__(self) -> None:
        for moment in (self.at, self.clock, self.certificate_until):
            if moment is not None:
                from_instant(moment)

    @property
    def certificate_ends(self) -> datetime | None:
        """The end of the host's certificate."""
        return from_instant(self.certificate_until) if self.certificate_until else None


def look_at(wire: Wire, author: str, base_url: str, is_hq: bool, now: datetime) -> Look:
    """Look at the host of a chapter, or of HQ (`is_hq`), within deadlines.LOOK. One question, and no redirect."""
    host = Peer(wire, base_url, deadlines.LOOK, Allowance(deadlines.LOOK))
    began = monotonic()
    try:
        answer, status = host.greet()
    except Unreachable as error:
        return Look(author, to_instant(now), error.kind)
    except (PeerRefused, FederationError):
        return Look(author, to_instant(now), "no-node")
    until = answer.certificate_until
    return Look(
        author,
        to_instant(now),
        "answers" if _is_home_of(status, author, is_hq) else "another-node",
        round((monotonic() - began) * 1000),
        status.clock,
        to_instant(until) if until else None,
    )


def ask_for_look(wire: Wire, base_url: str, author: str) -> Look:
    """What the node at `base_url` sees at the host of `author`. Raises Unreachable, PeerRefused, FederationError."""
    peer = Peer(wire, base_url, deadlines.LOOK_FOR_US, Allowance(deadlines.LOOK_FOR_US))
    try:
        look = msgspec.convert(peer.look_at(author), Look)
    except msgspec.ValidationError as error:
        raise Malformed(f"a look: {error}") from error
    if look.chapter != author:
        raise Malformed("a look at another chapter than was asked for")
    return look


def _is_home_of(status: Status, author: str, is_hq: bool) -> bool:
    """HQ's own node speaks for no chapter (§11)."""
    return status.chapter is None and status.hq == author if is_hq else status.chapter == author
