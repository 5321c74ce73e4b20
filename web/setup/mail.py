"""The mail settings: a step of the set-up, and a page of leads ever after. A test letter goes before they are kept."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node import config
from node.chapter import identity
from node.config import SettingsError
from node.mail import trial
from node.mail.carriers import NotTaken
from node.mail.message import BadAddress

from ..context import Page, node, now, session, settings
from ..forms.mail import MailForm, mail_form
from ..http import limits
from ..language import _
from ..words import notices
from .pages import frame

bp = Blueprint("mail_settings", __name__, url_prefix="/setup")
limits.signed_in(bp)

# Each try opens a connection to wherever a lead says, and waits for it.
_trying = limits.Budget("mail tries", 6, 10_000, limits.lead_or_visitor)


@bp.get("/mail")
def show() -> str:
    """Show the settings that count, without the password."""
    return _page(mail_form(None, settings()))


@bp.post("/mail")
@_trying
def save() -> Page | Response:
    """Send a letter with the settings that were typed, and keep them if the mail server takes it."""
    form = mail_form(request.form, settings())
    if _fixed() or not form.validate():
        return _page(form), 422
    try:
        _try(form)
    except SettingsError:
        form.host.errors = [_("This is no name of a mail server.")]
        return _page(form), 422
    except (NotTaken, BadAddress) as error:
        form.refuse(error)
        return _page(form), 422
    node().change_settings(form.values())
    return redirect(url_for(".show", done="mail-kept"), 303)


def _try(form: MailForm) -> None:
    """Send the test letter. Raises SettingsError, NotTaken, BadAddress."""
    trial.send(
        config.changed(settings(), form.values()),
        now(),
        node().stopping,
        name=identity.own(session()).name,
        reader=(form.reader.data or "").strip(),
        subject=_("A test email from your chapter"),
        text=_(
            "This email was sent while someone set up the emails of %(address)s. If it has arrived, they work.\n\n"
            "Is it in the spam folder? The handbook of the server, under “Mail”, says what to do.",
            address=settings().base_url,
        )
        + "\n",
    )


def _fixed() -> set[str]:
    """The settings that the environment gives, so that this page cannot change them."""
    return config.from_environment(["MAIL", "MAIL_FROM", "MAIL_PASSWORD"])


def _page(form: MailForm) -> str:
    fixed = sorted(f"RTR_{name}" for name in _fixed())
    shown = {"fixed": fixed, "is_kept": settings().has_mail, "notice": notices.words(request.args)}
    return render_template("setup/mail.html", form=form, **frame("mail"), **shown)
