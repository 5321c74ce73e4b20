"""The link in each letter that stops letters. Mail programs POST to it by themselves (RFC 8058)."""

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.mail import closed

from ..context import now, session, settings
from ..http import limits

bp = Blueprint("stop", __name__)
limits.pages(bp)


@bp.get("/stop/<index>/<token>")
def show(index: str, token: str) -> str:
    """Say whether this address gets letters, and show a button. Scanners of mail follow links: nothing is changed."""
    _require(index, token)
    return _page(index)


@bp.post("/stop/<index>/<token>")
def act(index: str, token: str) -> str | Response:
    """Stop letters to this address, or start them again where the page's own button says so."""
    _require(index, token)
    if request.form.get("letters") == "start":
        closed.start(session(), index)
    else:
        closed.stop(session(), index, now())
    # A mail program may not follow a redirect (RFC 8058 §3.1); a browser that loads the page again must not send again.
    return redirect(url_for(".show", index=index, token=token), 303) if "letters" in request.form else _page(index)


def _page(index: str) -> str:
    return render_template("members/stop.html", stopped=closed.why(session(), index) == "stopped")


def _require(index: str, token: str) -> None:
    if not closed.is_stop_token(settings(), index, token):
        abort(404)
