"""HQ's page of wishes for a run, by place."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node.inbox import wishes

from ..context import session, settings
from ..http import limits
from ..words import notices

bp = Blueprint("hq_wishes", __name__, url_prefix="/hq/wishes")
limits.signed_in(bp)


@bp.get("")
def overview() -> str:
    """Show the places for which most people wish first."""
    places = wishes.by_place(session(), settings())
    return render_template("hq/wishes.html", places=places, notice=notices.words(request.args))


@bp.post("/<message_id>/erase")
def erase(message_id: str) -> Response:
    """Erase a wish."""
    wishes.erase(session(), message_id)
    return redirect(url_for(".overview", done="wish-erased"), 303)
