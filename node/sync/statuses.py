"""What other nodes say of themselves: a liar is found by comparing, a slow clock by the median of many."""

import statistics
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Peer
from ..peers import Status

#: What our clock may differ from the others' median, and how many it takes to say so (PROTOCOL.md §14.5).
CLOCK_BOUND = timedelta(minutes=10)
CLOCK_WITNESSES = 5
ASKED_EVERY = timedelta(hours=1)
_CLOCKS_KEPT = timedelta(days=1)


def note(session: Session, base_url: str, status: Status, now: datetime) -> None:
    """Keep what a node says of itself, inside writing."""
    peer = peer_of(session, base_url)
    peer.software, peer.status_at = status.software, now
    peer.clock_off_seconds = round((status.time - now).total_seconds())


def is_known(session: Session, base_url: str, now: datetime) -> bool:
    """Whether its feed has been read before, and it has said within the hour how it is."""
    peer = session.get(Peer, base_url)
    return bool(peer and peer.cursor and peer.status_at and now - peer.status_at < ASKED_EVERY)


def suspect(session: Session, base_url: str, finding: str, now: datetime) -> None:
    """Count what was found against a node, inside writing; the newest finding is kept in words."""
    peer = peer_of(session, base_url)
    peer.suspicions += 1
    peer.suspicion, peer.suspected_at = finding, now


def suspected(session: Session) -> list[Peer]:
    """Nodes against which something was found, the newest finding first."""
    return list(session.scalars(select(Peer).where(Peer.suspicions > 0).order_by(Peer.suspected_at.desc())))


def peer_of(session: Session, base_url: str) -> Peer:
    """The row of a node, made if there is none yet."""
    peer = session.get(Peer, base_url)
    if peer is None:
        peer = Peer(base_url=base_url, cursor="", failures=0, suspicions=0)
        session.add(peer)
    return peer


def clock_is_doubtful(session: Session, now: datetime) -> bool:
    """Whether five nodes or more, asked within a day, say by their median that our clock is over ten minutes off.

    Nothing is removed then: what seems expired here may not be.
    """
    recent = select(Peer.clock_off_seconds).where(
        Peer.status_at > now - _CLOCKS_KEPT, Peer.clock_off_seconds.is_not(None)
    )
    off = [seconds for seconds in session.scalars(recent) if seconds is not None]
    return len(off) >= CLOCK_WITNESSES and abs(statistics.median(off)) > CLOCK_BOUND.total_seconds()
