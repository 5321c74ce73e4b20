"""HQ's folder may have been put back from a copy, so before HQ signs it asks others for a newer registry (§8.2).

A list that is older than the one that other nodes have would bring a suspended chapter back.
"""

import logging
import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.envelope import Envelope
from federation.errors import FederationError, Older

from ..chapter import rivals
from ..database import Writing, writing
from ..directory import chapters, registry
from ..handle import Node
from ..models import Admission, HeldRegistry, Hq, RegistryChapter
from ..wire import deadlines
from ..wire.client import Peer, PeerRefused
from ..wire.outbound import Unreachable
from . import history
from .history import COMMAND_LINE

log = logging.getLogger(__name__)

#: So many answers are enough: every node has the newest registry within a round.
ENOUGH = 3
#: A version is a time (§8.2), and may lie ahead of it where a clock did. One that lies further ahead was set by
#: somebody who wants to leave HQ no number to go on with.
MOST_AHEAD = timedelta(days=366)


def ask_once(session: Session, node: Node) -> bool:
    """Ask as `ask` does until a node has answered this process, and return True at once from then on."""
    if not node.is_registry_answered.is_set() and ask(session, node):
        node.is_registry_answered.set()
    return node.is_registry_answered.is_set()


def ask(session: Session, node: Node) -> bool:
    """Take over the newest of our registries that another node holds and this folder lacks.

    True if a node has answered, or if there is none to ask. The read transaction of `session` is ended first.
    """
    hq = session.get(Hq, 1)
    if not node.settings.is_hq or hq is None:
        return True
    urls, now = list(chapters.addresses(session) - {node.settings.base_url}), node.clock()
    random.shuffle(urls)
    ends, answers = time.monotonic() + deadlines.REGISTRY_OF_ALL, 0
    for url in urls:
        answers += _has_answered(session, Peer(node.wire, url, deadlines.REGISTRY), hq.id, now)
        if answers == ENOUGH or time.monotonic() > ends:
            break
    if urls and not answers:
        log.warning("no other node has answered yet whether it holds a newer registry than this folder")
    return answers > 0 or not urls


def meet(session: Session, node: Node, peer: Peer) -> None:
    """Take over from a node that says it holds a newer registry than HQ's own, because another server signs, too."""
    hq = session.get(Hq, 1)
    if node.settings.is_hq and hq is not None:
        _has_answered(session, peer, hq.id, node.clock())


def _has_answered(session: Session, peer: Peer, hq_id: str, now: datetime) -> bool:
    try:
        _read(session, peer, hq_id, now)
    except Older:
        return True  # as it should be: the node has nothing that this folder lacks
    except (Unreachable, PeerRefused):
        return False
    except FederationError as error:
        log.warning("%s holds no registry that this node can take: %s", peer.base_url, error)
        return False
    return True


def _read(session: Session, peer: Peer, hq_id: str, now: datetime) -> None:
    held, count = session.get(HeldRegistry, 1), len(registry.chain_of(session))
    digest = held.digest if held else ""
    session.rollback()
    _take_roots(session, peer, hq_id, count)
    envelope = peer.registry(hq_id, digest)
    if envelope is not None:
        _take_over(session, peer, hq_id, envelope, now)


def _take_roots(session: Session, peer: Peer, hq_id: str, count: int) -> None:
    """Take HQ's newer roots one by one. A node that gives a false one is asked no more, since HQ's pages wait."""
    while (root := peer.hq_root(hq_id, count + 1)) is not None:
        with writing(session) as transaction:
            if not registry.receive_root(transaction, root):
                return
        count += 1


def _take_over(session: Session, peer: Peer, hq_id: str, envelope: Envelope, now: datetime) -> None:
    wanted = registry.missing_bins(session, envelope, now)
    session.rollback()
    bins = dict(_bins(peer, hq_id, wanted))
    checked = registry.check(session, envelope, bins, now)
    if checked.registry.version > (now + MOST_AHEAD).timestamp():
        log.error("%s holds a registry of a time to come: is the registry key in other hands?", peer.base_url)
        return
    with writing(session) as transaction:
        if registry.adopt(transaction, checked, now, from_hq=False):
            _tell(transaction, now)


def _bins(peer: Peer, hq_id: str, wanted: list[str]) -> Iterator[tuple[str, bytes]]:
    ends = time.monotonic() + deadlines.REGISTRY_OF_ALL
    for digest in wanted:
        if time.monotonic() > ends:
            raise Unreachable(f"{peer.base_url}: too slow")
        yield digest, peer.bin(hq_id, digest)


def _tell(session: Writing, now: datetime) -> None:
    """Have HQ's pages tell of it. Chapters that waited in the copy and have joined since wait no more."""
    rivals.note_met(session, now)
    session.execute(delete(Admission).where(Admission.chapter.in_(select(RegistryChapter.chapter))))
    history.record(session, "take-over", COMMAND_LINE, None, now)
