"""A run saved for the way, where there may be no network. Only who asks for it has it, and for a day.

The saved page has no state: what was confirmed an hour ago may be off now. Nothing else of the site is ever stored.
"""

from pathlib import Path

from flask import Blueprint, Response, render_template, request, send_file

from node import help_lines
from node.directory import listings
from node.errors import NotFound

from ..context import now, session
from ..forms.days import read_day
from ..http import limits
from ..words.states import may_take_place

bp = Blueprint("saved", __name__)
limits.pages(bp)

_WORKER = Path(__file__).parents[1] / "static" / "offline.js"


@bp.get("/offline.js")
@limits.files
def worker() -> Response:
    """The service worker. It lies at the root, since it sees only what lies below its own address."""
    return send_file(_WORKER, mimetype="text/javascript", max_age=0)


@bp.get("/runs/<chapter_id>/<listing_id>/saved")
def page(chapter_id: str, listing_id: str) -> str:
    """What is read on the way: the place in words, and that one has to check again.

    There is none for a date that is off, nor for one of which this node cannot read what was said.
    """
    view = listings.listing(session(), chapter_id, listing_id, now())
    day = read_day(request.args.get("date", ""))
    shown = next((one for one in view.coming if one.day == day and may_take_place(one)), None)
    if shown is None:
        raise NotFound("no such date, or nobody may be led to it")
    return render_template("sharing/saved.html", view=view, shown=shown, listener=help_lines.listener(view.country))
