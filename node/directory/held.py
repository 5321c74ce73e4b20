"""The one road into the directory for sealed roots and documents, whether a peer, a PUT or this node brings them.

`prepare` verifies outside the write lock. `take` decides inside the lock, against what is held then, and stores one
document or fifty. Numbers in comments are the steps of PROTOCOL.md §8.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from federation.acceptance import (
    Held,
    Verdict,
    claimed_author,
    judge,
    open_chapter,
    read_claim,
    require_listed,
    require_root_on_chain,
)
from federation.documents import ChapterDocument, ChapterRoot, Registered
from federation.encodings import from_instant, is_base_url
from federation.envelope import Envelope, open_sealed, payload_type, read
from federation.errors import BrokenChain, FederationError, Malformed, MissingRoot
from federation.text import tidy_line
from federation.trust import Root, genesis, successor
from federation.urgency import is_urgent

from ..config import Settings
from ..database import Stored, Writing, among, put_rows, seconds, table_of
from ..models import Evidence, HeldDocument, HeldRoot, Retry
from . import chapters, feed, listing_rows, parsed, roots

_EVIDENCE_A_CHAPTER = 8
_COLUMNS = (
    *("chapter", "version", "digest", "envelope", "name", "place", "country", "pause"),
    *("last_word_on", "closed_on", "issued", "fresh_until", "expires", "seq"),
)
_ROOT, _DOCUMENT = table_of(HeldRoot).c, table_of(HeldDocument).c
_DOCUMENTS = select(_DOCUMENT.chapter, _DOCUMENT.version, _DOCUMENT.digest, _DOCUMENT.envelope).where(
    among(_DOCUMENT.chapter)
)
_DIGESTS = {
    payload_type("chapter-root"): select(_ROOT.digest).where(among(_ROOT.digest)),
    payload_type("chapter"): select(_DOCUMENT.digest).where(among(_DOCUMENT.digest)),
}
_ANSWERED = delete(Retry).where(among(table_of(Retry).c.chapter))

Outcome = Literal["stored", "same", "tied"]


class Received(msgspec.Struct, frozen=True, gc=False):
    """What became of a root or document that was not refused.

    `urgent`: it changes when or where a run is. `first`: no document of its chapter was held. `tie`: the version under
    which another payload was signed, too; None where that was known before.
    """

    outcome: Outcome
    chapter: str
    digest: str
    urgent: bool = False
    first: bool = False
    tie: int | None = None


#: What became of one envelope. A refusal is a result, so that it keeps no other envelope out.
Result = Received | FederationError


class Prepared(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A root or document after all slow work: it is read, verified and made into rows.

    `chapter`: the chapter that it says it belongs to; empty where it cannot be read. `root`: the verified root itself,
    or the root under which `document` was verified. `before`: the digest of the root under which `root` was verified.
    `sealed`: the bytes of `envelope`, as they are stored. `result`: set where the envelope is refused or held already,
    so that it needs no lock.
    """

    envelope: Envelope
    digest: str
    chapter: str
    result: Result | None = None
    root: Root[ChapterRoot] | None = None
    before: str = ""
    document: ChapterDocument | None = None
    sealed: bytes = b""
    row: Stored = ()
    listings: Sequence[listing_rows.Row] = ()


def prepare(
    session: Session,
    settings: Settings,
    envelopes: Iterable[Envelope],
    now: datetime,
    chapter: str | None = None,
    coming: Iterable[Root[ChapterRoot]] = (),
) -> list[Prepared]:
    """Verify envelopes, each payload once, roots before documents. Writes nothing.

    `chapter`: the chapter that all of them must belong to; without it each envelope names its own. `coming`: verified
    roots that are about to be stored.
    """
    distinct = {one.digest: one for one in envelopes}
    claims = [_claim(one, digest, chapter) for digest, one in distinct.items()]
    claims.sort(key=lambda one: one.envelope.kind == "chapter")
    known = _Known(session, {one.chapter for one in claims}, coming)
    return [one if isinstance(one, Prepared) else _verified(known, settings, one, now) for one in claims]


def take(session: Writing, prepared: Sequence[Prepared], now: datetime) -> list[Result]:
    """Decide on prepared envelopes against what is held now, and store them. The results are in the same order."""
    taking = _Taking(session, {one.chapter for one in prepared}, now)
    roots_first = sorted(prepared, key=lambda one: one.document is not None)
    results = {one: taking.result_of(one) for one in roots_first}
    taking.store()
    return [results[one] for one in prepared]


def receive(session: Writing, settings: Settings, envelope: Envelope, now: datetime, chapter: str) -> Received:
    """Prepare and take one envelope inside a transaction, as our own are signed inside one. Raises FederationError."""
    [result] = take(session, prepare(session, settings, [envelope], now, chapter), now)
    return received(result)


def received(result: Result) -> Received:
    """`result`, if it is no refusal. Raises the FederationError of a refusal."""
    if isinstance(result, FederationError):
        raise result
    return result


def opened(session: Session, envelope: Envelope, now: datetime, chapter: str) -> ChapterDocument:
    """The document in `envelope`, verified under the held roots of its chapter. It need not be new.

    Raises FederationError.
    """
    if envelope.kind != "chapter":
        raise Malformed("a root where a document belongs")
    return open_chapter(envelope, _Known(session, {chapter}).newest_root(chapter), now)


def held_among(session: Session, kinds: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """The pairs (payload type, digest) among `kinds` that are held. `kinds`: at most one block of the feed.

    A look-up by digest needs no cryptography. The type matters, since a root and a document may share a digest.
    """
    held: set[tuple[str, str]] = set()
    for type_, query in _DIGESTS.items():
        digests = [digest for kind, digest in kinds if kind == type_]
        held.update((type_, digest) for (digest,) in session.connection().execute(query, {"texts": list(digests)}))
    return held


@dataclass(frozen=True)
class _HeldDocument(Held):
    envelope: bytes | None


class _Known:
    """What is held of one or fifty chapters, and what the registry says of them. Each table is looked up once."""

    def __init__(self, session: Session, ids: Collection[str], coming: Iterable[Root[ChapterRoot]] = ()) -> None:
        session.flush()
        self.session = session
        self._own = chapters.own_id(session)
        self._entries = chapters.registered(session, ids)
        self.chains = roots.chains_of(session, ids)
        rows = session.connection().execute(_DOCUMENTS, {"texts": list(ids)})
        self.documents = {chapter: _HeldDocument(*held) for chapter, *held in rows}
        for root in coming:
            if root.version == len(self.chains.get(root.id, [])) + 1:
                self.add_root(root)

    def require_listed(self, chapter: str) -> Registered | None:
        """The registry's entry of a listed chapter. Our own chapter needs none. Raises UnknownChapter or NotActive."""
        entry = self._entries.get(chapter)
        return entry if chapter == self._own else require_listed(entry)

    def newest_root(self, chapter: str) -> Root[ChapterRoot]:
        """The root under which documents of a chapter are verified. Raises MissingRoot or BrokenChain."""
        chain, entry = self.chains.get(chapter, []), self.require_listed(chapter)
        if not chain:
            raise MissingRoot("no root of this chapter is held yet")
        if entry:
            require_root_on_chain(chain, entry)
        return chain[-1]

    def next_root(self, chapter: str, envelope: Envelope, claimed: ChapterRoot | None = None) -> Root[ChapterRoot]:
        """The root in `envelope`, verified under the newest root of its chapter (§5.2). Raises FederationError."""
        chain = self.chains.get(chapter)
        return successor(chain[-1], envelope, claimed) if chain else genesis(envelope, ChapterRoot, claimed)

    def require_next(self, chapter: str, root: Root[ChapterRoot]) -> None:
        """Raise FederationError unless a verified root goes on the chain that the registry names (§6.2)."""
        chain, entry = self.chains.get(chapter, []), self.require_listed(chapter)
        if root.id != chapter:
            raise BrokenChain(f"a root of {root.id}, not of {chapter}")
        if entry and len(chain) + 1 >= entry.root_version:
            require_root_on_chain([*chain, root], entry)

    def add_root(self, root: Root[ChapterRoot]) -> bool:
        """Make `root` the newest of its chapter. True if the held document goes, and its version floor with it (§5.3).

        A document that the new root's keys did not sign goes. A floor without a document goes when no key that could
        have set it signs any more: a thief who lifted it would otherwise lock the chapter out for good.
        """
        chain, held = self.chains.setdefault(root.id, []), self.documents.get(root.id)
        former = set(chain[-1].document.signing_keys) if chain else set()
        chain.append(root)
        keys = set(root.document.signing_keys)
        if held is None or (_is_signed_by(held.envelope, keys) if held.envelope else former & keys):
            return False
        del self.documents[root.id]
        return True

    def newest_digest(self, chapter: str) -> str:
        """The digest of a chapter's newest root. Empty where no root is held."""
        chain = self.chains.get(chapter)
        return chain[-1].digest if chain else ""

    def has_root(self, chapter: str, digest: str) -> bool:
        """Whether this root of a chapter is held."""
        return any(root.digest == digest for root in self.chains.get(chapter, []))

    def has_document(self, chapter: str, digest: str) -> bool:
        """Whether this document of a chapter is held."""
        held = self.documents.get(chapter)
        return held is not None and held.digest == digest


class _Claim(msgspec.Struct, frozen=True, gc=False):
    """An envelope that says that it belongs to `chapter`. Nothing of it is trusted yet (§4.5).

    `content`: what was read in order to know the chapter. None where the caller knows the chapter.
    """

    envelope: Envelope
    digest: str
    chapter: str
    content: ChapterDocument | ChapterRoot | None = None


def _claim(envelope: Envelope, digest: str, chapter: str | None) -> "_Claim | Prepared":
    """Read which chapter `envelope` says it belongs to. One that nobody can read is refused at once."""
    if chapter is not None:
        return _Claim(envelope, digest, chapter)
    try:
        content = read_claim(envelope)
    except FederationError as error:
        return Prepared(envelope, digest, "", error)
    return _Claim(envelope, digest, claimed_author(envelope, content), content)


def _verified(known: _Known, settings: Settings, one: _Claim, now: datetime) -> Prepared:
    verify = _verified_document if one.envelope.kind == "chapter" else _verified_root
    try:
        # 2. The status before the digest: a suspended chapter's document is refused, held or not.
        known.require_listed(one.chapter)
        return verify(known, settings, one, now)
    except FederationError as error:
        return Prepared(one.envelope, one.digest, one.chapter, error)


def _verified_root(known: _Known, settings: Settings, one: _Claim, now: datetime) -> Prepared:
    if known.has_root(one.chapter, one.digest):
        return Prepared(one.envelope, one.digest, one.chapter, Received("same", one.chapter, one.digest))
    before = known.newest_digest(one.chapter)
    claimed = one.content if isinstance(one.content, ChapterRoot) else None
    root = known.next_root(one.chapter, one.envelope, claimed)
    known.require_next(one.chapter, root)
    if not is_base_url(root.document.base_url, settings.network):
        raise Malformed("base_url is not an address of this network")
    known.add_root(root)
    row = roots.row_of(root, one.envelope)
    return Prepared(one.envelope, one.digest, one.chapter, root=root, before=before, row=row)


def _verified_document(known: _Known, settings: Settings, one: _Claim, now: datetime) -> Prepared:
    chapter, digest = one.chapter, one.digest
    if known.has_document(chapter, digest):  # 3.
        return Prepared(one.envelope, digest, chapter, Received("same", chapter, digest))
    root = known.newest_root(chapter)  # 4.
    claimed = one.content if isinstance(one.content, ChapterDocument) else None
    document = open_chapter(one.envelope, root, now, claimed)  # 5. to 8.
    verdict = judge(known.documents.get(chapter), document.version, digest)  # 9.
    if verdict is Verdict.KEEP_TIED and known.session.get(Evidence, digest) is not None:
        return Prepared(one.envelope, digest, chapter, Received("tied", chapter, digest))
    sealed = one.envelope.to_bytes()
    row, listings = _row_of(document, sealed, digest), listing_rows.rows_of(document, now)
    return Prepared(
        one.envelope, digest, chapter, root=root, document=document, sealed=sealed, row=row, listings=listings
    )


class _Taking:
    """Prepared envelopes on their way into the tables. They are decided one by one, then stored a table at a time."""

    def __init__(self, session: Writing, ids: Collection[str], now: datetime) -> None:
        self._session, self._now, self._known = session, now, _Known(session, ids)
        self._roots: list[Stored] = []
        self._documents: dict[str, Prepared] = {}

    def result_of(self, one: Prepared) -> Result:
        """What becomes of one envelope, given what is held and what was taken before it."""
        if one.result:
            return one.result
        try:
            self._known.require_listed(one.chapter)  # 2. HQ may have spoken since.
            return self._take_document(one, one.document) if one.document else self._take_root(one)
        except FederationError as error:
            return error

    def store(self) -> None:
        """Store all that was taken, roots before documents in the feed, since readers need them in this order."""
        documents = list(self._documents.values())
        rows = [*self._roots, *(one.row for one in documents)]
        if not rows:
            return
        stored = [(*row, seq) for row, seq in zip(rows, feed.next_seqs(self._session, len(rows)), strict=True)]
        roots.put(self._session, stored[: len(self._roots)])
        if documents:
            put_rows(self._session, HeldDocument.__tablename__, _COLUMNS, stored[len(self._roots) :], over="chapter")
            listing_rows.put(self._session, list(self._documents), [row for one in documents for row in one.listings])
            # A newer document answers the open question of its chapter. The document of a peer that is behind does not.
            self._session.connection().execute(_ANSWERED, {"texts": list(self._documents)})
        self._session.flush()
        self._session.expire_all()

    def _take_root(self, one: Prepared) -> Received:
        chapter, digest = one.chapter, one.digest
        if self._known.has_root(chapter, digest):
            return Received("same", chapter, digest)
        root = one.root
        if root is None or one.before != self._known.newest_digest(chapter):  # Another root came meanwhile.
            root = self._known.next_root(chapter, one.envelope)
        self._known.require_next(chapter, root)
        if self._known.add_root(root):
            self._session.execute(delete(HeldDocument).where(HeldDocument.chapter == chapter))
            listing_rows.drop(self._session, chapter)
        self._roots.append(one.row)
        return Received("stored", chapter, digest)

    def _take_document(self, one: Prepared, document: ChapterDocument) -> Received:
        chapter, digest = one.chapter, one.digest
        if self._known.has_document(chapter, digest):  # 3.
            return Received("same", chapter, digest)
        root = self._known.newest_root(chapter)  # 4.
        if one.root is None or one.root.digest != root.digest:
            open_chapter(one.envelope, root, self._now, document)  # 5. to 8. The root was replaced meanwhile.
        held = self._known.documents.get(chapter)
        verdict = judge(held, document.version, digest)  # 9.
        if verdict is Verdict.KEEP_TIED:
            self._keep_evidence(chapter, document.version, digest, one.sealed)
            return Received("tied", chapter, digest, tie=document.version)
        if verdict is Verdict.REPLACE_TIED and held and held.digest and held.envelope:
            self._keep_evidence(chapter, held.version, held.digest, held.envelope)
        self._known.documents[chapter] = _HeldDocument(document.version, digest, one.sealed)
        self._documents[chapter] = one
        former = parsed.read_uncached(held.envelope) if held else None
        tie = document.version if verdict is Verdict.REPLACE_TIED else None
        return Received("stored", chapter, digest, is_urgent(former, document), former is None, tie)

    def _keep_evidence(self, chapter: str, version: int, digest: str, envelope: bytes) -> None:
        """Store one of two payloads that a chapter signed under one version. Evidence stays 30 days.

        A few prove as much as many, so that a chapter that signs thousands fills nobody's disk.
        """
        count = self._session.scalar(select(func.count()).where(Evidence.chapter == chapter)) or 0
        if count < _EVIDENCE_A_CHAPTER:
            row = Evidence(digest=digest, chapter=chapter, version=version, envelope=envelope, seen_at=self._now)
            self._session.merge(row)


def _is_signed_by(envelope: bytes, keys: Collection[str]) -> bool:
    try:
        open_sealed(read(envelope), "chapter", keys, 1)
    except FederationError:
        return False
    return True


def _row_of(document: ChapterDocument, sealed: bytes, digest: str) -> Stored:
    """The columns of a document, but for its number in the feed."""
    profile = document.profile
    return (
        *(document.chapter, document.version, digest, sealed),
        *(tidy_line(profile.name), tidy_line(profile.place)),
        profile.country,
        msgspec.json.encode(profile.pause).decode() if profile.pause else "",
        profile.last_word_on or "",
        profile.closed_on or "",
        *(seconds(from_instant(at)) for at in (document.issued, document.fresh_until, document.expires)),
    )
