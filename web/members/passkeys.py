"""A person's passkeys: those of their phones that sign in by the phone's own lock."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from node.members.accounts import passkeys
from node.members.accounts.passkeys import PasskeyRefused

from ..context import Page, now, session, settings
from ..http import limits, sessions
from ..site import has_passkeys, passkey_site
from ..words import notices
from ..words.devices import device_words

bp = Blueprint("passkeys", __name__, url_prefix="/me/passkeys")
limits.signed_in(bp)


@bp.get("")
def show() -> str:
    """Show them, and the button that makes one on this phone."""
    return _page(is_refused=False)


@bp.post("/options")
def options() -> Response:
    """What the browser needs to let the phone make a passkey."""
    if not has_passkeys():
        abort(404)
    found = passkeys.options_to_add(session(), settings(), passkey_site(), sessions.person(), now())
    return Response(found, mimetype="application/json")


@bp.post("")
def add() -> Page | AnyResponse:
    """Keep the passkey that the phone has made."""
    name, answer = device_words(request.user_agent.string), request.form.get("answer", "")
    try:
        passkeys.add(session(), passkey_site(), sessions.person().id, answer, name, now())
    except PasskeyRefused:
        return _page(is_refused=True), 422
    return redirect(url_for(".show", done="passkey-added"), 303)


@bp.post("/remove")
def remove() -> AnyResponse:
    """Delete one. The phone keeps its half, which opens nothing any more."""
    passkeys.remove(session(), sessions.person().id, request.form.get("passkey", ""))
    return redirect(url_for(".show", done="passkey-removed"), 303)


def _page(*, is_refused: bool) -> str:
    shown = {"passkeys": passkeys.all_of(session(), sessions.person().id), "has_passkeys": has_passkeys()}
    return render_template("members/passkeys.html", is_refused=is_refused, notice=notices.words(request.args), **shown)
