"""Root chains: who may sign what (PROTOCOL.md §5). One verifier serves chapters and HQ."""

from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

from .documents import ChapterRoot, HqRoot
from .encodings import network_id
from .envelope import Envelope, Kind, open_sealed
from .errors import BrokenChain, Malformed, TooLarge
from .payloads import read_document

MAX_ROOTS = 256
#: Bytes of a root's payload: a handful of keys and an address. Every node keeps every root for ever.
MAX_ROOT = 8 * 1024

R = TypeVar("R", ChapterRoot, HqRoot)


class Root(msgspec.Struct, Generic[R], frozen=True, gc=False):
    """A verified root: the `document`, the 24-letter `id` it belongs to, and the digest of its payload."""

    id: str
    document: R
    digest: str

    @property
    def version(self) -> int:
        """1 for the first root, then one higher for each."""
        return self.document.version


def genesis(envelope: Envelope, type_: type[R], claimed: R | None = None) -> Root[R]:
    """Root version 1, whose payload makes the id and which its own keys sign (§5.1). Raises FederationError.

    It alone is parsed before it is verified, since nothing else names its keys. The strict parser reads it. `claimed`:
    what the strict parser has read of the same envelope already.
    """
    _check_size(envelope)
    document = claimed or read_document(envelope.payload, type_)
    open_sealed(envelope, _kind(type_), document.root_keys, document.root_threshold)
    if document.version != 1:
        raise BrokenChain(f"version {document.version} where the chain begins")
    digest = envelope.digest
    return Root(network_id(digest), document, digest)


def successor(root: Root[R], envelope: Envelope, claimed: R | None = None) -> Root[R]:
    """The next root: signed by the thresholds of `root` and its own, one version higher (§5.2).

    `claimed`: what the strict parser has read of the same envelope already.
    """
    _check_size(envelope)
    type_ = type(root.document)
    payload = open_sealed(envelope, _kind(type_), root.document.root_keys, root.document.root_threshold)
    document = claimed or read_document(payload, type_)
    open_sealed(envelope, _kind(type_), document.root_keys, document.root_threshold)
    if document.version != root.version + 1 or document.names != root.id:
        raise BrokenChain(f"version {document.version} of {document.names} after {root.version} of {root.id}")
    return Root(root.id, document, envelope.digest)


def walk(envelopes: Iterable[Envelope], type_: type[R], expected_id: str) -> list[Root[R]]:
    """All roots of `expected_id`, verified from version 1. Raises BrokenChain if they are another's."""
    chain: list[Root[R]] = []
    for envelope in envelopes:
        if len(chain) == MAX_ROOTS:
            raise Malformed(f"over {MAX_ROOTS} roots")  # a cap (§2.4)
        chain.append(successor(chain[-1], envelope) if chain else genesis(envelope, type_))
        if chain[0].id != expected_id:
            raise BrokenChain(f"the roots of {chain[0].id}, not of {expected_id}")
    if not chain:
        raise BrokenChain("no root at all")
    return chain


def _check_size(envelope: Envelope) -> None:
    if len(envelope.payload.encode()) > MAX_ROOT:
        raise TooLarge(f"a root over {MAX_ROOT} bytes")


def _kind(type_: type[ChapterRoot] | type[HqRoot]) -> Kind:
    if type_ is ChapterRoot:
        return "chapter-root"
    if type_ is HqRoot:
        return "hq-root"
    raise Malformed("not a root type")
