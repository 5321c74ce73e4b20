"""One date of one of our runs: confirm, cancel, undo, one tap each."""

from collections.abc import Mapping
from datetime import date, timedelta

from flask import Blueprint, render_template, request
from werkzeug.routing import BaseConverter, ValidationError
from werkzeug.wrappers import Response

from node.chapter import dates, runs
from node.chapter.dates import DateView
from node.errors import InvalidInput, NotFound
from node.input.stale_pages import StalePage
from node.models import Run

from ..context import now, session, settings
from ..forms import place
from ..forms.base import problem_words
from ..forms.dates import MoveForm, moved_date
from ..http import limits
from ..language import _
from .board import back

bp = Blueprint("dates", __name__, url_prefix="/lead/runs/<run_id>/dates/<day:day>")
limits.leads(bp)

Page = str | tuple[str, int]


class DayConverter(BaseConverter):
    """A date in an address, such as 2026-06-04."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """What is no date is no address."""
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: date) -> str:
        """As it is written."""
        return value.isoformat()


@bp.before_request
def refuse_day() -> Page | None:
    """A day that cannot be changed gets a page that says why, whatever was tapped."""
    asked = request.view_args or {}
    run = runs.get(session(), asked["run_id"])
    try:
        dates.require_date(session(), run, asked["day"], now())
    except NotFound:
        return _no_date(_("The run is not held on that day"), 404)
    except InvalidInput:
        is_far = asked["day"] > now().date() + timedelta(days=1)
        return _no_date(_("This date is more than eight weeks ahead") if is_far else _("This date is over"), 422)
    return None


@bp.post("/confirm")
def confirm(run_id: str, day: date) -> Response:
    """A lead will be there; during a pause the board says why nobody can promise that."""
    try:
        dates.confirm(session(), settings(), run_id, day, now(), saw=_saw())
    except StalePage:
        return back("changed")
    except dates.NoPromise as refused:
        return back(f"no-promise-{refused.paused_by}")
    return back("confirmed", run=run_id, day=day)


@bp.get("/cancel")
def ask_cancel(run_id: str, day: date) -> str:
    """The form on a page of its own."""
    return _cancel_page(run_id, day, "", {})


@bp.post("/cancel")
def cancel(run_id: str, day: date) -> Page | Response:
    """Cancelled, with a reason; the note stays on the page if it cannot be kept."""
    note = request.form.get("note", "")
    try:
        dates.cancel(session(), settings(), run_id, day, request.form.get("reason", ""), note, now())
    except InvalidInput as refused:
        return _cancel_page(run_id, day, note, refused.problems), 422
    return back("cancelled", run=run_id, day=day)


@bp.get("/move")
def ask_move(run_id: str, day: date) -> str:
    """Where and when it is, to be changed for this date alone."""
    run, view = _of(run_id, day)
    return _move_page(moved_date(None, run, view), run, view, view.mark)


@bp.post("/move")
def move(run_id: str, day: date) -> Page | Response:
    """Held at another time or place; what was typed stays on the page if it cannot be kept."""
    run, view = _of(run_id, day)
    form = moved_date(place.sent_form(), run, view)
    # What the lead has seen stays what the first page showed, until the move is made.
    if place.is_search() or not form.validate():
        return _move_page(form, run, view, _saw()), 422 if form.errors else 200
    try:
        said = (form.starts(), form.place(), form.note.data or "")
        dates.move(session(), settings(), run_id, day, *said, now(), saw=_saw())
    except InvalidInput as refused:
        form.take(refused.problems)
        run, view = _of(run_id, day)
        return _move_page(form, run, view, _saw()), 422
    except StalePage:
        run, view = _of(run_id, day)
        return _move_page(form, run, view, view.mark, changed=True), 409
    return back("moved", run=run_id, day=day)


@bp.post("/undo")
def undo(run_id: str, day: date) -> Response:
    """Back to what stood before, if it still stands as the page showed it, and would not be over then."""
    try:
        dates.undo(session(), settings(), run_id, day, now(), saw=_saw())
    except StalePage:
        return back("changed")
    except InvalidInput:
        return back("undo-over")
    return back("undone", run=run_id, day=day)


def _of(run_id: str, day: date) -> tuple[Run, DateView]:
    """The run, and this date of it, which `refuse_day` has let through."""
    run = runs.get(session(), run_id)
    return run, dates.require_date(session(), run, day, now())


def _saw() -> str:
    """The mark of how the date stood on the page that was tapped; a page without one is an old page."""
    return request.form.get("seen", "")


def _move_page(form: MoveForm, run: Run, view: DateView, seen: str, changed: bool = False) -> str:
    shown = {"run": run, "view": view, "seen": seen, "changed": changed}
    return render_template("leads/move.html", form=form, **shown, **place.search_results(form))


def _no_date(words: str, status: int) -> tuple[str, int]:
    return render_template("leads/no_date.html", words=words), status


def _cancel_page(run_id: str, day: date, note: str, problems: Mapping[str, str]) -> str:
    run = runs.get(session(), run_id)
    words = problem_words("note", problems["note"], dates.NOTE_LIMIT, typed=note) if "note" in problems else ""
    starts = dates.require_date(session(), run, day, now()).starts
    return render_template(
        "leads/cancel.html",
        run=run,
        day=day,
        starts=starts,
        note=note,
        note_limit=dates.NOTE_LIMIT,
        problem=words,
        problems=problems,
    )
