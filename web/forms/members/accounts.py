"""What people type to sign in, and about themselves."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from wtforms import HiddenField, RadioField, SelectChoice, StringField

from node.chapter import leads
from node.input.email import LONGEST

from ... import language
from ...language import N_, _
from ..base import KeptForm


class AddressForm(KeptForm):
    """An e-mail address. With `form_id` a double tap mails one code."""

    email = StringField(N_("Your email address"))
    form_id = HiddenField()

    LIMITS: Mapping[str, int] = {}

    def words(self, name: str, code: str) -> str:
        """What is wrong with an address."""
        return _address_words(code) or super().words(name, code)


class CodeForm(KeptForm):
    """The six digits of a letter, and the address that it went to."""

    email = HiddenField()
    code = StringField(N_("The six digits"))

    def words(self, name: str, code: str) -> str:
        """What to do about a code that does not count. The words are the same for an address that is unknown."""
        return {
            "wrong": _("That’s not the code, or it’s more than 15 minutes old. Please check the newest email."),
            "too_many": _("That was too many wrong codes. Please use the link in the email instead. It still works."),
            "taken": _("Another account here already has that address. Sign in with it, or use a different address."),
        }.get(code) or super().words(name, code)


class RecoveryForm(KeptForm):
    """One of the codes on paper."""

    code = StringField(N_("One of the codes on your paper"))

    def words(self, name: str, code: str) -> str:
        """What to do about a code that does not count."""
        if code == "wrong":
            return _("That’s not one of your codes, or you’ve used it before. Each of them works once.")
        return super().words(name, code)


class NameForm(KeptForm):
    """What somebody wants to be called."""

    LIMITS: Mapping[str, int] = leads.LIMITS

    first_name = StringField(N_("First name"))


class LanguageForm(KeptForm):
    """The language of letters to somebody."""

    language = RadioField(N_("Language of our emails to you"))


def language_form(formdata: Any, kept: str) -> LanguageForm:
    """The form as it was sent; new, it shows the language in which the letters are now. `kept`: of the account."""
    form = LanguageForm(formdata, data={"language": language.preferred(language.tag_of(kept))})
    named = Markup('<span lang="{}">{}</span>')
    form.language.choices = [
        SelectChoice(code, named.format(language.tag_of(code), name)) for code, name in language.LANGUAGES.items()
    ]
    return form


class InviteRoleForm(KeptForm):
    """Whom a lead invites. With `form_id` a double tap makes one invitation."""

    role = RadioField(
        N_("Role"),
        choices=[
            SelectChoice(
                "co-lead", N_("Co-lead: says “I’ll be there”, cancels and moves dates, sees who’s coming that day")
            ),
            SelectChoice("lead", N_("Lead: also changes runs, the chapter’s page and photos, and invites others")),
        ],
    )
    email = StringField(N_("Their email address, if you’d like us to send it"))
    form_id = HiddenField()

    def words(self, name: str, code: str) -> str:
        """What to change."""
        if code == "too_many":
            return _("There are already twenty open invitations. Take one back first.")
        return (_address_words(code) if name == "email" else "") or super().words(name, code)


def _address_words(code: str) -> str:
    return {
        "email": _("Enter an email address, for example sam@example.org."),
        "required": _("Enter your email address, for example sam@example.org."),
        "too_long": _("An email address can’t be longer than %(limit)s characters.", limit=LONGEST),
    }.get(code, "")
