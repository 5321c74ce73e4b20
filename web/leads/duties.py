"""Who does what on one date: a lead takes a duty, drops out, hands it over or swaps it."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, render_template, request
from werkzeug.exceptions import BadRequest
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import dates, leads, runs
from node.errors import InvalidInput
from node.members.leading import promises
from node.members.leading.rota import DUTIES, DateRota, Rota
from node.models import Run

from ..context import Page, now, session, settings
from ..forms.base import problem_words
from ..forms.days import read_day
from ..http import limits, sessions
from ..site import address
from ..words import notices
from .dates import confirm, refuse_day

bp = Blueprint("duties", __name__, url_prefix="/lead/runs/<run_id>/dates/<day:day>/who")
limits.signed_in(bp)
bp.before_request(refuse_day)


@bp.get("")
def show(run_id: str, day: date) -> str:
    """Show who does what on this date, and what can be changed."""
    return _page(run_id, day)


@bp.post("/take")
def take(run_id: str, day: date) -> Response:
    """Take a duty: to lead is a promise, and every site shows it."""
    duty = _duty()
    if duty == "lead":
        return confirm(run_id, day)
    outcome = promises.promise(session(), settings(), run_id, day, sessions.person().id, now(), duty=duty)
    return _shown(run_id, day, "duty-taken" if outcome == "promised" else "taken-already")


@bp.post("/drop-out")
def drop_out(run_id: str, day: date) -> Page | Response:
    """Somebody cannot be there. The line to the others stays on the page if it cannot be kept."""
    line = request.form.get("line", "")
    person, duty = sessions.person().id, _duty()
    try:
        done = promises.drop_out(session(), settings(), run_id, day, _whose(), person, line, now(), duty=duty)
    except InvalidInput as refused:
        return _page(run_id, day, line, refused.problems), 422
    return _shown(run_id, day, ("dropped-out" if duty == "lead" else "duty-open") if done else "changed")


@bp.post("/hand-over")
def hand_over(run_id: str, day: date) -> Response:
    """Ask another lead to take a duty over."""
    to = request.form.get("to", type=int) or 0
    done = promises.hand_over(session(), settings(), run_id, day, _duty(), _whose(), to, now())
    return _shown(run_id, day, "handed-over" if done else "changed")


@bp.post("/swap")
def swap(run_id: str, day: date) -> Response:
    """Swap a date with one of another lead."""
    other, whose = read_day(request.form.get("other", "")), _whose()
    if other is None or whose is None:
        raise BadRequest
    done = promises.swap(session(), settings(), run_id, day, _duty(), whose, other, now())
    return _shown(run_id, day, "swapped" if done else "changed")


@bp.post("/keep")
def keep(run_id: str, day: date) -> Response:
    """Take an offer to another lead back."""
    promises.keep(session(), run_id, day, _duty(), _whose() or 0)
    return _shown(run_id, day, "kept")


def _duty() -> str:
    """The duty that a form names."""
    duty = request.form.get("duty", "lead")
    if duty not in DUTIES:
        raise BadRequest
    return duty


def _whose() -> int | None:
    """The person who was down for it as the page showed it; None for nobody."""
    return request.form.get("whose", type=int)


def _shown(run_id: str, day: date, done: str) -> Response:
    if not settings().has_mail and done in ("dropped-out", "handed-over", "swapped"):
        done += "-by-nobody"
    return redirect(address("duties.show", run_id=run_id, day=day) + f"?done={done}", 303)


def _page(run_id: str, day: date, line: str = "", problems: Mapping[str, str] | None = None) -> str:
    run = runs.get(session(), run_id)
    rota = Rota(session(), run)
    view = dates.require_date(session(), run, day, now())
    here = rota.on(view)
    problem = problem_words("line", (problems or {})["line"], promises.LINE_LIMIT, typed=line) if problems else ""
    return render_template(
        "leads/duties.html",
        run=run,
        view=view,
        rota=here,
        me=sessions.person(),
        others=[(lead, rota.is_away(lead.id, view.starts.date())) for lead in leads.all_leads(session())],
        swaps={one.duty: _swaps(run, rota, here, one.duty) for one in here.assignments},
        is_late=promises.is_late(run, view, now()),
        has_mail=settings().has_mail,
        line=line,
        line_limit=promises.LINE_LIMIT,
        problem=problem,
        problems=[problem] if problem else [],
        notice=notices.words(request.args),
    )


def _swaps(run: Run, rota: Rota, here: DateRota, duty: str) -> list[DateRota]:
    """The other dates that are another lead's turn, and that nobody has promised yet."""
    mine = here.of(duty).person
    if mine is None:
        return []
    coming = [rota.on(view) for view in dates.coming(session(), run, now()) if view.day != here.view.day]
    free = [one for one in coming if one.is_on and not one.of(duty).is_promised]
    return [one for one in free if one.of(duty).person not in (None, mine)]
