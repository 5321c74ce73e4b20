"""The directory: every chapter's roots and newest document, as sealed by their authors, our own included.

One road in: whatever comes, from a peer, a PUT or our own publishing, passes federation.acceptance here.
Functions that say "inside writing" expect the caller to hold `database.writing`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from federation.acceptance import (
    Held,
    Verdict,
    claimed_author,
    is_urgent,
    judge,
    open_chapter,
    require_listed,
    require_root_on_chain,
)
from federation.documents import ChapterDocument, ChapterRoot, RegistryEntry, read_document
from federation.encodings import from_instant, is_base_url, to_instant
from federation.envelope import Envelope, open_sealed, payload_type, read
from federation.errors import BrokenChain, FederationError, Malformed, MissingRoot
from federation.trust import Root, genesis, successor

from . import listing_rows
from .config import Settings
from .database import table_of
from .models import Chapter, Counter, Evidence, HeldDocument, HeldRoot, Hq, RegistryChapter, Retry

#: A page says so long that a chapter has gone silent, before nothing of it is left but its version.
_EXPIRED_KEPT = timedelta(days=30)
_RETRY_KEPT = timedelta(days=2)
_EVIDENCE_A_CHAPTER = 8

# On the tables, not the models: of a sync's ten thousand documents the ORM would take half the time.
_INSERT_ROOT = insert(table_of(HeldRoot))
_INSERT_DOCUMENT = insert(table_of(HeldDocument))
_UPDATE_DOCUMENT = update(table_of(HeldDocument)).where(table_of(HeldDocument).c.chapter == bindparam("whose"))

Outcome = Literal["stored", "same", "tied"]


@dataclass(frozen=True)
class Received:
    """What became of a document. `urgent`: it changed when or where a run is, against what was held."""

    outcome: Outcome
    urgent: bool
    chapter: str
    digest: str


def own_id(session: Session) -> str | None:
    """The chapter this node speaks for; None on HQ's node, and before `rtr init`."""
    chapter, hq = session.get(Chapter, 1), session.get(Hq, 1)
    return None if chapter is None or (hq and hq.id == chapter.id) else chapter.id


def entry_of(session: Session, chapter_id: str) -> RegistryEntry | None:
    """What the adopted registry says of a chapter."""
    row = session.get(RegistryChapter, chapter_id)
    return read_entry(row) if row else None


def read_entry(row: RegistryChapter) -> RegistryEntry:
    """The registry's entry in a row."""
    return RegistryEntry(
        chapter=row.chapter,
        root_version=row.root_version,
        root_digest=row.root_digest,
        status=row.status,  # type: ignore[arg-type]  # adopted from a checked registry
        since=to_instant(row.since),
        replaces=row.replaces,
    )


def successor_of(session: Session, chapter_id: str) -> str | None:
    """The listed chapter that this one goes on as: HQ names it, and shows it once the former id is left or suspended.

    A chapter that lost its root key cannot sign as itself again (PROTOCOL.md §6.3).
    """
    former = entry_of(session, chapter_id)
    if former is None or former.status not in ("left", "suspended"):
        return None
    named = select(RegistryChapter.chapter).where(RegistryChapter.replaces == chapter_id)
    return session.scalar(named.where(RegistryChapter.status.in_(("active", "paused"))).order_by(RegistryChapter.since))


def receive_root(
    session: Session, settings: Settings, chapter_id: str, envelope: Envelope, version: int | None = None
) -> bool:
    """Take the next root of a chapter, inside writing; False if it is held already. Raises FederationError.

    `version`: which one the sender said it is.
    """
    chain = chain_of(session, chapter_id)
    if any(root.digest == envelope.digest for root in chain):
        return False
    entry = _listed_entry(session, chapter_id)
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


def receive_document(
    session: Session, settings: Settings, envelope: Envelope, now: datetime, chapter_id: str | None = None
) -> Received:
    """Take a chapter's document, inside writing. `chapter_id`: whose it must be. Raises FederationError."""
    author = claimed_author(envelope) if chapter_id is None or envelope.kind != "chapter" else chapter_id
    if envelope.kind != "chapter":
        raise Malformed("a root where a document belongs")
    # The status before the digest: a suspended chapter's document is refused, held or not.
    _listed_entry(session, author)
    held = session.get(HeldDocument, author)
    if held and held.digest == envelope.digest:
        return Received("same", False, author, envelope.digest)
    document = open_chapter(envelope, _trusted_root(session, author), now)
    verdict = judge(_held(held), document.version, envelope.digest)
    if verdict is Verdict.KEEP_TIED:
        _keep_evidence(session, author, document.version, envelope.digest, envelope.to_bytes(), now)
        return Received("tied", False, author, envelope.digest)
    if verdict is Verdict.REPLACE_TIED and held and held.envelope and held.digest:
        _keep_evidence(session, author, held.version, held.digest, held.envelope, now)
    urgent = is_urgent(read_held(held), document)
    _store_document(session, held, document, envelope, now)
    return Received("stored", urgent, author, envelope.digest)


def held_among(session: Session, digests: Collection[str]) -> set[str]:
    """Which of these payloads (at most one block of the feed) are held: before any cryptography."""
    wanted = list(digests)
    roots = session.scalars(select(HeldRoot.digest).where(HeldRoot.digest.in_(wanted)))
    documents = session.scalars(select(HeldDocument.digest).where(HeldDocument.digest.in_(wanted)))
    return {digest for digest in (*roots, *documents) if digest}


def held_kinds(session: Session, digests: Collection[str]) -> set[tuple[str, str]]:
    """(payload type, digest) of those of these payloads that are held: a root's digest is no document's."""
    wanted = list(digests)
    roots = session.scalars(select(HeldRoot.digest).where(HeldRoot.digest.in_(wanted)))
    documents = session.scalars(select(HeldDocument.digest).where(HeldDocument.digest.in_(wanted)))
    held = [(payload_type("chapter-root"), one) for one in roots]
    return {*held, *((payload_type("chapter"), one) for one in documents if one)}


def has_document(session: Session, chapter_id: str) -> bool:
    """Whether a document of this chapter is held."""
    held = session.get(HeldDocument, chapter_id)
    return held is not None and held.envelope is not None


def heard(session: Session, chapter_id: str, now: datetime) -> None:
    """Note, inside writing, that a chapter's own host has answered."""
    held = session.get(HeldDocument, chapter_id)
    if held is not None:
        held.heard_at = now


def read_held(held: HeldDocument | None) -> ChapterDocument | None:
    """The typed document of a row, if it still has one. It was verified when it came."""
    return read_envelope(held.envelope if held else None)


def read_envelope(envelope: bytes | None) -> ChapterDocument | None:
    """The typed document in a held envelope; None where only a floor is left."""
    return _parse(envelope) if envelope else None


def chain_of(session: Session, author: str) -> list[Root[ChapterRoot]]:
    """The held roots of a chapter, version 1 first. They were verified when they came."""
    rows = session.scalars(select(HeldRoot).where(HeldRoot.author == author).order_by(HeldRoot.version))
    return [Root(author, _parse_root(row.envelope), row.digest) for row in rows]


def chains_of(session: Session, authors: Collection[str]) -> dict[str, list[Root[ChapterRoot]]]:
    """The held roots of several chapters by one look-up, version 1 first; none for who has none."""
    found: dict[str, list[Root[ChapterRoot]]] = {}
    columns = select(HeldRoot.author, HeldRoot.digest, HeldRoot.envelope).where(HeldRoot.author.in_(authors))
    for author, digest, envelope in session.execute(columns.order_by(HeldRoot.version)):
        found.setdefault(author, []).append(Root(author, _parse_root(envelope), digest))
    return found


def root_envelopes(session: Session, author: str) -> list[bytes]:
    """The held roots of a chapter as sealed, version 1 first."""
    return list(session.scalars(select(HeldRoot.envelope).where(HeldRoot.author == author).order_by(HeldRoot.version)))


def next_seq(session: Session) -> int:
    """The next place in the feed, inside writing: a counter in the same transaction, so that no reader passes a gap."""
    return next(next_seqs(session, 1))


def next_seqs(session: Session, count: int) -> Iterator[int]:
    """The next `count` places in the feed, inside writing."""
    counter = session.get_one(Counter, 1)
    counter.seq += count
    return iter(range(counter.seq - count + 1, counter.seq + 1))


@lru_cache(maxsize=256)
def _parse(envelope: bytes) -> ChapterDocument:
    return read_document(read(envelope).payload, ChapterDocument)


@lru_cache(maxsize=256)
def _parse_root(envelope: bytes) -> ChapterRoot:
    return read_document(read(envelope).payload, ChapterRoot)


def _listed_entry(session: Session, chapter_id: str) -> RegistryEntry | None:
    """The registry's entry; our own chapter needs none. Raises UnknownChapter or NotActive before any cryptography."""
    entry = entry_of(session, chapter_id)
    return entry if chapter_id == own_id(session) else require_listed(entry)


def _trusted_root(session: Session, chapter_id: str) -> Root[ChapterRoot]:
    entry = _listed_entry(session, chapter_id)
    chain = chain_of(session, chapter_id)
    if not chain:
        raise MissingRoot("no root of this chapter is held yet")
    if entry:
        require_root_on_chain(chain, entry)
    return chain[-1]


def _held(held: HeldDocument | None) -> Held | None:
    return Held(held.version, held.digest) if held else None


def _store_root(session: Session, root: Root[ChapterRoot], envelope: Envelope) -> None:
    insert_roots(session, [(root, envelope, next_seq(session))])


def _verify_again(session: Session, former: Root[ChapterRoot], root: Root[ChapterRoot]) -> None:
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


def _store_document(
    session: Session, held: HeldDocument | None, document: ChapterDocument, envelope: Envelope, now: datetime
) -> None:
    row = held or HeldDocument(chapter=document.chapter)
    for name, value in _columns(document, envelope, envelope.digest, next_seq(session)).items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    listing_rows.replace(session, document, now)


def insert_roots(session: Session, roots: list[tuple[Root[ChapterRoot], Envelope, int]]) -> None:
    """Rows for new roots and their places in the feed, inside writing."""
    rows = [
        {
            "author": root.id,
            "version": root.version,
            "digest": root.digest,
            "base_url": root.document.base_url,
            "envelope": envelope.to_bytes(),
            "seq": seq,
        }
        for root, envelope, seq in roots
    ]
    if rows:
        session.execute(_INSERT_ROOT, rows)


def put_documents(
    session: Session, documents: list[tuple[ChapterDocument, Envelope, str, int]], held: Collection[str]
) -> None:
    """Rows for (document, envelope, digest, place in the feed), inside writing: new ones, or over those in `held`."""
    rows = [_columns(*one) for one in documents]
    new = [row for row in rows if row["chapter"] not in held]
    over = [row | {"whose": row["chapter"]} for row in rows if row["chapter"] in held]
    if new:
        session.execute(_INSERT_DOCUMENT, new)
    if over:
        session.execute(_UPDATE_DOCUMENT, over)


def _columns(document: ChapterDocument, envelope: Envelope, digest: str, seq: int) -> dict[str, object]:
    profile = document.profile
    return {
        "chapter": document.chapter,
        "version": document.version,
        "digest": digest,
        "envelope": envelope.to_bytes(),
        "name": profile.name,
        "place": profile.place,
        "country": profile.country,
        "pause": msgspec.json.encode(profile.pause).decode() if profile.pause else "",
        "issued": from_instant(document.issued),
        "fresh_until": from_instant(document.fresh_until),
        "expires": from_instant(document.expires),
        "seq": seq,
    }


def _keep_evidence(session: Session, chapter: str, version: int, digest: str, envelope: bytes, now: datetime) -> None:
    """Two payloads under one version: the key is in two hands, or its software is wrong. Both are kept 30 days.

    A few prove it as well as many: a chapter that signs thousands fills nobody's disk.
    """
    kept = session.scalar(select(func.count()).where(Evidence.chapter == chapter)) or 0
    if kept >= _EVIDENCE_A_CHAPTER:
        return
    session.merge(Evidence(digest=digest, chapter=chapter, version=version, envelope=envelope, seen_at=now))


def sweep(session: Session, now: datetime, evidence_before: datetime) -> None:
    """Drop, inside writing, what is over: old evidence, old questions, the envelopes of expired documents.

    The version floor of an expired document stays (§8.2), and so does our own document: it is signed anew.
    """
    session.execute(delete(Evidence).where(Evidence.seen_at < evidence_before))
    session.execute(delete(Retry).where(Retry.since < now - _RETRY_KEPT))
    over = HeldDocument.expires <= now - _EXPIRED_KEPT
    for held in session.scalars(select(HeldDocument).where(over, HeldDocument.envelope.is_not(None))).all():
        if held.chapter != own_id(session):
            held.envelope = held.digest = None
            listing_rows.drop(session, held.chapter)


def listed_ids(session: Session) -> set[str]:
    """Chapters whose documents are served and shown: active or paused ones, and our own unless HQ said no."""
    rows = session.execute(select(RegistryChapter.chapter, RegistryChapter.status)).all()
    listed = {chapter for chapter, status in rows if status in ("active", "paused")}
    own = own_id(session)
    return listed | ({own} if own and own not in {chapter for chapter, _ in rows} else set())


def hosts(session: Session) -> Iterator[tuple[str, str]]:
    """(chapter id, base_url of its newest root) of every listed chapter whose root is held."""
    newest: dict[str, str] = {}
    for author, base_url in session.execute(select(HeldRoot.author, HeldRoot.base_url).order_by(HeldRoot.version)):
        newest[author] = base_url
    listed = listed_ids(session)
    return ((author, base_url) for author, base_url in newest.items() if author in listed and base_url)


def base_url_of(session: Session, chapter_id: str) -> str | None:
    """Where a chapter lives, by its newest held root."""
    query = select(HeldRoot.base_url).where(HeldRoot.author == chapter_id).order_by(HeldRoot.version.desc())
    return session.scalars(query).first()
