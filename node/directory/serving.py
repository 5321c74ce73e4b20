"""What other nodes may read here: stored bytes, the change feed and this node's status."""

import gzip
import hashlib
import importlib.metadata
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from cachetools import LRUCache
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.acceptance import require_listed
from federation.encodings import to_instant
from federation.feed import MAX_BLOCK, Cursor, block_end, read_cursor, write_block
from federation.trust import MAX_ROOTS
from federation.words import LISTED

from ..errors import NotFound, NotHeld
from ..models import Counter, HeldBin, HeldDocument, HeldListing, HeldRegistry, HeldRoot, Hq, RegistryChapter
from . import chapters as listed
from . import held as directory
from . import registry

#: Bytes of packed blocks that are kept for the next readers, and how hard they are packed.
MAX_KEPT = 4 * 1024 * 1024
_LEVEL = 3


@dataclass(frozen=True)
class ChangesPage:
    """One block of the feed: NDJSON, packed by gzip. `full`: it ends at a block's end and may be cached for an hour."""

    packed: bytes
    etag: str
    full: bool


#: Looked up once: that reads a file.
_SOFTWARE = f"runtalkrun {importlib.metadata.version('runtalkrun')}"
_kept: LRUCache[Hashable, ChangesPage] = LRUCache(MAX_KEPT, getsizeof=lambda page: len(page.packed))
_keeping = Lock()


def hq_root(session: Session, hq_id: str, version: int) -> HeldRoot:
    """A root of the pinned HQ; NotFound means that the newest has been reached."""
    hq = session.get(Hq, 1)
    return _root(session, hq_id, version if hq and hq.id == hq_id else 0)


def chapter_root(session: Session, chapter_id: str, version: int) -> HeldRoot:
    """A root of a listed chapter. Raises UnknownChapter or NotActive; NotFound: the newest has been reached."""
    _require_listed(session, chapter_id)
    return _root(session, chapter_id, version)


def document(session: Session, chapter_id: str, now: datetime) -> HeldDocument:
    """The held document of a listed chapter that has not expired. Raises UnknownChapter, NotActive or NotHeld."""
    _require_listed(session, chapter_id)
    row = session.get(HeldDocument, chapter_id)
    if row is None or row.envelope is None or row.expires <= now:
        raise NotHeld("no document of this chapter is held")
    return row


def held_registry(session: Session, hq_id: str) -> HeldRegistry:
    """The adopted registry of HQ `hq_id`; NotFound for any other."""
    hq, row = session.get(Hq, 1), session.get(HeldRegistry, 1)
    if hq is None or hq.id != hq_id or row is None or not row.digest:
        raise NotFound("no registry of that HQ")
    return row


def bin_bytes(session: Session, hq_id: str, digest: str) -> bytes:
    """A bin of one of the last two registries."""
    held_registry(session, hq_id)
    row = session.get(HeldBin, digest)
    if row is None:
        raise NotFound("no such bin")
    return row.content


def changes(session: Session, cursor: str | None, now: datetime) -> ChangesPage:
    """The block of the feed after `cursor` (PROTOCOL.md §9). Raises Malformed or UnknownCursor.

    It is packed once for all who read it while it is the same, bounded by bytes for all nodes of the process.
    """
    counter = session.get_one(Counter, 1)
    after = read_cursor(cursor, counter.feed, counter.seq)
    end = min(block_end(after), counter.seq)
    key = counter.feed, after, end, end < counter.seq, *_stamp(session, after, end, now)
    with _keeping:
        found = _kept.get(key)
    if found is None:
        found = _pack(session, counter, after, end, now)
        with _keeping, suppress(ValueError):  # one that is larger than all that may be kept
            _kept[key] = found
    return found


def _stamp(session: Session, after: int, end: int, now: datetime) -> tuple[object, ...]:
    """What changes with the envelopes of a block: nothing new ever gets the place of something that went."""
    held = (HeldDocument.seq > after) & (HeldDocument.seq <= end) & (HeldDocument.expires > now)
    roots = (HeldRoot.seq > after) & (HeldRoot.seq <= end)
    listed_now = select(func.count()).where(RegistryChapter.status.in_(LISTED)).scalar_subquery()
    stamp = select(
        select(func.count()).where(held).scalar_subquery(),
        select(func.coalesce(func.sum(HeldDocument.seq), 0)).where(held).scalar_subquery(),
        select(func.count()).where(roots).scalar_subquery(),
        select(HeldRegistry.digest).scalar_subquery(),
        listed_now,
    )
    return tuple(session.execute(stamp).one())


def _pack(session: Session, counter: Counter, after: int, end: int, now: datetime) -> ChangesPage:
    here = _fitting_end(session, after, end)
    body = write_block(_envelopes(session, after, here, now), Cursor(counter.feed, here), more=here < counter.seq)
    packed = gzip.compress(body, _LEVEL, mtime=0)
    return ChangesPage(packed, hashlib.sha256(body).hexdigest(), full=here == block_end(after))


def status(session: Session, now: datetime) -> dict[str, Any]:
    """What `GET /status` says of this node."""
    hq, held, roots = session.get(Hq, 1), session.get(HeldRegistry, 1), registry.chain_of(session)
    return {
        "chapter": directory.own_id(session),
        "hq": hq.id if hq else None,
        "hq_root": {"version": roots[-1].version, "digest": roots[-1].digest} if roots else None,
        "registry": {"version": held.version, "digest": held.digest} if held and held.digest else None,
        "clock": to_instant(now),
        "software": _SOFTWARE,
        "counts": _counts(session, now),
    }


def _require_listed(session: Session, chapter_id: str) -> None:
    if chapter_id != directory.own_id(session):
        require_listed(directory.entry_of(session, chapter_id))


def _root(session: Session, author: str, version: int) -> HeldRoot:
    row = session.get(HeldRoot, (author, version)) if 1 <= version <= MAX_ROOTS else None
    if row is None:
        raise NotFound("no such root")
    return row


def _counts(session: Session, now: datetime) -> dict[str, int]:
    chapters = listed.ids(session)
    held = set(session.scalars(select(HeldDocument.chapter).where(HeldDocument.expires > now))) & chapters
    listings = session.execute(select(HeldListing.chapter, func.count()).group_by(HeldListing.chapter)).all()
    return {
        "chapters": len(chapters),
        "documents": len(held),
        "listings": sum(count for chapter, count in listings if chapter in held),
    }


def _fitting_end(session: Session, after: int, end: int) -> int:
    """The last seq up to `end` until which the envelopes fit into MAX_BLOCK bytes; at least one is given."""
    sizes: list[tuple[int, int]] = []
    for table in (HeldRoot, HeldDocument):
        query = select(table.seq, func.length(table.envelope)).where(table.seq > after, table.seq <= end)
        sizes += [(seq, size or 0) for seq, size in session.execute(query) if seq is not None]
    total, last = 0, after
    for seq, size in sorted(sizes):
        total += size
        if total > MAX_BLOCK and last > after:
            return last
        last = seq
    return end


def _envelopes(session: Session, after: int, end: int, now: datetime) -> list[bytes]:
    chapters = listed.ids(session)
    roots = select(HeldRoot.seq, HeldRoot.author, HeldRoot.envelope).where(HeldRoot.seq > after, HeldRoot.seq <= end)
    documents = select(HeldDocument.seq, HeldDocument.chapter, HeldDocument.envelope).where(
        HeldDocument.seq > after, HeldDocument.seq <= end, HeldDocument.expires > now
    )
    rows = sorted([*session.execute(roots), *session.execute(documents)], key=lambda row: row[0] or 0)
    return [envelope for _, author, envelope in rows if author in chapters and envelope]
