"""Sign-in by a one-time link. Opening it shows a button, and the button uses it up: mail scanners open links, too."""

from flask import Blueprint, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.members import sign_in

from ..context import Page, now, session, settings
from ..forms.base import new_form_id
from ..forms.members.accounts import AddressForm
from ..http import limits, page_cache, sessions
from ..language import _
from ..site import has_passkeys, own_page
from ..words.devices import device_words
from .arrival import arrive

bp = Blueprint("signin", __name__)
limits.pages(bp)


@bp.get("/signin")
def explain() -> str | Response:
    """Say how somebody signs in. Whoever is signed in gets to their own page: every page's foot leads here."""
    if sessions.signed_in() is not None:
        return redirect(own_page(), 303)
    return explain_page(AddressForm(form_id=new_form_id()), signed_out=_goodbye(request.args.get("done", "")))


@bp.get("/signin/<token>")
def show_link(token: str) -> Page:
    """Show whose link it is, and the button."""
    lead = sign_in.peek_link(session(), token, now())
    return render_template("signin/link.html", lead=lead) if lead else over()


@bp.post("/signin/<token>")
@limits.sign_in
def use_link(token: str) -> Page | Response:
    """Use the link up, and sign this phone in. A session that the phone had before ends."""
    begun = sign_in.use_link(session(), token, device_words(request.user_agent.string), now())
    if begun is None:
        return over()
    return arrive(begun)


def explain_page(form: AddressForm, *, signed_out: str = "") -> str:
    """The ways to sign in. Letters are one of them where this node sends any."""
    # Each reader gets a form of their own, and passkeys go by the name in the address.
    page_cache.pass_by()
    shown = {"has_mail": settings().has_mail and not settings().is_hq, "has_passkeys": has_passkeys()}
    return render_template("signin/explain.html", form=form, signed_out=signed_out, **shown)


def _goodbye(done: str) -> str:
    """What has just been done, for whoever comes here after it."""
    return {
        "signed-out": _("You’re signed out here."),
        "erased": _("Everything we kept about you is deleted, and you’re signed out everywhere."),
    }.get(done, "")


def over() -> tuple[str, int]:
    """Say that a link is used or over. The answer is the same for one that never was."""
    return render_template("signin/over.html"), 410
