"""What other nodes say of themselves: a liar is found by comparing, a wrong clock by what most others say."""

import statistics
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..config import Settings
from ..database import Writing
from ..directory import chapters
from ..models import Hq, KnownPeer
from ..wire.client import Status

#: What our clock may differ from the others' (PROTOCOL.md §14.5).
CLOCK_BOUND = timedelta(minutes=10)
_CLOCKS_KEPT = timedelta(days=1)


def note(session: Writing, base_url: str, status: Status, now: datetime) -> None:
    """Keep what a node says of itself."""
    peer = peer_of(session, base_url)
    peer.software, peer.status_at = status.software, now
    peer.clock_off_seconds = round((status.time - now).total_seconds())


def suspect(session: Writing, base_url: str, finding: str, now: datetime) -> None:
    """Count what was found against a node; the newest finding is kept in words."""
    peer = peer_of(session, base_url)
    peer.suspicions += 1
    peer.suspicion, peer.suspected_at = finding, now


def suspected(session: Session) -> list[KnownPeer]:
    """Nodes against which something was found, the newest finding first."""
    return list(
        session.scalars(select(KnownPeer).where(KnownPeer.suspicions > 0).order_by(KnownPeer.suspected_at.desc()))
    )


def peer_of(session: Writing, base_url: str) -> KnownPeer:
    """The row of a node, made if there is none yet."""
    peer = session.get(KnownPeer, base_url)
    if peer is None:
        peer = KnownPeer(base_url=base_url, cursor="", failures=0, suspicions=0)
        session.add(peer)
    return peer


def clock_is_doubtful(session: Session, now: datetime) -> bool:
    """Whether more than half of the nodes that were asked within a day say that our clock is over ten minutes off.

    Nothing is removed then: what seems expired here may not be.
    """
    return abs(clock_error(session, now)) > CLOCK_BOUND


def clock_error(session: Session, now: datetime) -> timedelta:
    """How far our clock is ahead of most others' (behind: negative); nothing, where they do not agree that it is."""
    off = _witnesses(session, now)
    for wrong in ([one for one in off if one > CLOCK_BOUND], [one for one in off if one < -CLOCK_BOUND]):
        if 2 * len(wrong) > len(off):
            return -statistics.median_low(wrong)
    return timedelta(0)


def clock_is_vouched_for(session: Session, settings: Settings, now: datetime) -> bool:
    """Whether somebody has said within a day what the time is, and most agree with us; or there is nobody to ask."""
    hq = session.get(Hq, 1)
    others = (chapters.addresses(session) | ({hq.url} if hq else set())) - {settings.base_url}
    if not others or not settings.poll_seconds:
        return True
    return bool(_witnesses(session, now)) and not clock_is_doubtful(session, now)


def _witnesses(session: Session, now: datetime) -> list[timedelta]:
    """How far ahead of ours each clock was. One that was asked at an hour to come was compared with a wrong clock."""
    recent = select(KnownPeer.clock_off_seconds).where(
        KnownPeer.status_at > now - _CLOCKS_KEPT, KnownPeer.status_at <= now, KnownPeer.clock_off_seconds.is_not(None)
    )
    return [timedelta(seconds=seconds) for seconds in session.scalars(recent) if seconds is not None]
