"""What other nodes may read here beside the feed: roots, documents, HQ's registry, this node's status."""

import importlib.metadata
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.encodings import to_instant
from federation.trust import MAX_ROOTS

from ..errors import NotFound, NotHeld
from ..models import HeldBin, HeldDocument, HeldListing, HeldRegistry, HeldRoot, Hq
from . import chapters, registry

#: What this node runs, as others are told. Looked up once, since each look-up reads a file.
SOFTWARE = f"runtalkrun {importlib.metadata.version('runtalkrun')}"


def hq_root(session: Session, hq_id: str, version: int) -> HeldRoot:
    """A root of the pinned HQ. Raises NotFound for a version after the newest."""
    hq = session.get(Hq, 1)
    return _root(session, hq_id, version if hq and hq.id == hq_id else 0)


def chapter_root(session: Session, chapter_id: str, version: int) -> HeldRoot:
    """A root of a listed chapter. Raises UnknownChapter, NotActive, or NotFound for a version after the newest."""
    chapters.require_listed(session, chapter_id)
    return _root(session, chapter_id, version)


def document(session: Session, chapter_id: str, now: datetime) -> HeldDocument:
    """The held document of a listed chapter that has not expired. Raises UnknownChapter, NotActive or NotHeld."""
    chapters.require_listed(session, chapter_id)
    row = session.get(HeldDocument, chapter_id)
    if row is None or row.envelope is None or row.expires <= now:
        raise NotHeld("no document of this chapter is held")
    return row


def held_registry(session: Session, hq_id: str) -> HeldRegistry:
    """The adopted registry of HQ `hq_id`. Raises NotFound for any other HQ."""
    hq, row = session.get(Hq, 1), session.get(HeldRegistry, 1)
    if hq is None or hq.id != hq_id or row is None or not row.digest:
        raise NotFound("no registry of that HQ")
    return row


def bin_bytes(session: Session, hq_id: str, digest: str) -> bytes:
    """A bin of one of the last two registries. Raises NotFound."""
    held_registry(session, hq_id)
    row = session.get(HeldBin, digest)
    if row is None:
        raise NotFound("no such bin")
    return row.content


def status(session: Session, now: datetime) -> dict[str, Any]:
    """What `GET /status` says of this node."""
    hq, held, roots = session.get(Hq, 1), session.get(HeldRegistry, 1), registry.chain_of(session)
    return {
        "chapter": chapters.own_id(session),
        "hq": hq.id if hq else None,
        "hq_root": {"version": roots[-1].version, "digest": roots[-1].digest} if roots else None,
        "registry": {"version": held.version, "digest": held.digest} if held and held.digest else None,
        "clock": to_instant(now),
        "software": SOFTWARE,
        "counts": _counts(session, now),
    }


def _root(session: Session, author: str, version: int) -> HeldRoot:
    row = session.get(HeldRoot, (author, version)) if 1 <= version <= MAX_ROOTS else None
    if row is None:
        raise NotFound("no such root")
    return row


def _counts(session: Session, now: datetime) -> dict[str, int]:
    listed = chapters.ids(session)
    held = set(session.scalars(select(HeldDocument.chapter).where(HeldDocument.expires > now))) & listed
    listings = session.execute(select(HeldListing.chapter, func.count()).group_by(HeldListing.chapter)).all()
    return {
        "chapters": len(listed),
        "documents": len(held),
        "listings": sum(count for chapter, count in listings if chapter in held),
    }
