"""The directory: every chapter's roots and newest document, as sealed by their authors, our own included.

One road in: whatever comes, from a peer, a PUT or our own publishing, passes federation.acceptance here: `prepare`
verifies it before the write lock is asked for, `take` decides under the lock.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from federation.acceptance import (
    Held,
    Verdict,
    claimed_author,
    is_urgent,
    judge,
    open_chapter,
    require_root_on_chain,
)
from federation.documents import ChapterDocument, ChapterRoot
from federation.encodings import from_instant, is_base_url
from federation.envelope import Envelope, open_sealed, payload_type, read
from federation.errors import BrokenChain, FederationError, Malformed, MissingRoot
from federation.text import tidy_line
from federation.trust import Root, genesis, successor

from ..config import Settings
from ..database import Stored, Writing, among, put_rows, seconds, table_of
from ..models import Evidence, HeldDocument, HeldRoot, Retry
from . import chapters, feed, listing_rows, parsed, roots

_EVIDENCE_A_CHAPTER = 8
_DOCUMENT_COLUMNS = (
    *("chapter", "version", "digest", "envelope", "name", "place", "country", "pause"),
    *("issued", "fresh_until", "expires", "seq"),
)

_ROOT = table_of(HeldRoot).c
_DOCUMENT = table_of(HeldDocument).c
_VERSIONS = select(_DOCUMENT.chapter, _DOCUMENT.version, _DOCUMENT.digest, _DOCUMENT.envelope).where(
    among(_DOCUMENT.chapter)
)
_DIGESTS = {
    payload_type("chapter-root"): select(_ROOT.digest).where(among(_ROOT.digest)),
    payload_type("chapter"): select(_DOCUMENT.digest).where(among(_DOCUMENT.digest)),
}

Outcome = Literal["stored", "same", "tied"]


@dataclass(frozen=True)
class Received:
    """What became of a document. `urgent`: it changed when or where a run is, against what was held. `tie`: the version
    of another payload than that one was signed with which was met, and was not known for it yet.
    """

    outcome: Outcome
    urgent: bool
    chapter: str
    digest: str
    tie: int | None = None


def receive_root(
    session: Writing, settings: Settings, chapter_id: str, envelope: Envelope, version: int | None = None
) -> bool:
    """Take the next root of a chapter, inside writing; False if it is held already. Raises FederationError.

    `version`: which one the sender said it is.
    """
    chain = roots.chain_of(session, chapter_id)
    if any(root.digest == envelope.digest for root in chain):
        return False
    entry = chapters.require_listed(session, chapter_id)
    root = successor(chain[-1], envelope) if chain else genesis(envelope, ChapterRoot)
    if root.id != chapter_id:
        raise BrokenChain(f"a root of {root.id}, not of {chapter_id}")
    if version not in (None, root.version):
        raise BrokenChain(f"root {root.version} where root {version} belongs")
    if not is_base_url(root.document.base_url, settings.network):
        raise Malformed("base_url is not an address of this network")
    if entry and len(chain) + 1 >= entry.root_version:
        require_root_on_chain([*chain, root], entry)
    _store_root(session, root, envelope)
    if chain:
        _verify_again(session, chain[-1], root)
    return True


@dataclass(frozen=True)
class Prepared:
    """A chapter's document on its way in, with all that takes long done: read, verified, split into its listings.

    `document`: None where it is held already, or kept as evidence already (`is_known_tie`). `root`: the digest of the
    root under which it was verified; `former`: of the document against which it was found to be `urgent`.
    """

    envelope: Envelope
    chapter: str
    document: ChapterDocument | None = None
    is_known_tie: bool = False
    root: str = ""
    former: str | None = None
    urgent: bool = False
    row: Stored = ()
    listings: list[listing_rows.Row] = field(default_factory=list)


def prepare(session: Session, envelope: Envelope, now: datetime, chapter_id: str | None = None) -> Prepared:
    """Verify a chapter's document before the write lock is asked for. `chapter_id`: whose it must be.

    Raises FederationError.
    """
    if envelope.kind != "chapter":
        raise Malformed(f"a {envelope.kind} where a chapter's document belongs")
    author = claimed_author(envelope) if chapter_id is None else chapter_id
    # The status before the digest: a suspended chapter's document is refused, held or not.
    chapters.require_listed(session, author)
    held = session.get(HeldDocument, author)
    if held and held.digest == envelope.digest:
        return Prepared(envelope, author)
    root = _trusted_root(session, author)
    document = open_chapter(envelope, root, now)
    verdict = judge(_held(held), document.version, envelope.digest)
    if verdict is Verdict.KEEP_TIED and session.get(Evidence, envelope.digest) is not None:
        return Prepared(envelope, author, is_known_tie=True)
    return Prepared(
        envelope,
        author,
        document,
        root=root.digest,
        former=held.digest if held else None,
        urgent=is_urgent(parsed.read_uncached(held.envelope if held else None), document),
        row=document_row(document, envelope, envelope.digest),
        listings=listing_rows.rows_of(document, now),
    )


def take(session: Writing, prepared: Prepared, now: datetime) -> Received:
    """Decide on a document that was prepared, against what is held now, and keep it; inside writing.

    Raises FederationError.
    """
    author, envelope = prepared.chapter, prepared.envelope
    chapters.require_listed(session, author)
    held = session.get(HeldDocument, author)
    if held and held.digest == envelope.digest:
        return Received("same", False, author, envelope.digest)
    if not _still_stands(session, prepared, held):
        prepared = prepare(session, envelope, now, author)
    if prepared.is_known_tie:
        return Received("tied", False, author, envelope.digest)
    assert prepared.document is not None  # noqa: S101 - it is not the one that is held
    version = prepared.document.version
    verdict = judge(_held(held), version, envelope.digest)
    if verdict is Verdict.KEEP_TIED:
        _keep_evidence(session, author, version, envelope.digest, envelope.to_bytes(), now)
        return Received("tied", False, author, envelope.digest, version)
    tie = version if verdict is Verdict.REPLACE_TIED else None
    if tie and held and held.envelope and held.digest:
        _keep_evidence(session, author, held.version, held.digest, held.envelope, now)
    _store_document(session, held, prepared)
    return Received("stored", prepared.urgent, author, envelope.digest, tie)


def receive_document(session: Writing, envelope: Envelope, now: datetime) -> Received:
    """Prepare and take a document, all inside writing: our own, which is signed there. Raises FederationError."""
    return take(session, prepare(session, envelope, now), now)


def _still_stands(session: Session, prepared: Prepared, held: HeldDocument | None) -> bool:
    """Whether neither root nor document of the chapter is another since; else it is prepared anew."""
    former = held.digest if held else None
    return prepared.former == former and _trusted_root(session, prepared.chapter).digest == prepared.root


def opened(session: Session, envelope: Envelope, now: datetime, chapter_id: str) -> ChapterDocument:
    """The verified document of a chapter whose roots are held, whether or not it is new. Raises FederationError."""
    if envelope.kind != "chapter":
        raise Malformed("a root where a document belongs")
    return open_chapter(envelope, _trusted_root(session, chapter_id), now)


def held_among(session: Session, kinds: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these (payload type, digest), at most one block of the feed, that are held: before any cryptography.

    With the type, since a root's digest is no document's.
    """
    held: set[tuple[str, str]] = set()
    for type_, query in _DIGESTS.items():
        digests = [digest for kind, digest in kinds if kind == type_]
        held.update((type_, digest) for (digest,) in session.connection().execute(query, {"texts": list(digests)}))
    return held


def versions_of(session: Session, ids: Collection[str]) -> dict[str, tuple[Held, bytes | None]]:
    """What is held of several chapters by one look-up, and its envelope; none of whom nothing was ever held."""
    rows = session.connection().execute(_VERSIONS, {"texts": list(ids)})
    return {chapter: (Held(version, digest), envelope) for chapter, version, digest, envelope in rows}


def has_document(session: Session, chapter_id: str) -> bool:
    """Whether a document of this chapter is held."""
    held = session.get(HeldDocument, chapter_id)
    return held is not None and held.envelope is not None


def heard(session: Writing, chapter_id: str, now: datetime) -> None:
    """Note, inside writing, that a chapter's own host has answered."""
    held = session.get(HeldDocument, chapter_id)
    if held is not None:
        held.heard_at = now


def _trusted_root(session: Session, chapter_id: str) -> Root[ChapterRoot]:
    entry = chapters.require_listed(session, chapter_id)
    chain = roots.chain_of(session, chapter_id)
    if not chain:
        raise MissingRoot("no root of this chapter is held yet")
    if entry:
        require_root_on_chain(chain, entry)
    return chain[-1]


def _held(held: HeldDocument | None) -> Held | None:
    return Held(held.version, held.digest) if held else None


def _store_root(session: Writing, root: Root[ChapterRoot], envelope: Envelope) -> None:
    roots.put(session, [(*roots.row_of(root, envelope), feed.next_seq(session))])


def _verify_again(session: Writing, former: Root[ChapterRoot], root: Root[ChapterRoot]) -> None:
    """After a rotation: a document that the new root's keys did not sign goes, and its version floor with it (§5.3).

    A floor without a document goes when no key that could have set it signs any more: a thief who lifted it would
    otherwise lock the chapter out for good.
    """
    held = session.get(HeldDocument, root.id)
    if held is None:
        return
    keys = root.document.signing_keys
    stands = _is_signed_by(held.envelope, keys) if held.envelope else set(keys) & set(former.document.signing_keys)
    if not stands:
        session.delete(held)
        listing_rows.drop(session, root.id)


def _is_signed_by(envelope: bytes, keys: Collection[str]) -> bool:
    try:
        open_sealed(read(envelope), "chapter", keys, 1)
    except FederationError:
        return False
    return True


def _store_document(session: Writing, held: HeldDocument | None, prepared: Prepared) -> None:
    session.flush()
    put_documents(session, [(*prepared.row, feed.next_seq(session))])
    if held is not None:
        session.expire(held)
    listing_rows.put(session, [prepared.chapter], prepared.listings)
    # Only what is newer than what was held answers the question: a peer that is behind does not.
    session.execute(delete(Retry).where(Retry.chapter == prepared.chapter))


def put_documents(session: Writing, rows: list[Stored]) -> None:
    """Rows for documents, each made by `document_row`, and its place in the feed: new ones, or over those held."""
    put_rows(session, HeldDocument.__tablename__, _DOCUMENT_COLUMNS, rows, over="chapter")


def document_row(document: ChapterDocument, envelope: Envelope, digest: str) -> Stored:
    """What is kept of a document, but for its place in the feed."""
    profile = document.profile
    return (
        *(document.chapter, document.version, digest, envelope.to_bytes()),
        *(tidy_line(profile.name), tidy_line(profile.place)),
        profile.country,
        msgspec.json.encode(profile.pause).decode() if profile.pause else "",
        *(seconds(from_instant(at)) for at in (document.issued, document.fresh_until, document.expires)),
    )


def _keep_evidence(session: Writing, chapter: str, version: int, digest: str, envelope: bytes, now: datetime) -> None:
    """Two payloads under one version: the key is in two hands, or its software is wrong. Both are kept 30 days.

    A few prove it as well as many: a chapter that signs thousands fills nobody's disk.
    """
    kept = session.scalar(select(func.count()).where(Evidence.chapter == chapter)) or 0
    if kept >= _EVIDENCE_A_CHAPTER:
        return
    session.merge(Evidence(digest=digest, chapter=chapter, version=version, envelope=envelope, seen_at=now))
