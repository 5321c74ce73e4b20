"""The form of the mail server: what RTR_MAIL and its companions say, in fields of their own."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from flask import request
from wtforms import IntegerField, PasswordField, RadioField, SelectChoice, StringField
from wtforms.validators import Optional
from wtforms.widgets import PasswordInput, TextInput

from node import config
from node.config import Settings
from node.errors import NodeError
from node.input.email import check_email
from node.mail.carriers import NotTaken

from ..language import N_, _
from ..words.texts import isolated
from .base import KeptForm

_ERROR_NUMBER = re.compile(r"\A\[Errno -?[0-9]+\] ")
#: What a server's name, a user's name and a password may have, in characters.
_LONGEST = 250


class MailForm(KeptForm):
    """Where letters go, and where a letter goes to try it. The password that is kept is never shown."""

    LIMITS: Mapping[str, int] = {"host": _LONGEST, "user": _LONGEST}
    REQUIRED = frozenset({"host"})
    PRIVATE = frozenset({"host", "user"})
    RANGES: Mapping[str, tuple[int, int]] = {"port": (1, 65535), "a_day": (1, 1_000_000)}

    host = StringField(N_("Mail server"))
    security = RadioField(
        N_("Encryption"),
        choices=[
            SelectChoice("smtps", N_("SSL/TLS, usually port 465")),
            SelectChoice("smtp", N_("STARTTLS, usually port 587")),
        ],
        default="smtps",
    )
    port = IntegerField(N_("Port, if it’s another one"), [Optional()], widget=TextInput())
    user = StringField(N_("User name"))
    password = PasswordField(N_("Password"), widget=PasswordInput(hide_value=False))
    sender = StringField(N_("Address that emails come from"))
    a_day = IntegerField(N_("How many emails a day it takes"), [Optional()], default=200, widget=TextInput())
    reader = StringField(N_("Where should the test email go?"))
    #: The settings that count now.
    former: Settings

    def other_problems(self) -> dict[str, str]:
        """Addresses that are none, and numbers out of range."""
        problems = self.beyond({name: self[name].data for name in self.RANGES})
        if not request.form.get("password", "").isprintable():
            problems[self.password.name] = "control"
        for name in ("sender", "reader"):
            typed = (self[name].data or "").strip()
            if check_email(typed):
                problems[name] = "email" if typed else "required"
        return problems

    def values(self) -> dict[str, str]:
        """What settings.env is to say. Only after `validate`."""
        sender, a_day = (self.sender.data or "").strip(), str(self.a_day.data or 200)
        values = {"MAIL": self._url(), "MAIL_FROM": sender, "MAIL_PASSWORD": self._password()}
        # Where the environment says how many, what settings.env says would not count.
        return values if config.from_environment(["MAIL_A_DAY"]) else values | {"MAIL_A_DAY": a_day}

    def refuse(self, error: NodeError) -> None:
        """Say beside the fields what the mail server said, and what to look at."""
        step = error.step if isinstance(error, NotTaken) else ""
        said = _said(error.words, step) if isinstance(error, NotTaken) else ""
        name, words = {
            "connecting": ("host", _("We couldn’t reach this server. Check its name and its port.")),
            "TLS": ("security", _tls_words("SSL/TLS")),
            "STARTTLS": ("security", _tls_words("STARTTLS")),
            "signing in": ("password", _("The server didn’t accept the user name and the password.")),
        }.get(step, ("sender", _("The server didn’t take the email.")))
        self[name].errors = [" ".join(filter(None, (words, said)))]

    def words(self, name: str, code: str) -> str:
        """What to change."""
        if code == "email" or (code == "required" and name in ("sender", "reader")):
            return _("Enter an email address, for example sam@example.org.")
        return super().words(name, code)

    def _url(self) -> str:
        host, user = ((self[name].data or "").strip() for name in ("host", "user"))
        port = f":{self.port.data}" if self.port.data else ""
        return f"{self.security.data}://{quote(user, safe='') + '@' if user else ''}{host}{port}"

    def _password(self) -> str:
        """As it was typed. An empty field keeps the one that is kept, for the same server and user alone: otherwise
        whoever may change the server could have the password sent to their own.
        """
        typed = request.form.get("password", "")
        return typed if typed or self._url() != self.former.mail else self.former.mail_password


def mail_form(formdata: Any, settings: Settings) -> MailForm:
    """The form of the settings as they are, or as they were typed."""
    kept: dict[str, Any] = {"sender": settings.mail_from, "a_day": settings.mail_a_day}
    if settings.mail.startswith("smtp"):
        parts = urlsplit(settings.mail)
        kept |= {"host": parts.hostname, "port": parts.port, "security": parts.scheme}
        kept["user"] = unquote(parts.username or "")
    form = MailForm(formdata, data=kept)
    form.former = settings
    return form


def _tls_words(kind: str) -> str:
    return _("The server doesn’t speak %(kind)s on this port, or its certificate isn’t good.", kind=kind)


def _said(words: str, step: str) -> str:
    """What the server said; before it could say anything, what this machine says."""
    if step in ("", "signing in"):
        return _("It said: “%(words)s”", words=isolated(words)) if words else ""
    return f"({isolated(_ERROR_NUMBER.sub('', words))})" if words else ""
