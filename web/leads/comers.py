"""Whoever comes, for the leads: taking made-up ones off the list, and an emergency contact around the run."""

import logging
from datetime import date, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node.chapter import dates, runs
from node.chapter.dates import DateView
from node.errors import CannotUnseal, NotFound
from node.members import coming
from node.members.comers import clearing, emergency
from node.members.comers.emergency import MayNotOpen
from node.members.coming import Comer
from node.models import Run

from ..context import Page, now, session, settings
from ..http import limits, sessions
from ..words import notices

log = logging.getLogger(__name__)

bp = Blueprint("comers", __name__, url_prefix="/lead/runs/<run_id>/dates/<day:day>/comers")
limits.signed_in(bp)

#: Comers with a line of their own.
_MOST_LINES = 200


@bp.get("")
def on_the_list(run_id: str, day: date) -> str:
    """Show who is on the list of a date, and the ways to take somebody off it. One tap more does it."""
    run, view = _run_and_date(run_id, day)
    return render_template(
        "leads/comers.html",
        run=run,
        view=view,
        windows=clearing.windows(session(), run_id, now()),
        comers=_comers(run, view),
        most=_MOST_LINES,
        notice=notices.words(request.args),
    )


@bp.post("/clear")
def clear(run_id: str, day: date) -> Response:
    """Take off all who left nothing and said so in the window that the page showed; nobody who said so since."""
    _run_and_date(run_id, day)
    since, until = _instant("since"), _instant("until")
    if since is None or until is None:
        return _back(run_id, day, "changed")
    clearing.clear(session(), run_id, since, until, now())
    return _back(run_id, day, "list-cleared")


@bp.post("/<coming_id>/remove")
def remove(run_id: str, day: date, coming_id: str) -> Response:
    """Take one comer off the list, who may have withdrawn meanwhile."""
    _run_and_date(run_id, day)
    try:
        clearing.remove(session(), run_id, coming_id, now())
    except NotFound:
        return _back(run_id, day, "changed")
    return _back(run_id, day, "comer-removed")


def _comers(run: Run, view: DateView) -> list[Comer] | None:
    """None where the key is missing: those who left nothing can be taken off all the same."""
    try:
        return coming.who_comes(session(), settings(), run, view)
    except CannotUnseal as error:
        log.error("the list of a date lacks what members told: %s", error)
        return None


def _instant(name: str) -> datetime | None:
    """A time of the page, with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _back(run_id: str, day: date, done: str) -> Response:
    return redirect(url_for(".on_the_list", run_id=run_id, day=day, done=done), 303)


@bp.get("/<coming_id>/contact")
def ask_contact(run_id: str, day: date, coming_id: str) -> Page:
    """Say what opening means, and show a button. A look opens nothing."""
    run, view = _run_and_date(run_id, day)
    emergency.find(session(), coming_id, run, view)
    try:
        emergency.require_may_open(session(), run, view, sessions.person().id, now())
    except MayNotOpen as refused:
        return _page(run, view, refused)
    return _page(run, view)


@bp.post("/<coming_id>/contact")
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
