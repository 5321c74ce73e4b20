"""Read HQ's roots, then its registry, then the bins, from HQ itself or from a node that relays them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from federation.envelope import Envelope
from federation.errors import FederationError, Older
from federation.trust import MAX_ROOTS
from federation.words import LISTED

from ..chapter import pauses
from ..config import Settings
from ..database import Writing
from ..directory import chapters, registry
from ..handle import Node
from ..models import HeldDocument, HeldRegistry, Hq
from ..relay import queue
from ..wire.client import Peer, PeerRefused
from ..wire.outbound import Unreachable

Complain = Callable[[str, Exception], None]


def refresh(node: Node, sources: list[Peer], complain: Complain) -> None:
    """Adopt a newer registry if a source has it. HQ is the first; others are asked while it does not answer.

    HQ's own node asks nobody. A source in trouble is passed to `complain`, and the next one is asked.
    """
    with node.sessions() as session:
        hq = session.get(Hq, 1)
    if hq is None or hq.url == node.settings.base_url:
        return
    for source in sources:
        try:
            _refresh_from(node, source, hq)
        except Older:
            continue  # a relay that is behind is no trouble
        except (Unreachable, PeerRefused, FederationError) as error:
            complain(source.base_url, error)
        else:
            return


def refresh_from(node: Node, source: Peer, hq: Hq) -> None:
    """Adopt a newer registry if `source` gives it. HQ's own node takes none from others."""
    if hq.url != node.settings.base_url:
        with suppress(Unreachable, PeerRefused, FederationError):
            _refresh_from(node, source, hq)


def fetch_roots(source: Peer, hq: str, after: int) -> list[Envelope]:
    """HQ's roots from version `after` + 1 to the newest that `source` has, unverified."""
    found: list[Envelope] = []
    for version in range(after + 1, MAX_ROOTS + 1):
        root = source.hq_root(hq, version)
        if root is None:
            break
        found.append(root)
    return found


def _refresh_from(node: Node, source: Peer, hq: Hq) -> None:
    with node.sessions() as session:
        chain = registry.chain_of(session)
        held = session.get(HeldRegistry, 1)
    _take_roots(node, source, hq.id, len(chain))
    envelope = source.registry(hq.id, held.digest if held else "")
    if envelope is not None:
        _adopt(node, source, hq, envelope)
    elif source.base_url == hq.url:
        with node.writing() as transaction:
            transaction.get_one(HeldRegistry, 1).read_at = node.clock()


def _take_roots(node: Node, source: Peer, hq: str, known: int) -> None:
    """Take HQ's next roots one by one. A source whose next root is refused is asked for no more."""
    while known < MAX_ROOTS and (root := source.hq_root(hq, known + 1)) is not None:
        with node.writing() as transaction:
            if not registry.receive_root(transaction, root):
                return
        known += 1


def _adopt(node: Node, source: Peer, hq: Hq, envelope: Envelope) -> None:
    now = node.clock()
    with node.sessions() as session:
        wanted = registry.missing_bins(session, envelope, now)
    bins = {digest: source.bin(hq.id, digest) for digest in wanted}
    with node.sessions() as session:
        # Checked outside the lock, since a large registry takes a while to read.
        checked = registry.check(session, envelope, bins, now)
    with node.writing() as transaction:
        was_listed = _lists_us(transaction)
        registry.adopt(transaction, checked, now, from_hq=source.base_url == hq.url)
        transaction.flush()
        pauses.heed_hq(transaction)
        if _lists_us(transaction) and not was_listed:
            _introduce(transaction, node.settings, now)


def _lists_us(session: Session) -> bool:
    own = chapters.own_id(session)
    entry = chapters.entry_of(session, own) if own else None
    return entry is not None and entry.status in LISTED


def _introduce(session: Writing, settings: Settings, now: datetime) -> None:
    """Hand our document to a node that others read, since HQ has just let us in (again)."""
    own = chapters.own_id(session)
    held = session.get(HeldDocument, own)
    if own and held and held.digest:
        queue.add_for_seed(session, settings, own, now)
