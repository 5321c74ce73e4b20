"""Rules for what people type into a profile or a run. Codes, not sentences: pages put them into words."""

from collections.abc import Mapping

from federation.text import is_visible, tidy

from ..errors import InvalidInput
from ..schedule.recurrence import zone
from .contacts import find_contacts


def check_texts(texts: Mapping[str, str], limits: Mapping[str, int], required: frozenset[str]) -> dict[str, str]:
    """Problems by field: `required`, `too_long` or `personal`. Texts are checked as they are stored (`tidy`)."""
    found = {name: _problem(text, limits[name], name in required) for name, text in texts.items()}
    return {name: code for name, code in found.items() if code}


def check_private(field: str, text: str, limit: int, *, is_required: bool = False) -> dict[str, str]:
    """Problems by field of a text that never leaves this node, and so may name a person and a number."""
    code = _problem(text, limit, is_required)
    return {} if code in (None, "personal") else {field: str(code)}


def check_zone(name: str) -> dict[str, str]:
    """{'timezone': 'unknown_zone'} if this node does not know `timezone`."""
    return {} if zone(name) else {"timezone": "unknown_zone"}


def refuse(problems: dict[str, str]) -> None:
    """Raise InvalidInput if there are problems."""
    if problems:
        raise InvalidInput(problems)


def _problem(value: str, limit: int, required: bool) -> str | None:
    text = tidy(value)
    if required and not is_visible(text):
        return "required"
    if len(text) > limit:
        return "too_long"
    # A listing is read by anybody: it must not carry a way to reach a person (PROTOCOL.md §7.3).
    return "personal" if find_contacts(text) else None
