"""Reading other nodes (PROTOCOL.md §14): the registry first, then a peer or two, then what is still missing.

The network is used outside any transaction. One bad document never blocks the rest, one bad peer never the loop.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from federation.acceptance import claimed_author
from federation.envelope import Envelope, read
from federation.errors import FederationError, Malformed, MissingRoot, NotActive, OutOfTime
from federation.feed import Block
from federation.trust import MAX_ROOTS

from .. import directory, intake, registry_sync
from ..config import Settings
from ..database import writing
from ..models import HeldDocument, Hq, Peer, RegistryChapter, Retry
from ..outbound import Unreachable, Wire
from ..peers import Node, PeerRefused
from . import bulk
from .report import Report

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
PeerTrouble = (Unreachable, PeerRefused, FederationError)

PEERS_A_ROUND = 2
#: Chapters asked for by name in one round.
_ASKED_BY_NAME = 20
_LONGEST_PAUSE = timedelta(hours=1)
#: Refusals that another try may mend, all made after the registry named the chapter. An unknown chapter needs no
#: note here: once the registry names it, it is a listed chapter without a document, and asked for. A suspended one
#: may be listed again in a registry that this node reads a moment later.
_FOR_NOW = (MissingRoot, NotActive, OutOfTime)
#: What one peer may take of one round.
BLOCKS_A_ROUND = 50
SECONDS_A_PEER = 120.0
#: Pages wait so long at a start for each peer that does not answer.
_START_SECONDS = 4.0


@dataclass(frozen=True)
class Sync:
    """One node's reading of all others."""

    sessions: sessionmaker[Session]
    settings: Settings
    wire: Wire
    clock: Clock

    def round(self, only: str | None = None) -> Report:
        """Read the registry, then the peers whose turn it is (`only`: that one), then what is still missing."""
        report = Report()
        peers = [Node(self.wire, url) for url in ([only] if only else self._turn())]
        with report.timed("registry"):
            registry_sync.refresh(self.sessions, self.settings, self._sources(peers), self.clock, report.trouble)
        for peer in peers:
            self._read_safely(peer, report)
        self._ask_by_name([peer for peer in peers if peer.base_url in report.answered], report)
        return report

    def _sources(self, peers: list[Node]) -> list[Node]:
        """Whom to ask for the registry: HQ itself, then the peers whose turn it is."""
        with self.sessions() as session:
            hq = session.get(Hq, 1)
        return ([Node(self.wire, hq.url)] if hq else []) + [peer for peer in peers if not hq or peer.base_url != hq.url]

    def _turn(self) -> list[str]:
        """The peers whose turn it is: those not in a pause, the least recently asked first."""
        now = self.clock()
        with self.sessions() as session:
            hq = session.get(Hq, 1)
            known = {url for _, url in directory.hosts(session)} | ({hq.url} if hq else set())
            met = {peer.base_url: peer for peer in session.scalars(select(Peer))}
        due = [url for url in sorted(known - {self.settings.base_url}) if _is_due(met.get(url), now)]
        random.shuffle(due)
        due.sort(key=lambda url: _asked_at(met.get(url)))
        return due[:PEERS_A_ROUND]

    def _read_safely(self, peer: Node, report: Report) -> None:
        """Whatever a peer makes us trip over, its turn is over and the next one's begins."""
        try:
            self._read_peer(peer, report)
        except PeerTrouble as error:
            report.trouble(peer.base_url, error)
            self._note_failure(peer.base_url)
        except Exception:
            log.exception("reading %s failed", peer.base_url)
            self._note_failure(peer.base_url)
        else:
            report.answered.append(peer.base_url)

    def _read_peer(self, peer: Node, report: Report) -> None:
        """Block after block, for a while: a peer that never ends waits for its next turn like all others."""
        ends = time.monotonic() + SECONDS_A_PEER
        for _ in range(BLOCKS_A_ROUND):
            if not self._read_block(peer, report) or time.monotonic() > ends:
                return

    def _read_block(self, peer: Node, report: Report) -> bool:
        """Whether there is more."""
        with self.sessions() as session:
            met = session.get(Peer, peer.base_url)
            cursor = met.cursor if met else ""
        with report.timed("fetch and unpack"):
            block = peer.changes(cursor)
        if block is None:
            self._note_answer(peer.base_url, "")
            return bool(cursor)
        _require_progress(cursor, block)
        self._take_block(peer.base_url, block, report)
        return block.more

    def _take_block(self, base_url: str, block: Block, report: Report) -> None:
        with report.timed("parse"):
            by_digest = {envelope.digest: envelope for envelope in _readable(block.envelopes, base_url, report)}
        with self.sessions() as session:
            # By digest first: a re-read costs a look-up for the whole block, not a signature check each (§14.2).
            known = directory.held_among(session, by_digest)
            fresh = {digest: envelope for digest, envelope in by_digest.items() if digest not in known}
            found = bulk.prepare(session, fresh, self.clock(), report)
        for part in bulk.batches(found):
            with self.sessions() as session, report.timed("SQLite"), writing(session):
                stored, others = bulk.store(session, self.settings, part, self.clock())
                report.stored += stored
                for one in others:
                    self._take(session, one.envelope, base_url, report)
        # The cursor moves only after all of it is stored.
        self._note_answer(base_url, str(block.cursor))

    def _take(self, session: Session, envelope: Envelope, base_url: str, report: Report) -> None:
        try:
            # Nothing of a refused document stays, whatever was flushed before the refusal.
            with session.begin_nested():
                report.stored += self._store(session, envelope)
        except FederationError as error:
            report.trouble(f"{base_url} ({envelope.digest[:8]})", error)
            if isinstance(error, _FOR_NOW):
                _remember(session, envelope, self.clock())

    def _store(self, session: Session, envelope: Envelope) -> bool:
        now = self.clock()
        if envelope.kind == "chapter-root":
            return directory.receive_root(session, self.settings, claimed_author(envelope), envelope)
        received = intake.receive(session, self.settings, envelope, now)
        retry = session.get(Retry, received.chapter)
        # Only what is newer than what is held answers the question: a peer that is behind does not.
        if retry is not None and received.outcome == "stored":
            session.delete(retry)
        return received.outcome == "stored"

    def _ask_by_name(self, peers: list[Node], report: Report) -> None:
        """What the feed's cursor has passed and is not here yet is asked for by name, of each peer until one has it."""
        with self.sessions() as session:
            missing = _missing(session, self.clock())
        for chapter in missing:
            for peer in peers:
                if self._fetch_chapter(peer, chapter, report):
                    break

    def _fetch_chapter(self, peer: Node, chapter: str, report: Report) -> bool:
        try:
            self._fetch_roots(peer, chapter)
            envelope = peer.document(chapter)
        except PeerTrouble as error:
            report.trouble(peer.base_url, error)
            return False
        if envelope is None:
            return False
        before = report.stored
        with self.sessions() as session, writing(session):
            self._take(session, envelope, peer.base_url, report)
        return report.stored > before

    def _fetch_roots(self, peer: Node, chapter: str) -> None:
        with self.sessions() as session:
            held = len(directory.chain_of(session, chapter))
        for version in range(held + 1, MAX_ROOTS + 1):
            root = peer.chapter_root(chapter, version)
            if root is None:
                return
            with self.sessions() as session, writing(session):
                if not directory.receive_root(session, self.settings, chapter, root, version):
                    return

    def ask_for_our_own(self) -> bool:
        """Ask others for our own document before anything is signed: this folder may be a restored one.

        A newer one is taken over (§8.2). True once somebody has answered, or if there is nobody to ask.
        """
        with self.sessions() as session:
            own = directory.own_id(session)
        peers = [Node(self.wire, url, _START_SECONDS) for url in self._turn()]
        if own is None or not peers:
            return True
        answers = [self._ask_for_our_own(peer, own) for peer in peers]
        return any(answers)

    def _ask_for_our_own(self, peer: Node, own: str) -> bool:
        try:
            envelope = peer.document(own)
        except PeerTrouble:
            return False
        if envelope is not None:
            # An older one is what is expected: others have not heard of our newest yet.
            with self.sessions() as session, writing(session), suppress(FederationError), session.begin_nested():
                intake.receive(session, self.settings, envelope, self.clock())
        return True

    def _note_answer(self, base_url: str, cursor: str) -> None:
        now = self.clock()
        with self.sessions() as session, writing(session):
            session.merge(Peer(base_url=base_url, cursor=cursor, failures=0, try_after=None, asked_at=now))
            for chapter, url in directory.hosts(session):
                if url == base_url:
                    directory.heard(session, chapter, now)

    def _note_failure(self, base_url: str) -> None:
        now = self.clock()
        with self.sessions() as session, writing(session):
            peer = session.get(Peer, base_url) or Peer(base_url=base_url, cursor="", failures=0)
            peer.failures, peer.asked_at = peer.failures + 1, now
            peer.try_after = now + _pause(self.settings.poll_seconds, peer.failures)
            session.add(peer)


def _require_progress(cursor: str, block: Block) -> None:
    """A feed goes on from where it was read to, in the same feed: one that does not would be read for ever."""
    feed, _, seq = cursor.partition(".")
    if not cursor:
        return
    if block.cursor.feed != feed or block.cursor.seq < int(seq) or (block.more and block.cursor.seq == int(seq)):
        raise Malformed(f"a feed that goes from {cursor} to {block.cursor}")


def _pause(poll_seconds: int, failures: int) -> timedelta:
    """Twice as long with each failure, up to four rounds: a chapter that comes back is soon heard again."""
    return min(timedelta(seconds=poll_seconds * min(1 << (failures - 1), 4)), _LONGEST_PAUSE)


def _is_due(peer: Peer | None, now: datetime) -> bool:
    return peer is None or peer.try_after is None or peer.try_after <= now


def _asked_at(peer: Peer | None) -> float:
    return peer.asked_at.timestamp() if peer and peer.asked_at else 0.0


def _readable(lines: Iterable[bytes], base_url: str, report: Report) -> list[Envelope]:
    found = []
    for line in lines:
        try:
            found.append(read(line))
        except FederationError as error:
            report.trouble(base_url, error)
    return found


def _remember(session: Session, envelope: Envelope, now: datetime) -> None:
    chapter = claimed_author(envelope)
    if session.get(Retry, chapter) is None:
        session.add(Retry(chapter=chapter, since=now))


def _missing(session: Session, now: datetime) -> list[str]:
    """Listed chapters without a document, or with one that was refused for now; not ours."""
    held = set(session.scalars(select(HeldDocument.chapter).where(HeldDocument.expires > now)))
    active = set(session.scalars(select(RegistryChapter.chapter).where(RegistryChapter.status == "active")))
    retried = set(session.scalars(select(Retry.chapter))) & directory.listed_ids(session)
    wanted = sorted(((active - held) | retried) - {directory.own_id(session)})
    return random.sample(wanted, k=min(len(wanted), _ASKED_BY_NAME))
