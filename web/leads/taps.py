"""A link in a letter to a lead: "I'll be there", or "I can't make it", without signing in.

A GET shows a button and changes nothing, since scanners of mail follow links; the button's POST acts. For a forged
link, for one whose date is over, and for a lead who was removed the answer is the same.
"""

from datetime import date

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import dates, runs
from node.chapter.dates import DateView, NoPromise
from node.errors import InvalidInput, NotFound
from node.input.stale_pages import StalePage
from node.members.leading import promises, tap_links
from node.members.leading.rota import Rota
from node.models import Person, Run

from ..context import Page, now, session, settings
from ..forms.base import page_mark, problem_words
from ..http import limits

bp = Blueprint("taps", __name__, url_prefix="/tap/<act>/<int:person_id>/<run_id>/<day:day>/<token>")
limits.pages(bp)

_Found = tuple[Person, Run, DateView]


@bp.get("")
def show(act: str, person_id: int, run_id: str, day: date, token: str) -> Page:
    """Show who is down for the date, and the button."""
    found = _find(act, person_id, run_id, day, token)
    return _page(act, found) if found else _over()


@bp.post("")
def answer(act: str, person_id: int, run_id: str, day: date, token: str) -> Page | Response:
    """Keep what the lead says. The page then says how it is now, whoever was quicker."""
    found = _find(act, person_id, run_id, day, token)
    if found is None:
        return _over()
    line = request.form.get("line", "")
    try:
        if act == "there":
            promises.promise(session(), settings(), run_id, day, person_id, now(), saw=page_mark())
        else:
            promises.drop_out(session(), settings(), run_id, day, person_id, person_id, line, now())
    except InvalidInput as refused:
        problem = problem_words("line", refused.problems.get("line", ""), promises.LINE_LIMIT, typed=line)
        return _page(act, found, line=line, problem=problem), 422
    except (StalePage, NoPromise):
        found = _find(act, person_id, run_id, day, token)
        return (_page(act, found, changed=True), 409) if found else _over()
    return redirect(url_for(".show", **(request.view_args or {})), 303)


def _find(act: str, person_id: int, run_id: str, day: date, token: str) -> _Found | None:
    """The lead, the run and the date of a good link."""
    person = tap_links.holder(session(), settings(), act, person_id, run_id, day, token)
    if person is None or act not in tap_links.ACTS:
        return None
    try:
        run = runs.get(session(), run_id)
        return person, run, dates.require_date(session(), run, day, now())
    except (NotFound, InvalidInput):
        return None


def _page(act: str, found: _Found, *, line: str = "", problem: str = "", changed: bool = False) -> str:
    person, run, view = found
    given = Rota(session(), run).on(view)
    token = tap_links.token(settings(), "cannot", person.id, person.added_at, run.id, view.day)
    return render_template(
        f"leads/tap_{act}.html",
        person=person,
        run=run,
        view=view,
        rota=given,
        is_mine=given.lead.person == person,
        has_dropped=given.lead.dropped_by == person,
        is_late=promises.is_late(run, view, now()),
        has_mail=settings().has_mail,
        cannot=url_for(".show", act="cannot", person_id=person.id, run_id=run.id, day=view.day, token=token),
        line=line,
        line_limit=promises.LINE_LIMIT,
        problem=problem,
        problems=[problem] if problem else [],
        changed=changed,
    )


def _over() -> tuple[str, int]:
    return render_template("leads/tap_over.html"), 410
