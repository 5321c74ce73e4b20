"""One strict JSON reader for every byte that comes from another node (PROTOCOL.md §2)."""

import json
from typing import Any, NoReturn

from .errors import ForbiddenMember, Malformed, TooLarge
from .text import REFUSED

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 8
MAX_TEXT = 8_192

#: Members that would rank, time, follow or count people. A document with one of them, at any depth, is refused.
FORBIDDEN_MEMBERS = frozenset(
    {"pace", "finish_time", "elapsed", "rank", "position", "streak"}
    | {"track", "gpx", "attendance", "going", "participants", "capacity_used"}
)

#: An escape can spell a name in other letters, so that a search of the text does not find the name.
_ESCAPE = "\\u"
_QUOTED = tuple(f'"{name}"' for name in sorted(FORBIDDEN_MEMBERS))
#: The escapes by which JSON lets a control character into a text. DEL alone needs no escape.
_CONTROL_ESCAPES = ("\\b", "\\f", "\\r", "\\u")


def parse(data: bytes | str, *, cap: int, sealed: str = "") -> dict[str, Any]:
    """The JSON object in `data`, at most `cap` bytes of UTF-8.

    Refuses what json, orjson and msgspec let pass: duplicate members, floats, NaN, integers beyond 2^53 - 1,
    lone surrogates, text over MAX_TEXT characters, more than MAX_DEPTH levels. Raises Malformed or TooLarge.
    `sealed`: the outermost member whose text is a document of its own, which `cap` alone bounds here.
    """
    text = _decode(data, cap)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_refuse_float, parse_constant=_refuse_float, parse_int=_integer
        )
    except (json.JSONDecodeError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(value, dict):
        raise Malformed("not a JSON object")
    if len(text) > MAX_TEXT or _ESCAPE in text:
        _walk(value, 1, sealed)
    else:  # The whole is short, so that no text in it is too long. UTF-8 has no surrogate, and none is escaped.
        _walk_containers(value, 1)
    return value


def refuse_what_is_forbidden(text: str, value: object) -> None:
    """Raise ForbiddenMember or Malformed for a member, or a character, that no document may have. `text`: the JSON."""
    if may_have_forbidden_members(text):
        refuse_forbidden_members(value)
    if may_have_control_characters(text):
        refuse_control_characters(value)


def may_have_forbidden_members(text: str) -> bool:
    """Whether a member of FORBIDDEN_MEMBERS may stand in this JSON text; a look that spares most a walk."""
    lowered = text.lower()
    return _ESCAPE in text or any(name in lowered for name in _QUOTED)


def refuse_forbidden_members(value: object) -> None:
    """Raise ForbiddenMember if any object inside `value` has a member of FORBIDDEN_MEMBERS, in any letter case."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name.lower() in FORBIDDEN_MEMBERS:
                raise ForbiddenMember(f"the member {name.lower()!r} has no place in a listing")
            refuse_forbidden_members(member)
    elif isinstance(value, list):
        for member in value:
            refuse_forbidden_members(member)


def may_have_control_characters(text: str) -> bool:
    """A look at the whole JSON text, which spares most the walk. What is printable has none, whatever its script."""
    if "\x7f" in text or ("\\" in text and any(escape in text for escape in _CONTROL_ESCAPES)):
        return True
    return not text.isascii() and not text.isprintable() and bool(REFUSED.search(text))


def refuse_control_characters(value: object) -> None:
    """Raise Malformed where a text has one, at whatever depth."""
    if isinstance(value, str) and REFUSED.search(value):
        raise Malformed("a control or direction-override character in a text")
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            refuse_control_characters(member)


def _decode(data: bytes | str, cap: int) -> str:
    try:
        raw = data.encode() if isinstance(data, str) else data
        text = raw.decode()
    except UnicodeError as error:
        raise Malformed("not UTF-8") from error
    if len(raw) > cap:
        raise TooLarge(f"over {cap} bytes")
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a member stands twice in one object")
    return members


def _refuse_float(_: str) -> NoReturn:
    raise Malformed("floats, NaN and infinities are not part of the protocol")


def _integer(digits: str) -> int:
    # The length is checked first, since int() takes very long for a million digits.
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER or digits == "-0":
        raise Malformed("an integer beyond 2^53 - 1")
    return int(digits)


def _walk(value: object, depth: int, sealed: str = "") -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise Malformed(f"nested deeper than {MAX_DEPTH}")
        for name in value:
            _walk(name, depth + 1)
        if isinstance(value, dict):
            for name, member in value.items():
                if name == sealed and isinstance(member, str):
                    _refuse_surrogates(member)
                else:
                    _walk(member, depth + 1)


def _walk_containers(value: dict[str, Any] | list[Any], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Malformed(f"nested deeper than {MAX_DEPTH}")
    for member in value.values() if isinstance(value, dict) else value:
        if isinstance(member, dict | list):
            _walk_containers(member, depth + 1)


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise Malformed(f"text over {MAX_TEXT} characters")
    _refuse_surrogates(text)


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("a lone surrogate") from error
