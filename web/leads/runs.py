"""Our own runs, for leads: the forms that announce, change and withdraw a run."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from node.chapter import dates, identity, leads, runs, series
from node.errors import InvalidInput
from node.facts import later_changes
from node.input.stale_pages import StalePage
from node.models import Run
from node.schedule.recurrence import WEEKS_AHEAD

from ..context import Page, now, session, settings
from ..forms import place
from ..forms.base import page_mark
from ..forms.run import RunForm, edited_run, new_run
from ..forms.sent.differences import Difference, differences
from ..http import limits
from .board import back

bp = Blueprint("runs", __name__, url_prefix="/lead")
limits.signed_in(bp)


@bp.get("/runs/new")
def show_new() -> str:
    """Show an empty form."""
    return _form_page(new_run(None, leads.all_leads(session()), identity.own(session())))


@bp.post("/runs/new")
def announce() -> Page | Response:
    """Announce a new run. The same form sent twice makes one run."""
    form = new_run(request.form, leads.all_leads(session()), identity.own(session()))
    if place.is_search() or form.is_adding() or not form.validate():
        return _unfinished(form)
    try:
        runs.announce(session(), settings(), form.run(), form.form_id.data or None, now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _unfinished(form)
    return back("announced", off=form.new_gaps())


@bp.get("/runs/<run_id>/edit")
def show_edit(run_id: str) -> str:
    """Show the run in its form."""
    run = runs.get(session(), run_id)
    return _form_page(_edited(None, run), run, runs.mark_of(run))


@bp.post("/runs/<run_id>/edit")
def edit(run_id: str) -> Page | Response:
    """Change the run. What was typed stays on the page if it cannot be kept, or another lead was quicker."""
    run = runs.get(session(), run_id)
    form, mark = _edited(request.form, run), page_mark()
    if place.is_search() or form.is_adding() or not form.validate():
        return _unfinished(form, run, mark)
    first = form.first_day()
    try:
        if first and later_changes.is_later(run, first, now()):
            is_kept = later_changes.plan(session(), run_id, form.run(), first, now(), mark)
            return back("planned" if is_kept else "edited", off=form.new_gaps())
        moved = series.edit(session(), settings(), run_id, form.run(), now(), mark, first)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _unfinished(form, runs.get(session(), run_id), mark)
    except StalePage:
        run = runs.get(session(), run_id)
        return _form_page(form, run, runs.mark_of(run), differences(form, _edited(None, run))), 409
    return back("series-moved" if moved else "edited", off=form.new_gaps())


@bp.post("/runs/<run_id>/undo")
def undo(run_id: str) -> Response:
    """Take the run's last change back, if that is the change that the page showed."""
    try:
        series.undo_edit(session(), settings(), run_id, now(), saw=_moment(request.form.get("edited_at", "")))
    except StalePage:
        return back("changed")
    return back("change-undone")


@bp.post("/runs/<run_id>/drop-later-change")
def drop_later_change(run_id: str) -> Response:
    """Take the change back that waits for its day."""
    later_changes.drop(session(), run_id)
    return back("plan-dropped")


@bp.get("/runs/<run_id>/withdraw")
def ask_withdraw(run_id: str) -> str:
    """Say what withdrawing a run means, and ask."""
    return render_template("leads/withdraw.html", run=runs.get(session(), run_id))


@bp.post("/runs/<run_id>/withdraw")
def withdraw(run_id: str) -> Response:
    """End the run. Its next dates are shown as cancelled for two weeks; then the run leaves the list."""
    series.withdraw(session(), settings(), run_id, now())
    return back("withdrawn")


@bp.post("/runs/<run_id>/reinstate")
def reinstate(run_id: str) -> Response:
    """Take the withdrawal back, if that is the one that the page showed."""
    try:
        series.reinstate(session(), settings(), run_id, now(), saw=_moment(request.form.get("withdrawn_at", "")))
    except StalePage:
        return back("changed")
    return back("reinstated")


def _moment(text: str) -> datetime:
    """The moment in a hidden field. For a text that is none, the year 1: nothing was changed then."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _edited(formdata: object, run: Run) -> RunForm:
    coming = [view.starts for view in dates.coming(session(), run, now())]
    within = [starts for starts in coming if now() < starts <= now() + WEEKS_AHEAD]
    return edited_run(formdata, leads.all_leads(session()), run, within)


def _unfinished(form: RunForm, run: Run | None = None, mark: str = "") -> tuple[str, int]:
    return _form_page(form, run, mark), 422 if form.errors else 200


def _form_page(form: RunForm, run: Run | None = None, mark: str = "", changed: list[Difference] | None = None) -> str:
    """The page of the form. `changed`: what is otherwise now than was typed, where another lead was quicker."""
    shown = {"run": run, "mark": mark, "changed": changed}
    return render_template("leads/form.html", form=form, **shown, **place.search_results(form))
