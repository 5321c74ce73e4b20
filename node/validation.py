"""Rules for what people type into a profile or a run. Codes, not sentences: pages put them into words."""

import re
from collections.abc import Mapping

from .contacts import find_contacts
from .errors import InvalidInput
from .recurrence import known_zone

#: What comes along unseen when a text is pasted, and what is meant by it: a tab is a gap, a line's end is one.
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """What somebody typed or pasted, without what nobody sees: direction marks, tabs, control characters."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " ")).strip()


def check_texts(texts: Mapping[str, str], limits: Mapping[str, int], required: frozenset[str]) -> dict[str, str]:
    """Problems by field: `required`, `too_long`, `personal` or `control`."""
    found = {name: _problem(text, limits[name], name in required) for name, text in texts.items()}
    return {name: code for name, code in found.items() if code}


def check_private(text: str, limit: int, *, is_required: bool = False) -> str | None:
    """The same for words that never leave this node: they may name a person and a number."""
    code = _problem(text, limit, is_required)
    return None if code == "personal" else code


def check_zone(name: str) -> dict[str, str]:
    """{'timezone': 'unknown_zone'} if this node does not know it."""
    return {} if known_zone(name) else {"timezone": "unknown_zone"}


def refuse(problems: dict[str, str]) -> None:
    """Raise InvalidInput if there are any."""
    if problems:
        raise InvalidInput(problems)


def _problem(typed: str, limit: int, required: bool) -> str | None:
    text = clean(typed)
    if required and not text:
        return "required"
    if len(text) > limit:
        return "too_long"
    if _CONTROL.search(text):
        return "control"
    # A listing is read by anybody: it must not carry a way to reach a person (PROTOCOL.md §7.3).
    return "personal" if find_contacts(text) else None
