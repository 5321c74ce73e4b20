"""A comer's emergency contact, for that day's lead around the run."""

from datetime import date

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from node.chapter import dates, runs
from node.chapter.dates import DateView
from node.errors import NotFound
from node.members.comers import emergency
from node.members.comers.emergency import MayNotOpen
from node.models import Run

from ..context import Page, now, session, settings
from ..http import limits, sessions

bp = Blueprint("comers", __name__, url_prefix="/lead/runs/<run_id>/dates/<day:day>/comers/<coming_id>")
limits.signed_in(bp)


@bp.get("/contact")
def ask_contact(run_id: str, day: date, coming_id: str) -> Page:
    """Say what opening means, and show a button. A look opens nothing."""
    run, view = _run_and_date(run_id, day)
    emergency.find(session(), coming_id, run, view)
    try:
        emergency.require_may_open(session(), run, view, sessions.person().id, now())
    except MayNotOpen as refused:
        return _page(run, view, refused)
    return _page(run, view)


@bp.post("/contact")
def open_contact(run_id: str, day: date, coming_id: str) -> Page | Response:
    """Note who opens it, and show it. It stands on this one answer alone, for there is no page to go back to."""
    run, view = _run_and_date(run_id, day)
    try:
        text = emergency.open_contact(session(), settings(), coming_id, run, view, sessions.person(), now())
    except MayNotOpen as refused:
        return _page(run, view, refused), 403
    return _page(run, view, contact=text)


def _run_and_date(run_id: str, day: date) -> tuple[Run, DateView]:
    run = runs.get(session(), run_id)
    view = dates.find(session(), run, day, now())
    if view is None:
        raise NotFound("the run is not held on that date")
    return run, view


def _page(run: Run, view: DateView, refused: MayNotOpen | None = None, contact: str = "") -> str:
    nobody_promised = emergency.who_promised(session(), run, view) is None
    shown = {"refused": refused, "contact": contact, "nobody_promised": nobody_promised}
    return render_template("leads/contact.html", run=run, view=view, **shown)
