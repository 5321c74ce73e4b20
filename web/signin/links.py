"""Sign-in by a one-time link. Opening it shows a button, and the button uses it up: mail scanners open links, too."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from node.members import sign_in

from ..context import Page, now, session
from ..http import limits
from ..words.devices import device_words
from .arrival import arrive

bp = Blueprint("signin", __name__)
limits.pages(bp)


@bp.get("/signin")
def explain() -> str:
    """Say how somebody gets a link."""
    return render_template("signin/explain.html", signed_out=request.args.get("done") == "signed-out")


@bp.get("/signin/<token>")
def show_link(token: str) -> Page:
    """Show whose link it is, and the button."""
    lead = sign_in.peek_link(session(), token, now())
    return render_template("signin/link.html", lead=lead) if lead else _over()


@bp.post("/signin/<token>")
@limits.sign_in
def use_link(token: str) -> Page | Response:
    """Use the link up, and sign this phone in. A session that the phone had before ends."""
    begun = sign_in.use_link(session(), token, device_words(request.user_agent.string), now())
    if begun is None:
        return _over()
    return arrive(begun)


def _over() -> tuple[str, int]:
    return render_template("signin/over.html"), 410
