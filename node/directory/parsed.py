"""Documents and roots that were read lately, as types, in a bounded memory. They were verified when they came."""

import hashlib
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from cachetools import LRUCache, cached

from federation.documents import ChapterDocument, ChapterRoot
from federation.envelope import read
from federation.payloads import read_document

from ..models import HeldDocument

#: Bytes of memory for documents and roots that were read lately, and how many each takes for one of the sealed text.
MAX_PARSED, MAX_PARSED_ROOTS = 16 * 1024 * 1024, 2 * 1024 * 1024
_PARSED_TO_SEALED = 4

Document = TypeVar("Document", ChapterDocument, ChapterRoot)


def _digest(envelope: bytes) -> bytes:
    return hashlib.sha256(envelope).digest()


class _Read(NamedTuple, Generic[Document]):
    """What was read, and about how many bytes of memory it takes."""

    document: Document
    size: int


def _cache(most: int) -> "LRUCache[bytes, _Read[Any]]":
    return LRUCache(most, getsizeof=lambda one: one.size)


@cached(_cache(MAX_PARSED), key=_digest, lock=Lock())
def document_in(envelope: bytes) -> _Read[ChapterDocument]:
    """A chapter's document in a held envelope."""
    return _Read(read_document(read(envelope).payload, ChapterDocument), _PARSED_TO_SEALED * len(envelope))


@cached(_cache(MAX_PARSED_ROOTS), key=_digest, lock=Lock())
def root_in(envelope: bytes) -> _Read[ChapterRoot]:
    """A chapter's root in a held envelope."""
    return _Read(read_document(read(envelope).payload, ChapterRoot), _PARSED_TO_SEALED * len(envelope))


def document_of(held: HeldDocument | None) -> ChapterDocument | None:
    """The typed document of a row, if it still has one. It was verified when it came."""
    return document_in(held.envelope).document if held and held.envelope else None


def read_uncached(envelope: bytes | None) -> ChapterDocument | None:
    """The typed document in a held envelope; None where only a floor is left. Nothing of it is kept for the next one:
    what strangers hand in fills no memory.
    """
    return read_document(read(envelope).payload, ChapterDocument) if envelope else None
