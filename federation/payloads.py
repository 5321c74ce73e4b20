"""Read and write the payloads of documents (PROTOCOL.md §2). The reader is strict; the writer is stricter."""

from functools import cache
from typing import TypeVar

import msgspec

from .documents import ChapterDocument, Document, RegistryBin, unknown_words
from .envelope import MAX_PAYLOAD
from .errors import FederationError, Malformed
from .strict_json import (
    may_have_control_characters,
    may_have_forbidden_members,
    parse,
    refuse_what_is_forbidden,
)

MAX_BIN = 1024 * 1024
#: The member whose own members have names that the author chose: languages (§7.9).
_LANGUAGES = '"translations"'


T = TypeVar("T", bound=Document)


def read_document(payload: str, type_: type[T]) -> T:
    """The verified `payload` as `type_`. Raises Malformed, ForbiddenMember or TooLarge."""
    return _convert(payload, type_, MAX_PAYLOAD)


def read_bin(payload: bytes) -> RegistryBin:
    """The registry bin in `payload`. The caller has compared its digest."""
    return _convert(payload, RegistryBin, MAX_BIN)


def write_document(document: Document) -> str:
    """The payload text of a document that is to be signed. A payload of another node is never written again.

    Raises ValueError for a word that is in none of the closed lists. A reader is lenient about them (§2.7).
    """
    unknown = unknown_words(document) if isinstance(document, ChapterDocument) else []
    if unknown:
        raise ValueError(f"not in the closed lists: {', '.join(unknown)}")
    return msgspec.json.encode(document).decode()


def _convert(payload: str | bytes, type_: type[T], cap: int) -> T:
    return _as_we_write(payload, type_, cap) or _strictly(payload, type_, cap)


def _as_we_write(payload: str | bytes, type_: type[T], cap: int) -> T | None:
    """The document in a payload that is, letter for letter, what `write_document` makes of it. Else None.

    Such a payload has no member twice, no unknown member and no float, and the types hold its bounds. The names of its
    members are ours, save those of languages. `_strictly` reads any other payload. Both accept and refuse the same;
    this way takes a third of the time.
    """
    try:
        raw, text = (payload.encode(), payload) if isinstance(payload, str) else (payload, payload.decode())
        document = _decoder(type_).decode(raw)
    except (msgspec.DecodeError, FederationError, UnicodeError, OverflowError, RecursionError):
        return None
    plain = len(raw) <= cap and not may_have_control_characters(text)
    plain = plain and not (_LANGUAGES in text and may_have_forbidden_members(text))
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
