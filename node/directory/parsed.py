"""Held documents and roots as types. They were verified when they came. What was read lately is cached, in bounds."""

import hashlib
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from cachetools import LRUCache, cached

from federation.documents import ChapterDocument, ChapterRoot
from federation.envelope import read
from federation.payloads import read_document

from ..models import HeldDocument

#: Bytes of memory for cached documents and roots, and how many bytes of memory one byte of the sealed text takes.
MAX_PARSED, MAX_PARSED_ROOTS = 8 * 1024 * 1024, 2 * 1024 * 1024
_PARSED_TO_SEALED = 4

Document = TypeVar("Document", ChapterDocument, ChapterRoot)


def _digest(envelope: bytes) -> bytes:
    return hashlib.sha256(envelope).digest()


class _Read(NamedTuple, Generic[Document]):
    """A document or root, and about how many bytes of memory it takes."""

    document: Document
    size: int


def _cache(most: int) -> "LRUCache[bytes, _Read[Any]]":
    return LRUCache(most, getsizeof=lambda one: one.size)


# Both caches are for the whole process: the key is the envelope itself, which says the same to every node.
@cached(_cache(MAX_PARSED), key=_digest, lock=Lock())
def document_in(envelope: bytes) -> _Read[ChapterDocument]:
    """A chapter's document in a held envelope."""
    return _Read(read_document(read(envelope).payload, ChapterDocument), _PARSED_TO_SEALED * len(envelope))


@cached(_cache(MAX_PARSED_ROOTS), key=_digest, lock=Lock())
def root_in(envelope: bytes) -> _Read[ChapterRoot]:
    """A chapter's root in a held envelope."""
    return _Read(read_document(read(envelope).payload, ChapterRoot), _PARSED_TO_SEALED * len(envelope))


def document_of(held: HeldDocument | None) -> ChapterDocument | None:
    """The typed document of a row. None where the row has only a floor left."""
    return document_in(held.envelope).document if held and held.envelope else None


def read_uncached(envelope: bytes | None) -> ChapterDocument | None:
    """The typed document in a held envelope. None where only a floor is left.

    It is not cached, so that what strangers hand in fills no memory.
    """
    return read_document(read(envelope).payload, ChapterDocument) if envelope else None
