"""Many documents at a time: read once, verified by two threads before the lock is taken, stored a table at a time.

Only what is plain goes this way: a chapter's first root, and a document that is newer than the held one under the
newest root that is known. Anything else (a later root, a tie, our own document, whatever is refused) is left to the
one road of node.intake, so that there is one place that refuses.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.acceptance import (
    Held,
    Verdict,
    claimed_author,
    claimed_document,
    is_urgent,
    judge,
    open_chapter,
    require_listed,
    require_root_on_chain,
)
from federation.documents import ChapterDocument, ChapterRoot, RegistryEntry
from federation.encodings import is_base_url
from federation.envelope import Envelope
from federation.errors import FederationError
from federation.trust import Root, genesis

from .. import directory, listing_rows, relay
from ..config import Settings
from ..models import HeldDocument, RegistryChapter, Retry
from .report import Report

#: Documents taken under one hold of the write lock: a lead's tap waits for no more.
BATCH = 50
#: The signature check frees the interpreter's lock: two threads check almost twice as many.
_THREADS = 2

Chain = list[Root[ChapterRoot]]


@dataclass
class Fresh:
    """An envelope that is not held. `chapter`: whose it says it is, empty where nobody can tell.

    `root` is verified: this envelope's own, or the one under which `document` was. Without one it is not plain.
    """

    envelope: Envelope
    digest: str
    chapter: str = ""
    claimed: ChapterDocument | None = None
    root: Root[ChapterRoot] | None = None
    document: ChapterDocument | None = None
    rows: list[listing_rows.Row] = field(default_factory=list)


def prepare(session: Session, envelopes: dict[str, Envelope], now: datetime, report: Report) -> list[Fresh]:
    """All that can be done with `envelopes` (by digest, in the feed's order) before anything is locked."""
    with report.timed("parse"):
        found = [_claim(Fresh(envelope, digest)) for digest, envelope in envelopes.items()]
        chains = directory.chains_of(session, {one.chapter for one in found if one.claimed})
    with report.timed("verify"), ThreadPoolExecutor(_THREADS, thread_name_prefix="verify") as threads:
        _spread(threads, [one for one in found if one.chapter and not one.claimed], _verify_root)
        roots = {chapter: chain[-1] for chapter, chain in chains.items()}
        roots |= {one.chapter: one.root for one in found if one.root and one.chapter not in roots}
        of_known = [one for one in found if one.claimed and one.chapter in roots]
        _spread(threads, of_known, lambda one: _verify_document(one, roots[one.chapter], now))
    with report.timed("split listings"):
        for one in found:
            if one.document:
                one.rows = listing_rows.rows_of(one.document, now)
    return found


def batches(found: list[Fresh]) -> Iterator[list[Fresh]]:
    """`found` in its order, in parts of at most BATCH documents; roots go with them, as many again."""
    part: list[Fresh] = []
    for one in found:
        part.append(one)
        if sum(each.document is not None for each in part) == BATCH or len(part) == 2 * BATCH:
            yield part
            part = []
    if part:
        yield part


def store(session: Session, settings: Settings, part: list[Fresh], now: datetime) -> tuple[int, list[Fresh]]:
    """Store what is plain of `part`, inside writing: (how many, the others in their order)."""
    taking = _Taking(session, settings, part)
    others = [one for one in part if not taking.take(one)]
    taking.write(now)
    return len(part) - len(others), others


def _claim(one: Fresh) -> Fresh:
    """Whose it says it is; what cannot be read is refused later, by the careful road."""
    try:
        if one.envelope.kind == "chapter":
            one.claimed = claimed_document(one.envelope)
            one.chapter = one.claimed.chapter
        else:
            one.chapter = claimed_author(one.envelope)
    except FederationError:
        return one
    return one


def _spread(threads: ThreadPoolExecutor, work: list[Fresh], act: Callable[[Fresh], None]) -> None:
    """`act` on each, in as many heaps as there are threads: a task for each would cost as much as the check."""

    def heap(first: int) -> None:
        for one in work[first::_THREADS]:
            act(one)

    list(threads.map(heap, range(_THREADS)))


def _verify_root(one: Fresh) -> None:
    try:
        one.root = genesis(one.envelope, ChapterRoot)
    except FederationError:
        one.root = None


def _verify_document(one: Fresh, root: Root[ChapterRoot], now: datetime) -> None:
    try:
        one.document = open_chapter(one.envelope, root, now, one.claimed)
    except FederationError:
        return
    one.root = root


class _Taking:
    """One batch on its way into the tables: one look-up a table before, one write a table after."""

    def __init__(self, session: Session, settings: Settings, part: list[Fresh]) -> None:
        self._session, self._settings = session, settings
        chapters = {one.chapter for one in part if one.chapter}
        rows = session.scalars(select(RegistryChapter).where(RegistryChapter.chapter.in_(chapters)))
        self._entries = {row.chapter: directory.read_entry(row) for row in rows}
        self._chains = directory.chains_of(session, chapters)
        self._held = _held_among(session, chapters)
        # Ours is minded by node.intake; and what follows something that is not plain waits for it.
        self._left = {"", directory.own_id(session)}
        self._roots: list[Fresh] = []
        self._documents: list[Fresh] = []
        self._urgent: list[Fresh] = []

    def take(self, one: Fresh) -> bool:
        """Whether it is plain, and so taken."""
        plain = one.chapter not in self._left and one.root is not None and self._is_good(one)
        if not plain:
            self._left.add(one.chapter)
        return plain

    def write(self, now: datetime) -> None:
        """All that was taken, in the order of the feed: roots before what needs them."""
        seq = directory.next_seqs(self._session, len(self._roots) + len(self._documents))
        directory.insert_roots(self._session, [(one.root, one.envelope, next(seq)) for one in self._roots if one.root])
        documents = [(one.document, one.envelope, one.digest, next(seq)) for one in self._documents if one.document]
        directory.put_documents(self._session, documents, self._held.keys())
        chapters = [one.chapter for one in self._documents]
        if chapters:
            listing_rows.put(self._session, chapters, [row for one in self._documents for row in one.rows])
            self._session.execute(delete(Retry).where(Retry.chapter.in_(chapters)))
        for one in self._urgent:
            relay.pass_on(self._session, self._settings, one.chapter, one.digest, now)

    def _is_good(self, one: Fresh) -> bool:
        try:
            entry = require_listed(self._entries.get(one.chapter))
            return self._take_document(one, entry) if one.document else self._take_root(one, entry)
        except FederationError:
            return False

    def _take_root(self, one: Fresh, entry: RegistryEntry) -> bool:
        root = one.root
        if root is None or one.chapter in self._chains or root.id != one.chapter:
            return False
        if not is_base_url(root.document.base_url, self._settings.network):
            return False
        if entry.root_version == 1:
            require_root_on_chain([root], entry)
        self._chains[one.chapter] = [root]
        self._roots.append(one)
        return True

    def _take_document(self, one: Fresh, entry: RegistryEntry) -> bool:
        chain = self._chains.get(one.chapter, [])
        if one.document is None or one.root is None or not chain or chain[-1].digest != one.root.digest:
            return False
        require_root_on_chain(chain, entry)
        held = self._held.get(one.chapter)
        if judge(held[0] if held else None, one.document.version, one.digest) is not Verdict.REPLACE:
            return False
        if held and is_urgent(directory.read_envelope(held[1]), one.document):
            self._urgent.append(one)
        self._left.add(one.chapter)  # a second document of it in one batch is weighed against this one
        self._documents.append(one)
        return True


def _held_among(session: Session, chapters: Iterable[str]) -> dict[str, tuple[Held, bytes | None]]:
    columns = select(HeldDocument.chapter, HeldDocument.version, HeldDocument.digest, HeldDocument.envelope)
    rows = session.execute(columns.where(HeldDocument.chapter.in_(chapters)))
    return {chapter: (Held(version, digest), envelope) for chapter, version, digest, envelope in rows}
