"""A form that somebody else was quicker with: what is otherwise now than it was typed."""

from dataclasses import dataclass
from typing import Any

from wtforms import Form

from ...language import _
from ...words.texts import isolated

#: Fields that nobody reads.
_UNSEEN = ("HiddenField",)
#: Fields that say how a change is made, and are not kept with what was changed.
_OF_THE_CHANGE = ("from_day", "later_day", "same_place", "new_language", "still_fits")


@dataclass(frozen=True)
class Difference:
    """One field that is otherwise now than it was typed. `id`: the field's element on the page."""

    id: str
    label: str
    words: str


def differences(typed: Form, current: Form) -> list[Difference]:
    """The fields in which the `current` form is not as the `typed` one. One of them may have fewer languages."""
    fields = {field.name: field for form in (typed, current) for field in form}
    return [
        Difference(name, str(field.label.text), _words(current[name]) if name in current else _("nothing"))
        for name, field in fields.items()
        if field.type not in _UNSEEN and name not in _OF_THE_CHANGE and _data(typed, name) != _data(current, name)
    ]


def _data(form: Form, name: str) -> object:
    return (form[name].data or None) if name in form else None


def _words(field: Any) -> str:
    """What a field holds, as a person reads it."""
    if hasattr(field, "iter_choices"):
        return ", ".join(str(choice.label) for choice in field.iter_choices() if choice.selected) or _("nothing")
    if field.type == "BooleanField":
        return _("yes") if field.data else _("no")
    return isolated(str(field._value())) or _("nothing")
