"""The held roots of chapters: who may sign for each, and where each lives (PROTOCOL.md §5)."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import ChapterRoot
from federation.envelope import Envelope
from federation.trust import Root

from ..database import Stored, Writing, among, put_rows, table_of
from ..models import HeldRoot
from . import parsed

_ROOT = table_of(HeldRoot).c
_COLUMNS = ("author", "version", "digest", "base_url", "envelope", "seq")
_CHAINS = select(_ROOT.author, _ROOT.digest, _ROOT.envelope).where(among(_ROOT.author)).order_by(_ROOT.version)


def chain_of(session: Session, author: str) -> list[Root[ChapterRoot]]:
    """The held roots of a chapter, version 1 first. They were verified when they came."""
    rows = session.scalars(select(HeldRoot).where(HeldRoot.author == author).order_by(HeldRoot.version))
    return [Root(author, parsed.root_in(row.envelope).document, row.digest) for row in rows]


def chains_of(session: Session, authors: Collection[str]) -> dict[str, list[Root[ChapterRoot]]]:
    """The held roots of several chapters, version 1 first, by one look-up. A chapter without roots is left out."""
    found: dict[str, list[Root[ChapterRoot]]] = {}
    for author, digest, envelope in session.connection().execute(_CHAINS, {"texts": list(authors)}):
        found.setdefault(author, []).append(Root(author, parsed.root_in(envelope).document, digest))
    return found


def envelopes_of(session: Session, author: str) -> list[bytes]:
    """The held roots of a chapter as sealed, version 1 first."""
    return list(session.scalars(select(HeldRoot.envelope).where(HeldRoot.author == author).order_by(HeldRoot.version)))


def put(session: Writing, rows: list[Stored]) -> None:
    """Store rows of new roots: what `row_of` makes, and the number in the feed."""
    put_rows(session, HeldRoot.__tablename__, _COLUMNS, rows)


def row_of(root: Root[ChapterRoot], envelope: Envelope) -> Stored:
    """The columns of a root, but for its number in the feed."""
    return (root.id, root.version, root.digest, root.document.base_url, envelope.to_bytes())
