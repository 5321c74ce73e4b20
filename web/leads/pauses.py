"""A pause of one run, or of the whole chapter, and its end."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from node.chapter import identity, pauses, runs
from node.chapter.pauses import Paused
from node.errors import InvalidInput
from node.input.stale_pages import StalePage
from node.schedule.recurrence import day_in

from ..context import Page, now, session, settings
from ..forms.base import page_mark
from ..forms.dates import PauseForm, pause_form
from ..http import limits
from .board import back

bp = Blueprint("pauses", __name__, url_prefix="/lead")
limits.signed_in(bp)


@bp.get("/pause", defaults={"run_id": None})
@bp.get("/runs/<run_id>/pause")
def ask(run_id: str | None) -> str:
    """Show the form of a pause."""
    return _page(run_id, _form(None, run_id), pauses.mark_of(_paused(run_id)))


@bp.post("/pause", defaults={"run_id": None})
@bp.post("/runs/<run_id>/pause")
def pause(run_id: str | None) -> Page | Response:
    """Pause. What was typed stays on the page if it cannot be kept."""
    form, mark = _form(request.form, run_id), page_mark()
    if not form.validate():
        return _page(run_id, form, mark), 422
    try:
        wanted = (form.since.data, form.back_on.data, form.note.data or "")
        pauses.pause(session(), settings(), run_id, *wanted, now(), saw=mark)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _page(run_id, form, mark), 422
    except StalePage:
        return _page(run_id, form, pauses.mark_of(_paused(run_id)), _paused(run_id)), 409
    return back("paused")


@bp.post("/resume", defaults={"run_id": None})
@bp.post("/runs/<run_id>/resume")
def resume(run_id: str | None) -> Response:
    """End the pause that the page showed, or call it off before it begins."""
    try:
        had_begun = pauses.resume(session(), settings(), run_id, now(), saw=page_mark())
    except StalePage:
        return back("changed")
    return back("resumed" if had_begun else "pause-called-off")


def _paused(run_id: str | None) -> Paused:
    return identity.own(session()) if run_id is None else runs.get(session(), run_id)


def _form(formdata: object, run_id: str | None) -> PauseForm:
    paused = _paused(run_id)
    return pause_form(formdata, paused, day_in(paused.timezone, now()))


def _page(run_id: str | None, form: PauseForm, mark: str, changed: Paused | None = None) -> str:
    """The page of the form. `changed`: the pause as it is now, where somebody else has changed it meanwhile."""
    run = runs.get(session(), run_id) if run_id else None
    is_change = _paused(run_id).paused_since is not None
    return render_template("leads/pause.html", form=form, run=run, mark=mark, changed=changed, is_change=is_change)
