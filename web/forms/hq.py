"""What the people of HQ type: for their own eyes, so that a name or a number may stand in it."""

import re
from collections.abc import Mapping

from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from federation.invitation import new_secret
from node.chapter import leads
from node.hq import admissions, registry

from ..language import N_, _
from .base import KeptForm

_SECRET = re.compile(r"[0-9a-f]{64}")


class InviteForm(KeptForm):
    """A new invitation. `secret` makes a double tap one invitation; nothing is good before the form is sent."""

    note = StringField(N_("Whom it is for"))
    asks = BooleanField(N_("Ask us once more before the chapter is let in"))
    secret = HiddenField()

    def words(self, name: str, code: str) -> str:
        """The note's length."""
        return _words(code, admissions.MAX_NOTE)

    def good_secret(self) -> str:
        """The secret that the form was drawn with."""
        given = self.secret.data or ""
        return given if _SECRET.fullmatch(given) else new_secret()


class ActForm(KeptForm):
    """What is done about a chapter, and why."""

    reason = TextAreaField(N_("Why"))
    former = StringField(N_("The id that it had before"))

    def words(self, name: str, code: str) -> str:
        """What is wrong with the former id."""
        if name == "reason":
            required = _("Please say why: the others at HQ will ask.")
            return required if code == "required" else _words(code, registry.MAX_REASON)
        return {
            "not_found": _("HQ knows no chapter with this id."),
            "same": _("That is its id now. Please give the one it had before."),
            "taken": _("Another chapter goes on as that one already."),
            "circle": _("That chapter goes on as this one already."),
        }.get(code, _words(code, registry.MAX_REASON))


class PersonForm(KeptForm):
    """Somebody new at HQ."""

    LIMITS: Mapping[str, int] = leads.LIMITS
    REQUIRED = frozenset({"first_name"})

    first_name = StringField(N_("First name"))

    def words(self, name: str, code: str) -> str:
        """Names are how acts are told apart."""
        if code == "taken":
            return _("Somebody of that name is here already. Please add a letter, such as “Ada M”.")
        return super().words(name, code)


def needs_reason(act: str) -> bool:
    """What takes a chapter away from everybody is not done without saying why."""
    return act == "suspend"


def _words(code: str, limit: int) -> str:
    if code == "too_long":
        return _("This is too long: at most %(limit)s characters.", limit=limit)
    return _("There is a character in this that cannot be shown. Type it by hand.")
