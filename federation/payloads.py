"""Reading and writing the payloads of documents (PROTOCOL.md §2): one strict reader, and one writer stricter still."""

from functools import cache
from typing import TypeVar

import msgspec

from .documents import ChapterDocument, Document, RegistryBin, unknown_words
from .envelope import MAX_PAYLOAD
from .errors import FederationError, Malformed
from .strict_json import may_have_control_characters, parse, refuse_what_is_forbidden

MAX_BIN = 1024 * 1024


T = TypeVar("T", bound=Document)


def read_document(payload: str, type_: type[T]) -> T:
    """The verified `payload` as `type_`; raises Malformed, ForbiddenMember or TooLarge."""
    return _convert(payload, type_, MAX_PAYLOAD)


def read_bin(payload: bytes) -> RegistryBin:
    """The registry bin in `payload`, whose digest the caller has compared."""
    return _convert(payload, RegistryBin, MAX_BIN)


def write_document(document: Document) -> str:
    """The payload text to be signed. What comes back over the wire is never written again by this.

    ValueError for a word that is in none of the closed lists: a reader is lenient (§2.7), so that a writer need not be.
    """
    unknown = unknown_words(document) if isinstance(document, ChapterDocument) else []
    if unknown:
        raise ValueError(f"not in the closed lists: {', '.join(unknown)}")
    return msgspec.json.encode(document).decode()


def _convert(payload: str | bytes, type_: type[T], cap: int) -> T:
    return _as_we_write(payload, type_, cap) or _strictly(payload, type_, cap)


def _as_we_write(payload: str | bytes, type_: type[T], cap: int) -> T | None:
    """The document in a payload that is, letter for letter, what `write_document` makes of it: a third of the time.

    Then no member stands twice or is unknown, no number is a float, and all bounds are the types'. Whatever is spelled
    in another way, or is to be refused, is left to `_strictly`, which takes and refuses just the same.
    """
    try:
        raw, text = (payload.encode(), payload) if isinstance(payload, str) else (payload, payload.decode())
        document = _decoder(type_).decode(raw)
    except (msgspec.DecodeError, FederationError, UnicodeError, OverflowError, RecursionError):
        return None
    plain = len(raw) <= cap and not may_have_control_characters(text)
    return document if plain and msgspec.json.encode(document) == raw else None


@cache
def _decoder(type_: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(type_)


def _strictly(payload: str | bytes, type_: type[T], cap: int) -> T:
    members = parse(payload, cap=cap)
    text = payload if isinstance(payload, str) else payload.decode()
    refuse_what_is_forbidden(text, members)
    try:
        return msgspec.convert(members, type_)
    except (msgspec.ValidationError, OverflowError) as error:  # the calendar ends in 9999
        raise Malformed(str(error)) from error
