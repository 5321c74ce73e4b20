"""Whether a document may replace the held one (PROTOCOL.md §6 to §8). Pure functions: the caller holds documents."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from .documents import (
    MAX_AHEAD,
    ChapterDocument,
    ChapterRoot,
    HqRoot,
    Registered,
    Registry,
    RegistryBin,
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

#: The `at` of a date's state is floored to a multiple of this.
AT_STEP = timedelta(minutes=15)
MAX_REGISTRY_LIFE = timedelta(days=14)


@dataclass(frozen=True)
class Held:
    """What a receiver has of one author: the newest version ever held (the floor), its digest if still held."""

    version: int
    digest: str | None


class Verdict(Enum):
    """What to do with a verified document."""

    SAME = "same"
    REPLACE = "replace"
    #: Two payloads of one version: the lower digest wins on every node, the other is evidence (§8.3).
    REPLACE_TIED = "replace-tied"
    KEEP_TIED = "keep-tied"


def require_listed(entry: Registered | None) -> Registered:
    """`entry`, if documents of its chapter are taken and shown: active, or paused and shown as paused (§6.3).

    Raises UnknownChapter (before any cryptography) or NotActive.
    """
    if entry is None:
        raise UnknownChapter("HQ's registry does not name this chapter")
    if entry.status not in LISTED:
        raise NotActive(f"this chapter is {entry.status}")
    return entry


def require_root_on_chain(chain: list[Root[ChapterRoot]], entry: Registered) -> None:
    """Raise MissingRoot or BrokenChain unless `chain` passes through the registry's root (§6.2). It may be longer."""
    if len(chain) < entry.root_version:
        raise MissingRoot(f"root {entry.root_version} is not held yet")
    if chain[entry.root_version - 1].digest != entry.root_digest:
        raise BrokenChain("these roots do not pass through the one HQ's registry names")


def open_chapter(
    envelope: Envelope, root: Root[ChapterRoot], now: datetime, claimed: ChapterDocument | None = None
) -> ChapterDocument:
    """The chapter document in `envelope`, verified under the newest held `root`, and within its times (§7, §8.1).

    `claimed`: what the strict parser has read of the same envelope already (`read_claim`).
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
    """HQ's registry, verified under HQ's newest `root`. One of the future is refused, an old one is not (§6.1)."""
    document = read_document(open_sealed(envelope, "registry", root.document.registry_keys, 1), Registry)
    if document.hq != root.id:
        raise BrokenChain(f"a registry of {document.hq} under the roots of {root.id}")
    if from_instant(document.issued) > now + MAX_AHEAD:
        raise OutOfTime("issued more than 24 hours from now")
    if from_instant(document.fresh_until) > from_instant(document.issued) + MAX_REGISTRY_LIFE:
        raise OutOfTime("fresh for more than 14 days")
    return document


def open_bin(payload: bytes, digest: str, prefix: str) -> RegistryBin:
    """The registry bin in `payload`. Its bytes must have `digest`, and its chapters must begin with `prefix` (§6.2)."""
    if hashlib.sha256(payload).hexdigest() != digest:
        raise Malformed("a registry bin with another digest than the registry names")
    content = read_bin(payload)
    ids = [entry.chapter for entry in content.chapters]
    if len(set(ids)) != len(ids) or not all(id_.startswith(prefix) for id_ in ids):
        raise Malformed("a chapter twice, or in the wrong bin")
    return content


def judge(held: Held | None, version: int, digest: str) -> Verdict:
    """Whether a verified document of `version` and `digest` replaces the `held` one. Raises Older (§8.2, §8.3)."""
    if held is None or version > held.version:
        return Verdict.REPLACE
    if version < held.version or held.digest is None:
        raise Older(f"version {version}; {held.version} has been held")
    if digest == held.digest:
        return Verdict.SAME
    return Verdict.REPLACE_TIED if digest < held.digest else Verdict.KEEP_TIED


def next_version(last: int, now: datetime) -> int:
    """The next version to sign. It rises even if the clock went back (§8.2)."""
    return max(last + 1, int(now.timestamp()))


def claimed_author(envelope: Envelope, claim: ChapterDocument | ChapterRoot | None = None) -> str:
    """The chapter whose document or root `envelope` says it is. It only serves to find the keys that can verify (§4.5).

    A root version 1 names its chapter by its digest. `claim`: what `read_claim` has read already.
    """
    return (claim or read_claim(envelope)).chapter or network_id(envelope.digest)


def read_claim(envelope: Envelope) -> ChapterDocument | ChapterRoot:
    """A chapter's document or root before it is verified. Nothing of it is trusted yet (§4.5).

    The strict parser reads it. Raises FederationError, also for HQ's envelopes.
    """
    if envelope.kind == "chapter":
        return read_document(envelope.payload, ChapterDocument)
    if envelope.kind == "chapter-root":
        return read_document(envelope.payload, ChapterRoot)
    raise Malformed(f"a {envelope.kind} where a chapter's document or root belongs")


def _explain(envelope: Envelope, root: Root[ChapterRoot], error: WrongSignature) -> FederationError:
    """MissingRoot if the document cites a root that is not held yet, which is worth another try; else `error`."""
    try:
        claimed = read_document(envelope.payload, ChapterDocument).root_version
    except FederationError:
        return error
    return MissingRoot(f"root {claimed} is not held yet") if claimed > root.version else error
