"""What is new in a block of the feed: found by digest, read once, and verified, before any lock."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from federation.acceptance import claimed_author, claimed_document, open_chapter
from federation.documents import ChapterDocument, ChapterRoot
from federation.envelope import Envelope, claimed_digest, read
from federation.errors import FederationError, UnknownType
from federation.feed import Block
from federation.trust import Root, genesis

from ..database import Stored
from ..directory import held, listing_rows, roots
from .report import Report


@dataclass
class Fresh:
    """An envelope that is not held. `chapter`: whose it says it is, empty where nobody can tell.

    `root` is verified: this envelope's own, or the one under which `document` was. Without one it is not plain.
    `row`, `listings`: what would be kept of it.
    """

    envelope: Envelope
    digest: str
    chapter: str = ""
    claimed: ChapterDocument | None = None
    root: Root[ChapterRoot] | None = None
    document: ChapterDocument | None = None
    row: Stored = ()
    listings: list[listing_rows.Row] = field(default_factory=list)


@dataclass
class Reader:
    """Reads the blocks of the feed at `base_url`, one after the other; writes nothing."""

    sessions: sessionmaker[Session]
    clock: Callable[[], datetime]
    base_url: str
    report: Report
    #: Roots of the block before this one, which may not be stored yet. Whether they are is asked again inside writing.
    _before: dict[str, Root[ChapterRoot]] = field(default_factory=dict)

    def read(self, block: Block) -> tuple[str, list[Fresh]]:
        """(where the feed goes on, all that is new in the block, in its order)."""
        with self.report.timed("held already"):
            lines = self._not_held(block.envelopes)
        with self.report.timed("parse"):
            envelopes = self._readable(lines)
        return str(block.cursor), self.prepare(envelopes) if envelopes else []

    def _not_held(self, lines: list[bytes]) -> list[bytes]:
        """By digest first: a re-read costs a glance and a look-up for the whole block, not a reading each (§14.2)."""
        glances = [claimed_digest(line) for line in lines]
        with self.sessions() as session:
            known = held.held_among(session, {glance for glance in glances if glance})
        return [line for line, glance in zip(lines, glances, strict=True) if glance not in known]

    def prepare(self, envelopes: Iterable[Envelope]) -> list[Fresh]:
        """All that can be done with envelopes before anything is locked; each payload once, whatever wraps it."""
        now = self.clock()
        with self.report.timed("parse"):
            found = [
                _claim(Fresh(envelope, digest)) for digest, envelope in {one.digest: one for one in envelopes}.items()
            ]
            with self.sessions() as session:
                chains = roots.chains_of(session, {one.chapter for one in found if one.claimed})
        with self.report.timed("verify"):
            self._verify(found, {chapter: chain[-1] for chapter, chain in chains.items()}, now)
        with self.report.timed("split listings"):
            for one in found:
                if one.document:
                    one.row = held.document_row(one.document, one.envelope, one.digest)
                    one.listings = listing_rows.rows_of(one.document, now)
                elif one.root:
                    one.row = roots.row_of(one.root, one.envelope)
        return found

    def _readable(self, lines: list[bytes]) -> list[Envelope]:
        found = []
        for line in lines:
            try:
                found.append(read(line))
            except UnknownType:
                continue  # of a later version: no fault, and nothing that this one could pass on
            except FederationError as error:
                self.report.refused("a line", error)
        return found

    def _verify(self, found: list[Fresh], held: dict[str, Root[ChapterRoot]], now: datetime) -> None:
        """Roots first: documents of the same block are verified under them."""
        for one in found:
            if one.envelope.kind != "chapter":
                _verify_root(one)
        first = {one.chapter: one.root for one in found if one.root}
        roots = self._before | first | held
        for one in found:
            if one.claimed and one.chapter in roots:
                _verify_document(one, roots[one.chapter], now)
        self._before = first


def _claim(one: Fresh) -> Fresh:
    """Whose document it says it is; what cannot be read is refused later, by the careful road."""
    if one.envelope.kind == "chapter":
        with suppress(FederationError):
            one.claimed = claimed_document(one.envelope)
            one.chapter = one.claimed.chapter
    return one


def _verify_root(one: Fresh) -> None:
    """A first root makes its chapter's id; any other says whose it is."""
    with suppress(FederationError):
        one.root = genesis(one.envelope, ChapterRoot)
        one.chapter = one.root.id
    if one.root is None:
        with suppress(FederationError):
            one.chapter = claimed_author(one.envelope)


def _verify_document(one: Fresh, root: Root[ChapterRoot], now: datetime) -> None:
    with suppress(FederationError):
        one.document = open_chapter(one.envelope, root, now, one.claimed)
        one.root = root
