"""May this document replace the held one? (PROTOCOL.md §6 to §8). Pure: the caller holds, this decides."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from .documents import (
    MAX_AHEAD,
    ChapterDocument,
    ChapterRoot,
    HqRoot,
    Registry,
    RegistryBin,
    RegistryEntry,
)
from .encodings import from_instant, network_id
from .envelope import Envelope, open_sealed
from .errors import (
    BrokenChain,
    FederationError,
    Malformed,
    MissingRoot,
    NotActive,
    Older,
    OutOfTime,
    UnknownChapter,
    WrongSignature,
)
from .payloads import read_bin, read_document
from .trust import Root
from .words import LISTED

#: How long before an instant is published again in words: changes of a date carry `at` floored to this.
AT_STEP = timedelta(minutes=15)
MAX_REGISTRY_LIFE = timedelta(days=14)


@dataclass(frozen=True)
class Held:
    """What the receiver has of one author: the newest version ever held (the floor), and the digest if still held."""

    version: int
    digest: str | None


class Verdict(Enum):
    """What to do with a verified document."""

    SAME = "same"
    REPLACE = "replace"
    #: Same version, two payloads: the lower digest wins everywhere; the other is evidence (§8.3).
    REPLACE_TIED = "replace-tied"
    KEEP_TIED = "keep-tied"


def require_listed(entry: RegistryEntry | None) -> RegistryEntry:
    """`entry`, if documents of its chapter are taken and shown: active, or paused and shown as paused (§6.3).

    Raises UnknownChapter (before any cryptography) or NotActive.
    """
    if entry is None:
        raise UnknownChapter("HQ's registry does not name this chapter")
    if entry.status not in LISTED:
        raise NotActive(f"this chapter is {entry.status}")
    return entry


def require_root_on_chain(chain: list[Root[ChapterRoot]], entry: RegistryEntry) -> None:
    """The chain must pass through the registry's root; longer is fine, shorter is not enough yet (§6.2)."""
    if len(chain) < entry.root_version:
        raise MissingRoot(f"root {entry.root_version} is not held yet")
    if chain[entry.root_version - 1].digest != entry.root_digest:
        raise BrokenChain("these roots do not pass through the one HQ's registry names")


def open_chapter(
    envelope: Envelope, root: Root[ChapterRoot], now: datetime, claimed: ChapterDocument | None = None
) -> ChapterDocument:
    """The chapter document in `envelope`, verified under the newest held `root` and inside its times (§7, §8.1).

    `claimed`: what `claimed_document` has read of this very envelope, so that it is not read twice.
    """
    try:
        payload = open_sealed(envelope, "chapter", root.document.signing_keys, 1)
    except WrongSignature as error:
        raise _explain(envelope, root, error) from error
    document = claimed or read_document(payload, ChapterDocument)
    if document.chapter != root.id:
        raise BrokenChain(f"a document of {document.chapter} under the roots of {root.id}")
    if document.root_version > root.version:
        raise MissingRoot(f"root {document.root_version} is not held yet")
    if from_instant(document.issued) > now + MAX_AHEAD:
        raise OutOfTime("issued more than 24 hours from now")
    if from_instant(document.expires) <= now:
        raise OutOfTime(f"expired {document.expires}")
    return document


def open_registry(envelope: Envelope, root: Root[HqRoot], now: datetime) -> Registry:
    """HQ's registry, verified under its newest root; never in the future. An old one is the caller's warning (§6.1)."""
    document = read_document(open_sealed(envelope, "registry", root.document.registry_keys, 1), Registry)
    if document.hq != root.id:
        raise BrokenChain(f"a registry of {document.hq} under the roots of {root.id}")
    if from_instant(document.issued) > now + MAX_AHEAD:
        raise OutOfTime("issued more than 24 hours from now")
    if from_instant(document.fresh_until) > from_instant(document.issued) + MAX_REGISTRY_LIFE:
        raise OutOfTime("fresh for more than 14 days")
    return document


def open_bin(payload: bytes, digest: str, prefix: str) -> RegistryBin:
    """The registry bin whose bytes have this digest and whose chapters all begin with `prefix` (§6.2)."""
    if hashlib.sha256(payload).hexdigest() != digest:
        raise Malformed("a registry bin with another digest than the registry names")
    content = read_bin(payload)
    ids = [entry.chapter for entry in content.chapters]
    if len(set(ids)) != len(ids) or not all(id_.startswith(prefix) for id_ in ids):
        raise Malformed("a chapter twice, or in the wrong bin")
    return content


def judge(held: Held | None, version: int, digest: str) -> Verdict:
    """Whether a verified document of `version` and `digest` takes the held one's place; raises Older (§8.2, §8.3)."""
    if held is None or version > held.version:
        return Verdict.REPLACE
    if version < held.version or held.digest is None:
        raise Older(f"version {version}; {held.version} has been held")
    if digest == held.digest:
        return Verdict.SAME
    return Verdict.REPLACE_TIED if digest < held.digest else Verdict.KEEP_TIED


def next_version(last: int, now: datetime) -> int:
    """The version to sign: rises even if the clock went back (§8.2)."""
    return max(last + 1, int(now.timestamp()))


def claimed_author(envelope: Envelope) -> str:
    """Whose document or root this says it is, unverified: only for finding the keys that can tell (§4.5).

    The strict parser alone touches the payload; a root version 1 says it by its digest.
    """
    if envelope.kind == "chapter":
        return claimed_document(envelope).chapter
    if envelope.kind != "chapter-root":
        raise Malformed(f"a {envelope.kind} where a chapter's document or root belongs")
    return read_document(envelope.payload, ChapterRoot).chapter or network_id(envelope.payload)


def claimed_document(envelope: Envelope) -> ChapterDocument:
    """What a chapter's document says, unverified: trusted for nothing before `open_chapter` has verified it (§4.5)."""
    return read_document(envelope.payload, ChapterDocument)


def _explain(envelope: Envelope, root: Root[ChapterRoot], error: WrongSignature) -> FederationError:
    """A document of a root not held yet is worth another try; the unverified payload only chooses between refusals."""
    try:
        claimed = read_document(envelope.payload, ChapterDocument).root_version
    except FederationError:
        return error
    return MissingRoot(f"root {claimed} is not held yet") if claimed > root.version else error
