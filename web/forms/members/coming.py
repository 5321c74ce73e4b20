"""The form of whoever comes to a run. Every field may stay empty."""

import secrets
from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from node.input import email
from node.members import coming
from node.members.coming import Given
from node.members.consent import Purpose

from ...context import settings
from ...language import N_, _, locale
from ..base import KeptForm, problem_words

#: What a comer agrees to by filling a field in. The words stand beside the field and are kept with the answer.
AGREED: Mapping[Purpose, object] = {
    "reminders": N_(
        "We use this address only to remind you and to tell you when something changes, and only once "
        "you’ve said yes in the first email. It’s deleted a week after the date, or when you say so."
    ),
    "message": N_("Only the leads of this run read it. It’s deleted a week after the date."),
    "emergency": N_(
        "It’s locked away. Only the lead of that day can open it, from three hours before the run until "
        "three hours after, and you can see here who did. It’s deleted a day after the run."
    ),
}
#: Purposes to the fields that serve them, where the names differ.
_FIELDS: Mapping[Purpose, str] = {"reminders": "email"}


class ComingForm(KeptForm):
    """What a comer gives."""

    LIMITS: Mapping[str, int] = {**coming.LIMITS, "email": email.LONGEST}
    PRIVATE = frozenset(LIMITS)

    form_id = HiddenField()
    first_time = BooleanField(N_("It’s my first time"))
    every_week = BooleanField(N_("I’ll come every time, until I say otherwise"))
    look_out = BooleanField(N_("Please look out for me"))
    name = StringField(N_("A first name or nickname"))
    message = TextAreaField(N_("A message to the leads"))
    email = StringField(N_("Email, for reminders and changes"))
    emergency = StringField(N_("Who we should call in an emergency"))

    def other_problems(self) -> dict[str, str]:
        """What the node finds, of the address above all."""
        return coming.check(self.given())

    def given(self) -> Given:
        """What was given, for the node."""
        typed = {name: self[name].data or "" for name in self.LIMITS}
        if not settings().has_mail:
            typed["email"] = ""
        return Given(
            name=typed["name"],
            message=typed["message"],
            emergency=typed["emergency"],
            email=typed["email"],
            first_time=self.first_time.data,
            look_out=self.look_out.data,
            every_week=self.every_week.data,
            language=str(locale()),
            agreed={purpose: str(words) for purpose, words in AGREED.items() if typed[_FIELDS.get(purpose, purpose)]},
        )

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        if code == "email":
            return _("Enter an email address, for example sam@example.org.")
        if code == "too_many":
            return _(
                "So many people have said so that we can’t note any more. It might work with an email "
                "address, or from another connection. Or just come: you’re just as welcome."
            )
        return problem_words(name, code, self.LIMITS.get(name, 0))


def coming_form(formdata: Any, given: Given | None = None) -> ComingForm:
    """The form as it was typed, or with what was given before. With its id a double tap is one."""
    kept = vars(given) if given else {}
    return ComingForm(formdata, data={"form_id": secrets.token_urlsafe(16), **kept})
