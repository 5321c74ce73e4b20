"""Find frozen and lying relays by asking other nodes, too (PROTOCOL.md §14.6).

A finding is logged, counted against the node, and stored in words for this node's operator. It shuts no node out:
signatures decide what is true, and a finding only says whose answers are worth less.
"""

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.encodings import from_instant
from federation.envelope import Envelope
from federation.errors import FederationError, Older

from ..config import Settings
from ..database import CannotWrite, Writing
from ..directory import chapters, parsed
from ..handle import Node
from ..hq import take_over
from ..logs import log_once
from ..models import HeldDocument, HeldRegistry, Hq, KnownPeer
from ..wire import deadlines
from ..wire.client import Allowance, Peer, PeerRefused, Status
from ..wire.outbound import Unreachable
from . import intake, neighbours, registry

log = logging.getLogger(__name__)

_Trouble = (Unreachable, PeerRefused, FederationError)

#: Chapters whose own hosts are asked in one spot check.
SPOTS = 10
#: Nodes whose status is asked for in one comparison. HQ's node compares more, so that it reaches all of its chapters.
COMPARED, COMPARED_BY_HQ = 1, 20
_ASKED_BACK = 4
#: A registry's version counts seconds (§8.2), so a version that is a day below ours is a day behind.
_FROZEN = timedelta(days=1)
_ENOUGH_TO_COUNT = 20


@dataclass(frozen=True)
class Checks:
    """One node's checks of other nodes."""

    node: Node

    def compare(self) -> None:
        """Ask nodes for their status, neighbours or not, and compare it with what is held here."""
        with self.node.sessions() as session:
            urls = _to_compare(session, self.node.settings)
        for url in urls:
            try:
                status = Peer(self.node.wire, url).status()
            except _Trouble:
                continue
            self._weigh(url, status)

    def spot_check(self) -> None:
        """Ask some chapters' own hosts for their documents, and compare them with what the relays brought."""
        with self.node.sessions() as session:
            own = chapters.own_id(session)
            hosts = [(chapter, url) for chapter, url in chapters.hosts(session) if chapter != own]
        for chapter, url in random.sample(hosts, k=min(len(hosts), SPOTS)):
            host = Peer(self.node.wire, url)
            try:
                # A root may name a stranger's host, which is not asked to answer for the chapter.
                envelope = host.document(chapter) if host.is_home_of(chapter) else None
            except _Trouble:
                continue
            if envelope is not None:
                self._take_safely(chapter, url, envelope)

    def _weigh(self, url: str, status: Status) -> None:
        now = self.node.clock()
        with self.node.sessions() as session:
            hq, held = session.get(Hq, 1), session.get(HeldRegistry, 1)
        if hq and held and status.hq == hq.id and status.registry and status.registry.version > held.version:
            self._take_registry(Peer(self.node.wire, url, allowance=Allowance(deadlines.CHECK)), hq)
        with self.node.writing() as transaction:
            neighbours.note_status(transaction, url, status, now)
            finding = _finding(transaction.get(HeldRegistry, 1), status, now)
            if finding:
                self._suspect(transaction, url, finding)

    def _take_registry(self, peer: Peer, hq: Hq) -> None:
        registry.refresh_from(self.node, peer, hq)
        with self.node.sessions() as session:
            take_over.meet(session, self.node, peer)

    def _take_safely(self, chapter: str, url: str, envelope: Envelope) -> None:
        """Go on with the other hosts though a document cannot be stored now, since the next check is a day away."""
        try:
            self._take(chapter, url, envelope)
        except CannotWrite:
            log.exception("what %s serves could not be kept", url)

    def _take(self, chapter: str, url: str, envelope: Envelope) -> None:
        with self.node.sessions() as session:
            row = session.get(HeldDocument, chapter)
            former = row.digest if row else None
        finding, received = "", None
        try:
            with self.node.sessions() as session:
                received = intake.receive(session, self.node.settings, envelope, self.node.clock(), chapter)
        except Older:
            finding = f"as the host of {chapter} it serves an older document than that chapter has signed"
        except FederationError as error:
            finding = f"as the host of {chapter} it serves a document that is refused: {error}"
        else:
            if received.outcome == "tied":
                finding = f"as the host of {chapter} it serves another document of the same version"
        with self.node.writing() as transaction:
            if received:
                neighbours.note_heard(transaction, chapter, self.node.clock())
            if finding:
                self._suspect(transaction, url, finding)
        if not finding and former and former != envelope.digest:
            self._ask_back(chapter, envelope)

    def _ask_back(self, chapter: str, newer: Envelope) -> None:
        """Find out which of the nodes that were read lately hold back a newer document that the chapter's host gave."""
        with self.node.sessions() as session:
            read = select(KnownPeer.base_url).where(KnownPeer.cursor != "", KnownPeer.try_after.is_(None))
            urls = session.scalars(read.order_by(KnownPeer.asked_at.desc()).limit(_ASKED_BACK)).all()
            document = parsed.document_of(session.get(HeldDocument, chapter))
        if document is None or self.node.clock() - from_instant(document.issued) < self._time_to_spread:
            return
        for url in urls:
            try:
                given = Peer(self.node.wire, url).document(chapter)
            except _Trouble:
                continue
            if given is not None and given.digest != newer.digest:
                with self.node.writing() as transaction:
                    self._suspect(
                        transaction, url, f"it gives an older document of {chapter} than that chapter's own host"
                    )

    @property
    def _time_to_spread(self) -> timedelta:
        return timedelta(seconds=8 * self.node.settings.poll_seconds)

    def _suspect(self, session: Writing, url: str, finding: str) -> None:
        log_once(f"{url}: {finding}")
        neighbours.suspect(session, url, finding, self.node.clock())


def _to_compare(session: Session, settings: Settings) -> list[str]:
    """The nodes to compare with: on HQ's node the least recently heard ones, on any other node one at random."""
    urls = list(chapters.addresses(session) - {settings.base_url})
    random.shuffle(urls)
    if not settings.is_hq:
        return urls[:COMPARED]
    heard = {peer.base_url: peer.status_at for peer in session.scalars(select(KnownPeer))}
    urls.sort(key=lambda url: at.timestamp() if (at := heard.get(url)) else 0.0)
    return urls[:COMPARED_BY_HQ]


def _finding(held: HeldRegistry | None, status: Status, now: datetime) -> str:
    """What is wrong with a node's status, in words. Empty as a rule."""
    minutes = round((status.time - now).total_seconds() / 60)
    counts, theirs = status.counts, status.registry
    if held and held.digest and theirs:
        if theirs.version == held.version and theirs.digest != held.digest:
            return "it holds another registry of the same version"
        if theirs.version > held.version:
            return "it says that it holds a newer registry, and does not give it"
        if held.version - theirs.version > _FROZEN.total_seconds():
            return "its registry is more than a day behind"
    if abs(minutes) > neighbours.CLOCK_BOUND.total_seconds() / 60:
        return f"its clock is {abs(minutes)} minutes {'ahead' if minutes > 0 else 'behind'}"
    if counts.chapters >= _ENOUGH_TO_COUNT and counts.documents * 2 < counts.chapters:
        return f"it holds documents of {counts.documents} of its {counts.chapters} chapters only"
    return ""
