"""What every form of leads and of HQ has in common: what was typed stays, and each field says what to change."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, request
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from federation.text import tidy
from node.input.contacts import Contact, find_contacts
from node.input.validation import check_private, check_texts

from ..language import N_, _

#: Time zones that a form offers. Any other that the node knows may be typed.
COMMON_ZONES = (
    *("Europe/London", "Europe/Dublin", "Europe/Paris", "Europe/Berlin", "Europe/Madrid", "Europe/Lisbon"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto"),
    *("America/Vancouver", "Australia/Brisbane", "Australia/Sydney", "Australia/Melbourne", "Australia/Perth"),
    *("Pacific/Auckland", "Africa/Johannesburg", "Asia/Singapore", "Asia/Kolkata"),
)
#: The most characters of a search for a chapter.
CHAPTER_SEARCH_LIMIT = 80
#: What to do at a field that is empty, or that could not be read.
GIVE_TIME = N_("Enter a time, for example 18:30.")
#: How people write an hour where the browser has no picker, which sends the first form. `%p`: "PM".
HOUR_FORMS = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"]
GIVE_WHOLE_NUMBER = N_("Enter a whole number.")
CHOOSE = N_("Choose one from the list.")
_COULD_NOT_READ = {
    "TimeField": GIVE_TIME,
    "IntegerField": GIVE_WHOLE_NUMBER,
}
#: Telephone numbers, e-mail and web addresses that one error names.
_NAMED = 3
_CLOSED_LISTS = ("RadioField", "SelectField", "Checkboxes")


class KeptForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A form that keeps what was typed. Its errors are words of ours, also for the codes of the node."""

    class Meta:
        """How the form reads a request."""

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """The fields of a request, without characters that nobody sees; None for no request."""
            if formdata is None:
                return None
            return MultiDict([(name, tidy(text)) for name, text in formdata.items(multi=True)])

    #: Field name to the most characters that the field may have.
    LIMITS: Mapping[str, int] = {}
    #: Field name to the smallest and the largest number that the field may be.
    RANGES: Mapping[str, tuple[int, int]] = {}
    REQUIRED: frozenset[str] = frozenset()
    #: Fields whose text never leaves this node, and so may be an address or a number.
    PRIVATE: frozenset[str] = frozenset()
    #: The node's name of a field to the form's name, where the two differ.
    NAMES: Mapping[str, str] = {}
    #: The first fields of the page, where the page has another order than the class.
    ORDER: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, most in self.LIMITS.items():
            self[name].flags.maxlength = most
        for name, (low, high) in self.RANGES.items():
            if name in self:
                self[name].flags.min, self[name].flags.max = low, high

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether everything can be kept. The node's checks are made, too, so that nobody is sent back twice."""
        super().validate(extra_validators)
        self.add_problems(self._text_problems() | self.other_problems())
        for field in self:
            if field.errors and field.type in _CLOSED_LISTS:
                field.errors = [CHOOSE]
            elif field.errors and field.process_errors and field.type in _COULD_NOT_READ:
                field.errors = [_COULD_NOT_READ[field.type]]
            elif field.errors and field.process_errors and any(field.raw_data or ()):
                # Of a field that was left empty the node says what is missing, where it is not optional.
                field.errors = [field.process_errors[0]]
        return not self.errors

    def _text_problems(self) -> dict[str, str]:
        texts = {name: self[name].data or "" for name in self.LIMITS}
        public = {name: text for name, text in texts.items() if name not in self.PRIVATE}
        found = check_texts(public, self.LIMITS, self.REQUIRED)
        for name in self.PRIVATE:
            found |= check_private(name, texts[name], self.LIMITS[name], is_required=name in self.REQUIRED)
        return found

    def wrong_fields(self) -> list[Any]:
        """The fields with an error, in the page's order."""
        names = dict.fromkeys((*self.ORDER, *(field.name for field in self)))
        return [self[name] for name in names if self[name].errors]

    def other_problems(self) -> dict[str, str]:
        """What the node would refuse beside texts: its code by field."""
        return {}

    def beyond(self, values: Mapping[str, int | None]) -> dict[str, str]:
        """The code `range` for each value outside of RANGES."""
        given = {name: (value, *self.RANGES[name]) for name, value in values.items() if value is not None}
        return {name: "range" for name, (value, low, high) in given.items() if not low <= value <= high}

    def add_problems(self, problems: Mapping[str, str]) -> None:
        """Put words for the node's codes beside their fields."""
        for name, code in problems.items():
            self[self.NAMES.get(name, name)].errors = [self.words(name, code)]

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        typed = self[self.NAMES.get(name, name)].data
        return problem_words(name, code, self.LIMITS.get(name, 0), self.RANGES.get(name, (0, 0)), typed)


def problem_words(name: str, code: str, limit: int, bounds: tuple[int, int] = (0, 0), typed: Any = "") -> str:
    """What to change in the field `name`, where `typed` stands, for the node's `code`. `limit`: the most characters.
    `bounds`: the smallest and the largest number.
    """
    return {
        "required": _("Please fill this in."),
        "too_long": _("This is too long. It can be up to %(limit)s characters.", limit=limit),
        "personal": _personal_words(find_contacts(str(typed))),
        "range": _range_words(name, bounds),
        "unknown_zone": _("We don’t know this time zone. Try one like Europe/London."),
        "not_found": str(CHOOSE),
        "not_last": _("That weekday comes once more in that month. Please choose the last one."),
        "before_start": _("This has to be later than the first day."),
        "over": _("That time has passed."),
    }.get(code, _("We can’t save this as it is."))


def _range_words(name: str, bounds: tuple[int, int]) -> str:
    days = {
        "starts": _("Choose a day within two weeks of the original date."),
        "since": _("Enter today or a later date, within a year."),
        "back_on": _("Enter a date within a year of the first day, or leave it empty."),
        "from_day": str(CHOOSE),
    }
    return days.get(name) or _("This has to be between %(low)s and %(high)s.", low=bounds[0], high=bounds[1])


def _personal_words(found: Sequence[Contact]) -> str:
    """Which words look like a way to reach somebody, and what to do."""
    named = [_contact_words(one.kind, one.words[:60]) for one in found[:_NAMED]]
    return " ".join([*named, _("Please leave it out: everything here is public.")])


def _contact_words(kind: str, typed: str) -> str:
    return {
        "phone": _("“%(words)s” looks like a phone number.", words=typed),
        "email": _("“%(words)s” looks like an email address.", words=typed),
        "link": _("“%(words)s” looks like a web address.", words=typed),
    }[kind]


class Checkboxes(SelectMultipleField):  # type: ignore[misc]
    """Any words of a closed list."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def new_form_id() -> str:
    """A new hidden id of a form, by which a double tap is one act."""
    return secrets.token_urlsafe(16)


def page_mark() -> str:
    """The mark of what the page showed that was sent (node.input.stale_pages). A page without one is an old page."""
    return request.form.get("seen", "")


def describe(field: Any, hint: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of an input. A screen reader reads its hint and its error with it."""
    marks = [f"{field.id}-hint"] * bool(hint) + [f"{field.id}-wrong"] * bool(field.errors)
    described = {"aria-describedby": " ".join(marks)} if marks else {}
    direction = {"dir": "auto"} if field.type in ("StringField", "TextAreaField") else {}
    return {**direction, **attributes, **described, **({"aria-invalid": "true"} if field.errors else {})}


def start(app: Flask) -> None:
    """Give templates `describe(...)`, `common_zones` and `chapter_search_limit`."""
    app.jinja_env.globals.update(
        describe=describe, common_zones=COMMON_ZONES, chapter_search_limit=CHAPTER_SEARCH_LIMIT
    )
