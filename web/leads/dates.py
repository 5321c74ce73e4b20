"""One date of one of our runs. A lead confirms it, cancels it, moves it, or takes the last act back."""

from collections.abc import Mapping
from datetime import date, timedelta

from flask import Blueprint, render_template, request
from werkzeug.routing import BaseConverter, ValidationError
from werkzeug.wrappers import Response

from node.chapter import dates, runs
from node.chapter.dates import DateView
from node.errors import InvalidInput, NotFound
from node.input.stale_pages import StalePage
from node.members.leading import promises
from node.models import Run

from ..context import Page, now, session, settings
from ..forms import place
from ..forms.base import page_mark, problem_words
from ..forms.dates import MoveForm, moved_date
from ..forms.days import read_day
from ..http import limits, sessions
from ..language import _
from .board import back

bp = Blueprint("dates", __name__, url_prefix="/lead/runs/<run_id>/dates/<day:day>")
limits.signed_in(bp)


class DayConverter(BaseConverter):
    """A date in an address, such as 2026-06-04."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Read a date. An address with anything else is no address of ours."""
        day = read_day(value)
        if day is None:
            raise ValidationError
        return day

    def to_url(self, value: date) -> str:
        """Write a date as ISO 8601 has it."""
        return value.isoformat()


@bp.before_request
def refuse_day() -> Page | None:
    """Refuse a day that cannot be changed, with a page that says why."""
    values = request.view_args or {}
    run = runs.get(session(), values["run_id"])
    try:
        dates.require_date(session(), run, values["day"], now())
    except NotFound:
        return _no_date(_("There’s no run on that day"), 404)
    except InvalidInput:
        is_far = values["day"] > now().date() + timedelta(days=1)
        return _no_date(_("This date is more than eight weeks ahead") if is_far else _("This date has passed"), 422)
    return None


@bp.post("/confirm")
def confirm(run_id: str, day: date) -> Response:
    """Say that whoever is signed in will be there. During a pause nobody can promise that, and the board says why."""
    try:
        promises.promise(session(), settings(), run_id, day, sessions.person().id, now(), saw=page_mark())
    except StalePage:
        return back("changed")
    except dates.NoPromise as refused:
        return back(f"no-promise-{refused.paused_by}")
    return back("confirmed", run=run_id, day=day)


@bp.get("/cancel")
def ask_cancel(run_id: str, day: date) -> str:
    """Show the form that cancels, on a page of its own."""
    return _cancel_page(run_id, day, "", {})


@bp.post("/cancel")
def cancel(run_id: str, day: date) -> Page | Response:
    """Cancel the date, with a reason. The note stays on the page if it cannot be kept."""
    note = request.form.get("note", "")
    try:
        dates.cancel(session(), settings(), run_id, day, request.form.get("reason", ""), note, now())
    except InvalidInput as refused:
        return _cancel_page(run_id, day, note, refused.problems), 422
    return back("cancelled", run=run_id, day=day)


@bp.get("/move")
def ask_move(run_id: str, day: date) -> str:
    """Show where and when the date is, to be changed for this date alone."""
    run, view = _run_and_date(run_id, day)
    return _move_page(moved_date(None, run, view), run, view, view.mark)


@bp.post("/move")
def move(run_id: str, day: date) -> Page | Response:
    """Move the date to another time or place. What was typed stays on the page if it cannot be kept."""
    run, view = _run_and_date(run_id, day)
    form = moved_date(request.form, run, view)
    # The mark stays that of the first page until the date is moved.
    if place.is_search() or not form.validate():
        return _move_page(form, run, view, page_mark()), 422 if form.errors else 200
    try:
        wanted = (form.starts(), form.place(), form.note.data or "")
        dates.move(session(), settings(), run_id, day, *wanted, now(), saw=page_mark())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        run, view = _run_and_date(run_id, day)
        return _move_page(form, run, view, page_mark()), 422
    except StalePage:
        run, view = _run_and_date(run_id, day)
        return _move_page(form, run, view, view.mark, changed=True), 409
    return back("moved", run=run_id, day=day)


@bp.post("/undo")
def undo(run_id: str, day: date) -> Response:
    """Take the last act back. Not where the date has changed since the page was drawn, or would be over then."""
    try:
        dates.undo(session(), settings(), run_id, day, now(), saw=page_mark())
    except StalePage:
        return back("changed")
    except InvalidInput:
        return back("undo-over")
    return back("undone", run=run_id, day=day)


def _run_and_date(run_id: str, day: date) -> tuple[Run, DateView]:
    """The run and this date of it. `refuse_day` has refused every other day."""
    run = runs.get(session(), run_id)
    return run, dates.require_date(session(), run, day, now())


def _move_page(form: MoveForm, run: Run, view: DateView, mark: str, changed: bool = False) -> str:
    shown = {"run": run, "view": view, "mark": mark, "changed": changed}
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
