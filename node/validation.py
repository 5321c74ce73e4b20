"""Rules for what people type into a profile or a run. Codes, not sentences: pages put them into words."""

import re
from collections.abc import Mapping

from .errors import InvalidInput
from .recurrence import known_zone

# Protocol design, "A listing": free text must not carry a way to reach a person, lest a listing leak one.
_EMAIL = re.compile(r"\S@\S")
_URL = re.compile(r"https?:|www\.", re.IGNORECASE)
_DIGITS = re.compile(r"(?:\d[\s().+-]*){7,}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def is_personal(text: str) -> bool:
    """Whether `text` holds an e-mail address, a web address, or seven or more digits in a row."""
    return any(pattern.search(text) for pattern in (_EMAIL, _URL, _DIGITS))


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


def _problem(text: str, limit: int, required: bool) -> str | None:
    if required and not text.strip():
        return "required"
    if len(text) > limit:
        return "too_long"
    if _CONTROL.search(text):
        return "control"
    return "personal" if is_personal(text) else None
