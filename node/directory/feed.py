"""The change feed of this node: the number of each root and document in it, and its blocks (PROTOCOL.md §9)."""

import gzip
import hashlib
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from cachetools import LRUCache
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from federation.feed import MAX_BLOCK, Cursor, block_end, read_cursor, write_block
from federation.words import LISTED

from ..database import Writing, table_of
from ..models import Counter, HeldDocument, HeldRegistry, HeldRoot, RegistryChapter
from . import chapters

#: Bytes of packed blocks that are cached for the next readers, and gzip's level.
MAX_CACHED = 4 * 1024 * 1024
_LEVEL = 3
_COUNTER = table_of(Counter)
_NEXT_SEQ = update(_COUNTER).values(seq=_COUNTER.c.seq + bindparam("count")).returning(_COUNTER.c.seq)


@dataclass(frozen=True)
class ChangesPage:
    """One block of the feed: NDJSON, packed by gzip. `full`: it ends at a block's end and may be cached for an hour."""

    packed: bytes
    etag: str
    full: bool


#: For the whole process: the key names the feed, so two nodes never meet in it, and the bound is one for all.
_cache: LRUCache[Hashable, ChangesPage] = LRUCache(MAX_CACHED, getsizeof=lambda page: len(page.packed))
_cache_lock = Lock()


def next_seqs(session: Writing, count: int) -> Iterator[int]:
    """The next `count` numbers in the feed, counted in the same transaction, so that no reader passes a gap."""
    last = session.execute(_NEXT_SEQ, {"count": count}).scalar_one()
    return iter(range(last - count + 1, last + 1))


def changes(session: Session, cursor: str | None, now: datetime) -> ChangesPage:
    """The block of the feed after `cursor` (PROTOCOL.md §9). Raises Malformed or UnknownCursor.

    A block is packed once for all readers while it stays the same. The cache of blocks is bounded by bytes.
    """
    counter = session.get_one(Counter, 1)
    after = read_cursor(cursor, counter.feed, counter.seq)
    end = min(block_end(after), counter.seq)
    key = counter.feed, after, end, end < counter.seq, *_stamp(session, after, end, now)
    with _cache_lock:
        found = _cache.get(key)
    if found is None:
        found = _pack(session, counter, after, end, now)
        with _cache_lock, suppress(ValueError):  # a block may be larger than the whole cache
            _cache[key] = found
    return found


def _stamp(session: Session, after: int, end: int, now: datetime) -> tuple[object, ...]:
    """A value that changes whenever the envelopes of a block do. A number in the feed is never given twice."""
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


def _fitting_end(session: Session, after: int, end: int) -> int:
    """The last number up to `end` whose envelopes fit into MAX_BLOCK bytes. A block has at least one envelope."""
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
    listed = chapters.ids(session)
    roots = select(HeldRoot.seq, HeldRoot.author, HeldRoot.envelope).where(HeldRoot.seq > after, HeldRoot.seq <= end)
    documents = select(HeldDocument.seq, HeldDocument.chapter, HeldDocument.envelope).where(
        HeldDocument.seq > after, HeldDocument.seq <= end, HeldDocument.expires > now
    )
    rows = sorted([*session.execute(roots), *session.execute(documents)], key=lambda row: row[0] or 0)
    return [envelope for _, author, envelope in rows if author in listed and envelope]
