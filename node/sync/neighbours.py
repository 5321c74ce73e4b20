"""What is known of other nodes: which ones are read next, how they answered, what they say of themselves.

Each node reads a few neighbours, so that not every node reads every feed. A hash of both addresses makes the neighbours
(rendezvous hashing): each node has its own, they stay the same while chapters come and go, and nobody can choose to be
the neighbour of many nodes.
"""

import hashlib
import random
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from ..clocks import is_within
from ..config import Settings
from ..database import Writing, table_of
from ..directory import chapters
from ..models import HeldDocument, Hq, KnownPeer
from ..wire.client import Status

#: Peers that are read in one round, and the number of neighbours they are chosen from.
PEERS_A_ROUND = 2
NEIGHBOURS = 4
#: The seed is read at least every so many rounds, so that what it holds reaches every node.
SEED_EVERY = 8
_LONGEST_PAUSE = timedelta(hours=1)
#: Pages count in minutes. An answer within a minute of the last one is not noted, so that cached pages stay good.
_HEARD_EVERY = timedelta(minutes=1)
#: By so much may our clock differ from the other nodes' (PROTOCOL.md §14.5).
CLOCK_BOUND = timedelta(minutes=10)
_CLOCKS_KEPT = timedelta(days=1)


def due(session: Session, settings: Settings, now: datetime) -> list[str]:
    """The addresses to read in this round, the least recently read first. The seed is among them in its turn.

    A peer that fails is left alone for a while, and the next one in this node's own order takes its place, so that a
    peer that refuses to answer starves no other one.
    """
    seed = chapters.seed(session, settings)
    known = chapters.addresses(session) - {settings.base_url, seed}
    met = {peer.base_url: peer for peer in session.scalars(select(KnownPeer))}
    ready = [url for url in ranked(settings.base_url, known) if _is_due(met.get(url), now)][:NEIGHBOURS]
    random.shuffle(ready)
    if seed and _is_due(met.get(seed), now) and (len(ready) < NEIGHBOURS or _is_long_ago(met.get(seed), settings, now)):
        ready.insert(0, seed)
    return sorted(ready, key=lambda url: _asked_at(met.get(url)))[:PEERS_A_ROUND]


def neighbours(session: Session, settings: Settings) -> list[str]:
    """The neighbours of this node, also those that are left alone for a while. The seed is not among them."""
    known = chapters.addresses(session) - {settings.base_url, chapters.seed(session, settings)}
    return ranked(settings.base_url, known)[:NEIGHBOURS]


def ranked(base_url: str, others: set[str]) -> list[str]:
    """`others` in this node's own order. The first ones are its neighbours."""
    return sorted(others, key=lambda other: hashlib.sha256(f"{base_url} {other}".encode()).digest())


def note_cursor(session: Writing, base_url: str, cursor: str) -> None:
    """Note that the feed of a peer has been read up to `cursor`."""
    peer_of(session, base_url).cursor = cursor


def note_answer(session: Writing, base_url: str, chapter: str | None, now: datetime) -> None:
    """Note that a peer has answered. The `chapter` that it speaks for counts as heard, if it lives at that address.

    Both must say so: a root may name anybody's host, and a host may name anybody's chapter.
    """
    peer = peer_of(session, base_url)
    peer.failures, peer.try_after, peer.asked_at = 0, None, now
    homes, held = chapters.homes(session).subquery(), table_of(HeldDocument)
    here = held.c.chapter.in_(select(homes.c.author).where(homes.c.base_url == base_url, homes.c.author == chapter))
    due = or_(held.c.heard_at.is_(None), held.c.heard_at <= now - _HEARD_EVERY, held.c.heard_at > now)
    session.execute(update(held).where(here, due).values(heard_at=now))


def note_heard(session: Writing, chapter: str, now: datetime) -> None:
    """Note that a chapter's own host has answered."""
    held = session.get(HeldDocument, chapter)
    if held is not None:
        held.heard_at = now


def note_failure(session: Writing, settings: Settings, base_url: str, now: datetime) -> None:
    """Note that a peer did not answer, or not as it should. It is left alone, longer each time."""
    peer = peer_of(session, base_url)
    peer.failures, peer.asked_at = peer.failures + 1, now
    peer.try_after = now + _pause(settings.poll_seconds, peer.failures)


def _pause(poll_seconds: int, failures: int) -> timedelta:
    """A pause doubles with each failure, up to four rounds, so that a chapter that comes back is soon heard again."""
    return min(timedelta(seconds=poll_seconds * min(1 << (failures - 1), 4)), _LONGEST_PAUSE)


def _is_due(peer: KnownPeer | None, now: datetime) -> bool:
    # A pause that ends later than the longest one began by a clock that was ahead.
    return peer is None or peer.try_after is None or not now < peer.try_after <= now + _LONGEST_PAUSE


def _is_long_ago(peer: KnownPeer | None, settings: Settings, now: datetime) -> bool:
    rounds = timedelta(seconds=settings.poll_seconds * SEED_EVERY)
    return peer is None or not is_within(peer.asked_at, rounds, now)


def _asked_at(peer: KnownPeer | None) -> float:
    return peer.asked_at.timestamp() if peer and peer.asked_at else 0.0


def note_status(session: Writing, base_url: str, status: Status, now: datetime) -> None:
    """Store what a node says of itself."""
    peer = peer_of(session, base_url)
    peer.software, peer.status_at = status.software, now
    peer.clock_off_seconds = round((status.time - now).total_seconds())


def suspect(session: Writing, base_url: str, finding: str, now: datetime) -> None:
    """Count a finding against a node, and store the newest one in words."""
    peer = peer_of(session, base_url)
    peer.suspicions += 1
    peer.suspicion, peer.suspected_at = finding, now


def suspected(session: Session) -> list[KnownPeer]:
    """Nodes with findings against them, the newest finding first."""
    return list(
        session.scalars(select(KnownPeer).where(KnownPeer.suspicions > 0).order_by(KnownPeer.suspected_at.desc()))
    )


def peer_of(session: Writing, base_url: str) -> KnownPeer:
    """The row of a node. It is made if there is none yet."""
    peer = session.get(KnownPeer, base_url)
    if peer is None:
        peer = KnownPeer(base_url=base_url, cursor="", failures=0, suspicions=0)
        session.add(peer)
    return peer


def clock_is_doubtful(session: Session, now: datetime) -> bool:
    """Whether more than half of the nodes that were asked within a day say that our clock is over ten minutes off.

    Nothing is removed meanwhile, since what seems expired may not be.
    """
    return abs(clock_error(session, now)) > CLOCK_BOUND


def clock_error(session: Session, now: datetime) -> timedelta:
    """How far our clock is ahead of most others' (behind: negative). Zero where most do not find it wrong."""
    off = _witnesses(session, now)
    for wrong in ([one for one in off if one > CLOCK_BOUND], [one for one in off if one < -CLOCK_BOUND]):
        if 2 * len(wrong) > len(off):
            return -sorted(wrong)[(len(wrong) - 1) // 2]  # the lower median
    return timedelta(0)


def clock_is_vouched_for(session: Session, settings: Settings, now: datetime) -> bool:
    """Whether other nodes have told their time within a day and most agree with ours. True without other nodes."""
    hq = session.get(Hq, 1)
    others = (chapters.addresses(session) | ({hq.url} if hq else set())) - {settings.base_url}
    if not others or not settings.poll_seconds:
        return True
    return bool(_witnesses(session, now)) and not clock_is_doubtful(session, now)


def _witnesses(session: Session, now: datetime) -> list[timedelta]:
    """How far ahead of ours each node's clock was. Answers of a time still ahead met a wrong clock of ours."""
    recent = select(KnownPeer.clock_off_seconds).where(
        KnownPeer.status_at > now - _CLOCKS_KEPT, KnownPeer.status_at <= now, KnownPeer.clock_off_seconds.is_not(None)
    )
    return [timedelta(seconds=seconds) for seconds in session.scalars(recent) if seconds is not None]
