"""What the people of HQ type. Only they read it, so it may hold a name or a number."""

import re
from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from federation.invitation import new_secret
from node.chapter import leads
from node.hq import admissions, contacts, registry
from node.hq.contacts import Contact

from ..language import N_, _
from .base import KeptForm, problem_words

_SECRET = re.compile(r"[0-9a-f]{64}")


class InviteForm(KeptForm):
    """A new invitation. With `secret` a double tap makes one. The secret opens nothing until the form is sent."""

    LIMITS: Mapping[str, int] = {"note": admissions.MAX_NOTE}

    note = StringField(N_("Who it’s for"))
    asks = BooleanField(N_("Needs our approval before it goes live"))
    secret = HiddenField()

    def good_secret(self) -> str:
        """The secret that the page was drawn with; a new one if it is none."""
        given = self.secret.data or ""
        return given if _SECRET.fullmatch(given) else new_secret()


class ActForm(KeptForm):
    """An act about a chapter, and why it is done."""

    LIMITS: Mapping[str, int] = {"reason": registry.MAX_REASON}

    reason = TextAreaField(N_("Why"))
    former = StringField(N_("Its old id"))

    def words(self, name: str, code: str) -> str:
        """What is wrong with the reason, or with the former id."""
        if code == "required":
            return _("Please say why. The others at HQ will ask.")
        return {
            "not_found": _("HQ doesn’t know a chapter with this id."),
            "same": _("That’s its id now. Enter its old one."),
            "taken": _("Another chapter is already linked to that one."),
            "circle": _("That chapter is already linked to this one."),
        }.get(code) or super().words(name, code)


class ContactForm(KeptForm):
    """How HQ reaches the people of a chapter."""

    name = StringField(N_("Who to ask for"))
    email = StringField(N_("Email"))
    phone = StringField(N_("Phone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, most in contacts.LIMITS.items():
            self[name].flags.maxlength = most

    def contact(self) -> Contact:
        """The contact for the node, which checks it."""
        return Contact(self.name.data or "", self.email.data or "", self.phone.data or "")

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        if code == "email":
            return _("Enter an email address, for example sam@example.org.")
        return problem_words(name, code, contacts.LIMITS[name])


class PersonForm(KeptForm):
    """A new person at HQ."""

    LIMITS: Mapping[str, int] = leads.LIMITS
    REQUIRED = frozenset({"first_name"})

    first_name = StringField(N_("First name"))

    def words(self, name: str, code: str) -> str:
        """What to change. Two people of one name could not be told apart in the history."""
        if code == "taken":
            return _("There’s already someone with that name. Please add an initial, for example “Ada M”.")
        return super().words(name, code)
