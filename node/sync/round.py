"""Reading other nodes (PROTOCOL.md §14): the registry first, then a peer or two, then what is still missing.

The network is used outside any transaction. One bad document never blocks the others, one bad peer never the round.
"""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, sessionmaker

from federation.errors import FederationError, Malformed, MissingRoot, NotActive, Older, OutOfTime
from federation.feed import Block
from federation.trust import MAX_ROOTS

from ..database import CannotWrite, Writing
from ..directory import chapters, held, roots
from ..directory.held import Prepared, Received, Result
from ..handle import Node
from ..logs import log_well
from ..models import HeldDocument, Hq, KnownPeer, RegistryChapter, Retry
from ..wire import deadlines
from ..wire.client import Allowance, Peer, PeerRefused, Status
from ..wire.outbound import Unreachable
from . import intake, neighbours, registry
from .blocks import Reader, one_ahead, parts
from .report import Report

log = logging.getLogger(__name__)

PeerTrouble = (Unreachable, PeerRefused, FederationError)

#: More documents than these are read by a process of its own (node.sync.child).
LARGE = 500
#: Chapters asked for by name in one round.
_ASKED_BY_NAME = 20
#: Refusals that another try may mend. An unknown chapter is not among them: once the registry names it, it is a listed
#: chapter without a document, and asked for by name. A suspended one may be listed again a moment later.
_FOR_NOW = (MissingRoot, NotActive, OutOfTime)
#: What one peer may take of a round.
BLOCKS_A_ROUND = 50
BYTES_A_ROUND = 64 * 1024 * 1024


@dataclass(frozen=True)
class Sync:
    """One node's reading of other nodes."""

    node: Node

    def round(self, only: str | None = None, *, whole: bool = True) -> Report:
        """Read the registry, then the peers that are due (or `only` one), then what is still missing.

        Not `whole`: a large reading is left undone, and the report is `unfinished`.
        """
        report = Report()
        with self.node.sessions() as session:
            urls = [only] if only else neighbours.due(session, self.node.settings, self.node.clock())
        peers = [self._allowed(url) for url in urls]
        if not self._begin(peers, report) and not whole:
            report.unfinished = True
            return report
        with report.timed("registry"):
            registry.refresh(self.node, self._sources(peers), report.trouble)
        for peer in peers:
            self._read_safely(peer, report, whole)
        self._ask_by_name([peer for peer in peers if peer.base_url in report.answered], report)
        for base_url in set(report.answered) - report.troubled:
            log_well(base_url)
        return report

    def _begin(self, peers: list[Peer], report: Report) -> bool:
        """Ask `peers` for their status. False if one of them holds far more documents than this node."""
        with self.node.sessions() as session:
            held = session.scalar(select(func.count()).select_from(HeldDocument)) or 0
        counts = [status.counts.documents for peer in peers if (status := self._hear(peer, report))]
        return max(counts, default=0) <= held + LARGE

    def _hear(self, peer: Peer, report: Report) -> Status | None:
        """Ask a peer for its status, and which chapter's own host it is, before its feed is read."""
        try:
            status = peer.status()
        except PeerTrouble as error:
            report.trouble(peer.base_url, error)
            return None
        with self.node.writing() as transaction:
            neighbours.note_status(transaction, peer.base_url, status, self.node.clock())
        report.speaks_for[peer.base_url] = status.chapter
        return status

    def _sources(self, peers: list[Peer]) -> list[Peer]:
        """The nodes to ask for the registry: HQ itself, then the peers of this round."""
        with self.node.sessions() as session:
            hq = session.get(Hq, 1)
        here = [peer for peer in peers if hq and peer.base_url == hq.url]
        first = here or ([self._allowed(hq.url)] if hq else [])
        return first + [peer for peer in peers if peer not in first]

    def _allowed(self, base_url: str) -> Peer:
        """A peer with the time that it may take of a round."""
        return Peer(self.node.wire, base_url, allowance=Allowance(deadlines.PEER))

    def _read_safely(self, peer: Peer, report: Report, whole: bool) -> None:
        """Read one peer. Whatever goes wrong with it, the round goes on with the next one."""
        try:
            self._read_peer(peer, report, BLOCKS_A_ROUND if whole else 1)
        except PeerTrouble as error:
            report.trouble(peer.base_url, error)
            self._note_failure(peer.base_url)
        except CannotWrite:
            # No fault of the peer's: it is read again in its turn.
            log.exception("what %s gives could not be kept", peer.base_url)
        except Exception:
            log.exception("reading %s failed", peer.base_url)
            self._note_failure(peer.base_url)
        else:
            self._note_answer(peer.base_url, report.speaks_for.get(peer.base_url))
            report.answered.append(peer.base_url)

    def _read_peer(self, peer: Peer, report: Report, most: int) -> None:
        """Read block after block. While one is stored, the next is verified, and the one after that is on its way."""
        passed = noted = self._cursor_of(peer.base_url)
        try:
            with (
                self._own_connection() as sessions,
                one_ahead(self._blocks(peer, passed, most, report)) as blocks,
                one_ahead(map(Reader(sessions, self.node.settings, self.node.clock, report).read, blocks)) as read,
            ):
                for cursor, found in read:
                    if found:
                        self._store(found, report)
                        self._note_cursor(peer.base_url, cursor)
                        noted = cursor
                    passed = cursor
                    report.tell_refused(peer.base_url)
        finally:
            report.tell_refused(peer.base_url)
            # The cursor passes blocks that had nothing new by one note for all of them.
            if passed != noted:
                self._note_cursor(peer.base_url, passed)

    @contextmanager
    def _own_connection(self) -> Iterator[sessionmaker[Session]]:
        """A connection for the reading thread alone: one that changed threads would find its caches outdated."""
        with self.node.sessions() as session, session.get_bind().engine.connect() as connection:
            yield sessionmaker(connection)

    def _blocks(self, peer: Peer, cursor: str, most: int, report: Report) -> Iterator[Block]:
        """The blocks of a peer's feed, up to a bound: a feed that never ends goes on in a later round."""
        ends, room = time.monotonic() + deadlines.PEER, BYTES_A_ROUND
        for _ in range(most):
            with report.timed("fetch and unpack"):
                block = peer.changes(cursor)
            if block is None and not cursor:
                return
            if block is not None:
                _require_progress(cursor, block)
                yield block
                if not block.more:
                    return
                room -= sum(map(len, block.envelopes))
            cursor = str(block.cursor) if block else ""
            if room <= 0 or peer.is_over or time.monotonic() > ends:
                break
        report.unfinished = True

    def _store(self, found: list[Prepared], report: Report) -> None:
        """Take what was prepared, at most fifty documents under one hold of the write lock."""
        for part in parts(found):
            with self.node.sessions() as session, report.timed("SQLite"):
                results = intake.take(session, self.node.settings, part, self.node.clock())
            self._report(part, results, report)

    def _report(self, part: list[Prepared], results: list[Result], report: Report) -> None:
        """Count what is new, and note refusals. A refusal that another try may mend is asked for by name later."""
        refused = [(one, result) for one, result in zip(part, results, strict=True) if _is_trouble(result)]
        for one, error in refused:
            report.refused(one.digest[:8], error)
        report.stored += sum(isinstance(result, Received) and result.outcome == "stored" for result in results)
        again = {one.chapter for one, error in refused if isinstance(error, _FOR_NOW)}
        if again:
            with self.node.writing() as transaction:
                _remember(transaction, again, self.node.clock())

    def _ask_by_name(self, peers: list[Peer], report: Report) -> None:
        """Ask peers for missing documents by name until one has them. The feed does not bring them again."""
        with self.node.sessions() as session:
            missing = _missing(session, self.node.clock())
        for chapter in missing:
            for peer in peers:
                if not peer.is_over and self._fetch_chapter(peer, chapter, report):
                    break

    def _fetch_chapter(self, peer: Peer, chapter: str, report: Report) -> bool:
        try:
            self._fetch_roots(peer, chapter)
            envelope = peer.document(chapter)
        except PeerTrouble as error:
            report.trouble(peer.base_url, error)
            return False
        if envelope is None:
            return False
        with self.node.sessions() as session:
            prepared = held.prepare(session, self.node.settings, [envelope], self.node.clock(), chapter)
        before = report.stored
        self._store(prepared, report)
        report.tell_refused(peer.base_url)
        return report.stored > before

    def _fetch_roots(self, peer: Peer, chapter: str) -> None:
        with self.node.sessions() as session:
            known = len(roots.chain_of(session, chapter))
        for version in range(known + 1, MAX_ROOTS + 1):
            root = peer.chapter_root(chapter, version)
            if root is None:
                return
            with self.node.sessions() as session:
                if not intake.receive_root(session, self.node.settings, chapter, version, root, self.node.clock()):
                    return

    def _cursor_of(self, base_url: str) -> str:
        with self.node.sessions() as session:
            met = session.get(KnownPeer, base_url)
            return met.cursor if met else ""

    def _note_cursor(self, base_url: str, cursor: str) -> None:
        with self.node.writing() as transaction:
            neighbours.note_cursor(transaction, base_url, cursor)

    def _note_answer(self, base_url: str, chapter: str | None) -> None:
        with self.node.writing() as transaction:
            neighbours.note_answer(transaction, base_url, chapter, self.node.clock())

    def _note_failure(self, base_url: str) -> None:
        with self.node.writing() as transaction:
            neighbours.note_failure(transaction, self.node.settings, base_url, self.node.clock())


def _require_progress(cursor: str, block: Block) -> None:
    """Raise Malformed unless a feed goes on from its cursor. Any other feed would be read for ever."""
    feed, _, seq = cursor.partition(".")
    if not cursor:
        return
    if block.cursor.feed != feed or block.cursor.seq < int(seq) or (block.more and block.cursor.seq == int(seq)):
        raise Malformed(f"a feed that goes from {cursor} to {block.cursor}")


def _is_trouble(result: Result) -> TypeGuard[FederationError]:
    # A peer that is behind is no trouble.
    return isinstance(result, FederationError) and not isinstance(result, Older)


def _remember(session: Writing, chapter_ids: set[str], now: datetime) -> None:
    known = set(session.scalars(select(Retry.chapter).where(Retry.chapter.in_(chapter_ids))))
    session.add_all(Retry(chapter=chapter, since=now) for chapter in chapter_ids - known)


def _missing(session: Session, now: datetime) -> list[str]:
    """Listed chapters of which no document is held, or one was refused for now. Not our own."""
    held = exists().where(HeldDocument.chapter == RegistryChapter.chapter, HeldDocument.expires > now)
    active = select(RegistryChapter.chapter).where(RegistryChapter.status == "active", ~held)
    retried = select(Retry.chapter).where(Retry.chapter.in_(chapters.chapters(session)))
    wanted = sorted({*session.scalars(active), *session.scalars(retried)} - {chapters.own_id(session)})
    return random.sample(wanted, k=min(len(wanted), _ASKED_BY_NAME))
