""" "Is all this still right?", asked of a run every 90 days: on the board, and by a link in a letter.

The link needs no sign-in. A GET shows what the run says, and a button; the button's POST acts. For a forged link, for
an old one, and for a lead who was removed the answer is the same.
"""

from datetime import date

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import listing, runs
from node.facts import checks
from node.input.stale_pages import StalePage
from node.models import Person, Run

from ..context import Page, now, session, settings
from ..forms.base import page_mark
from ..http import limits

bp = Blueprint("checks", __name__, url_prefix="/lead/runs/<run_id>/check")
limits.signed_in(bp)
#: The link in a letter.
tap = Blueprint("check_taps", __name__, url_prefix="/check/<int:person_id>/<run_id>/<day:day>/<token>")
limits.pages(tap)


@bp.get("")
def show(run_id: str) -> str:
    """Show everything that the run says, and the button."""
    return _page(runs.get(session(), run_id))


@bp.post("")
def check(run_id: str) -> Page | Response:
    """Note that all of it is still right."""
    try:
        checks.check(session(), settings(), run_id, now(), page_mark())
    except StalePage:
        return _page(runs.get(session(), run_id), changed=True), 409
    return redirect(url_for("board.board", done="checked"), 303)


@tap.get("")
def show_tap(person_id: int, run_id: str, day: date, token: str) -> Page:
    """Show the same to whoever has the link. `day`: when the letter asked."""
    found = _find(person_id, run_id, day, token)
    return _tap_page(found, day) if found else _over()


@tap.post("")
def check_by_tap(person_id: int, run_id: str, day: date, token: str) -> Page | Response:
    """Note that all of it is still right. The page then says thank you, whoever was quicker."""
    found = _find(person_id, run_id, day, token)
    if found is None:
        return _over()
    try:
        checks.check(session(), settings(), run_id, now(), page_mark())
    except StalePage:
        return _tap_page(found, day, changed=True), 409
    return redirect(url_for(".show_tap", **(request.view_args or {})), 303)


def _find(person_id: int, run_id: str, day: date, token: str) -> tuple[Person, Run] | None:
    person = checks.holder(session(), settings(), person_id, run_id, day, token)
    run = runs.find(session(), run_id)
    if person is None or run is None or checks.is_over(run, day, now()):
        return None
    return person, run


def _page(run: Run, *, changed: bool = False) -> str:
    shown = listing.listing_of(session(), run, now())
    return render_template("facts/check.html", run=run, listing=shown, mark=runs.mark_of(run), changed=changed)


def _tap_page(found: tuple[Person, Run], day: date, *, changed: bool = False) -> str:
    person, run = found
    return render_template(
        "facts/check_tap.html",
        person=person,
        run=run,
        listing=listing.listing_of(session(), run, now()),
        mark=runs.mark_of(run),
        is_done=run.checked_on is not None and run.checked_on >= day,
        changed=changed,
    )


def _over() -> tuple[str, int]:
    return render_template("facts/check_over.html"), 410
