"""Many documents at a time, as node.sync.blocks has read and verified them: stored a table at a time.

Only what is plain goes this way: a chapter's first root, and a document that is newer than the held one under the
newest root that is known. Anything else (a later root, a tie, our own document, whatever is refused) is left to the
one road of node.sync.intake, so that there is one place that refuses.
"""

from datetime import datetime
from operator import attrgetter

from sqlalchemy import delete

from federation.acceptance import (
    Verdict,
    is_urgent,
    judge,
    require_listed,
    require_root_on_chain,
)
from federation.documents import RegistryEntry
from federation.encodings import is_base_url
from federation.errors import FederationError

from ..config import Settings
from ..database import Writing, among, table_of
from ..directory import chapters, feed, held, listing_rows, parsed, roots
from ..models import Retry
from ..relay import queue
from .blocks import Fresh

#: Documents taken under one hold of the write lock: a lead's tap waits for no more.
BATCH = 50

_ANSWERED = delete(Retry).where(among(table_of(Retry).c.chapter))


def batches(found: list[Fresh]) -> list[list[Fresh]]:
    """`found` in parts of at most BATCH documents; roots go with them, as many again.

    Chapter by chapter, each in its own order: what lies together in the tables' indexes is written together.
    """
    parts: list[list[Fresh]] = []
    documents = BATCH
    for one in sorted(found, key=attrgetter("chapter")):
        if documents == BATCH or len(parts[-1]) == 2 * BATCH:
            parts.append([])
            documents = 0
        parts[-1].append(one)
        documents += one.document is not None
    return parts


def store(session: Writing, settings: Settings, part: list[Fresh], now: datetime) -> tuple[int, list[Fresh]]:
    """Store what is plain of `part`: (how many, the others in their order)."""
    taking = _Taking(session, settings, part)
    others = [one for one in part if not taking.take(one)]
    taking.write(now)
    return len(part) - len(others), others


class _Taking:
    """One batch on its way into the tables: one look-up a table before, one write a table after."""

    def __init__(self, session: Writing, settings: Settings, part: list[Fresh]) -> None:
        self._session, self._settings = session, settings
        ids = {one.chapter for one in part if one.chapter}
        self._entries = chapters.entries_of(session, ids)
        self._chains = roots.chains_of(session, ids)
        self._held = held.versions_of(session, ids)
        # Ours is minded by node.sync.intake; and what follows something that is not plain waits for it.
        self._left = {"", chapters.own_id(session)}
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
        taken = [*self._roots, *self._documents]
        if not taken:
            return
        rows = [(*one.row, seq) for one, seq in zip(taken, feed.next_seqs(self._session, len(taken)), strict=True)]
        roots.put(self._session, rows[: len(self._roots)])
        held.put_documents(self._session, rows[len(self._roots) :])
        chapters = [one.chapter for one in self._documents]
        if chapters:
            listing_rows.put(self._session, chapters, [row for one in self._documents for row in one.listings])
            self._session.connection().execute(_ANSWERED, {"texts": list(chapters)})
        urgent = [(one.chapter, one.digest) for one in self._urgent]
        queue.pass_on(self._session, self._settings, urgent, now)

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
        if held and is_urgent(parsed.read_uncached(held[1]), one.document):
            self._urgent.append(one)
        self._left.add(one.chapter)  # a second document of it in one batch is weighed against this one
        self._documents.append(one)
        return True
