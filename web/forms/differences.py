"""A form that was sent after somebody else's: what stands now, beside what was typed."""

from dataclasses import dataclass
from typing import Any

from wtforms import Form

from ..language import _

#: What a form carries and nobody reads.
_SILENT = ("HiddenField",)


@dataclass(frozen=True)
class Difference:
    """One field that stands otherwise now than it was typed. `id`: where it is on the page."""

    id: str
    label: str
    words: str


def differences(typed: Form, current: Form) -> list[Difference]:
    """The fields of `current` in which it is not as it was `typed`."""
    return [
        Difference(now.id, str(now.label.text), _words(now))
        for was, now in zip(typed, current, strict=True)
        if now.type not in _SILENT and now.name not in SAID_OF_THE_ACT and (was.data or None) != (now.data or None)
    ]


#: Fields that say something of this act alone.
SAID_OF_THE_ACT = ("from_day", "same_place")


def _words(field: Any) -> str:
    """What a field says, as its reader would."""
    if hasattr(field, "iter_choices"):
        return ", ".join(str(choice.label) for choice in field.iter_choices() if choice.selected) or _("nothing")
    if field.type == "BooleanField":
        return _("yes") if field.data else _("no")
    return str(field._value()) or _("nothing")
