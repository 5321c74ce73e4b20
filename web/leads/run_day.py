"""A run's day on its lead's phone: one page with everything on it, which stays good where there is no reception."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node import help_lines
from node.chapter.dates import DateView
from node.errors import CannotUnseal, InvalidInput
from node.input.stale_pages import StalePage
from node.members import coming, run_day
from node.members.coming import Comer
from node.members.run_day import OwnCheckIn
from node.models import Run

from ..context import Page, now, session, settings
from ..forms.base import page_mark
from ..forms.members.run_day import RunDayForm, run_day_form
from ..http import limits, sessions
from ..site import site
from ..words import notices

log = logging.getLogger(__name__)

bp = Blueprint("run_day", __name__, url_prefix="/lead/runs/<run_id>/dates/<day:day>/run-day")
limits.signed_in(bp)

#: Comers with a line of their own: more would make the page too large for bad reception. The others are counted.
_MOST_LINES = 60


@dataclass(frozen=True)
class WhoComes:
    """Whoever comes, as the page shows it. `calls`: those who cannot find the others, the first call first.

    `shown`: those who gave or asked for something, first-timers first. `others`: how many said no more than yes.
    """

    calls: list[Comer]
    shown: list[Comer]
    others: int
    first_timers: int


@dataclass(frozen=True)
class Told:
    """What is locked with the members' key: who comes, and what this lead has noted of themselves."""

    who: WhoComes
    check_ins: list[OwnCheckIn]


@bp.get("")
def show(run_id: str, day: date) -> str:
    """Show all of it."""
    run, view = run_day.find(session(), settings(), run_id, day, now())
    return _page(run, view, run_day_form(None, run_day.noted(session(), run_id, day)))


@bp.post("/heads")
def count_heads(run_id: str, day: date) -> Page | Response:
    """Note how many are out, and how many are back."""

    def act(form: RunDayForm) -> None:
        heads = form.heads_out.data, form.heads_back.data
        run_day.count_heads(session(), settings(), run_id, day, *heads, now(), saw=page_mark())

    return _acted(run_id, day, act, "heads-counted")


@bp.post("/note")
def say(run_id: str, day: date) -> Page | Response:
    """Write a line to whoever comes that day."""

    def act(form: RunDayForm) -> None:
        by = sessions.person().id
        run_day.say(session(), settings(), run_id, day, form.note.data or "", by, now(), saw=page_mark())

    return _acted(run_id, day, act, "line-said")


@bp.post("/outcome")
def finish(run_id: str, day: date) -> Page | Response:
    """Note how it went."""

    def act(form: RunDayForm) -> None:
        outcome, _, band = (form.outcome.data or "").partition(" ")
        run_day.finish(session(), settings(), run_id, day, outcome, band or None, now(), saw=page_mark())

    return _acted(run_id, day, act, "outcome-noted")


@bp.post("/check-in")
def check_in(run_id: str, day: date) -> Page | Response:
    """Keep how the lead is, for that lead's eyes alone."""

    def act(form: RunDayForm) -> None:
        words, form_id = form.feeling.data or "", form.form_id.data or ""
        person = sessions.person().id
        run_day.check_in(session(), settings(), person, run_id, day, words, now(), form_id)

    return _acted(run_id, day, act, "checked-in")


@bp.post("/check-in/erase")
def erase_check_in(run_id: str, day: date) -> Response:
    """Erase what the lead has noted of themselves."""
    run_day.erase_check_in(session(), sessions.person().id, request.form.get("id", ""))
    return _back(run_id, day, "check-in-erased")


def _acted(run_id: str, day: date, act: Callable[[RunDayForm], None], done: str) -> Page | Response:
    """Do what a form says, and lead back to the page. What was typed stays if it cannot be kept."""
    run, view = run_day.find(session(), settings(), run_id, day, now())
    form = run_day_form(request.form, run_day.noted(session(), run_id, day))
    if not form.validate():
        return _page(run, view, form), 422
    try:
        act(form)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _page(run, view, form), 422
    except StalePage:
        session().expire_all()
        return _page(run, view, form, is_stale=True), 409
    return _back(run_id, day, done)


def _back(run_id: str, day: date, done: str) -> Response:
    return redirect(url_for(".show", run_id=run_id, day=day, done=done), 303)


def _page(run: Run, view: DateView, form: RunDayForm, is_stale: bool = False) -> str:
    row = run_day.noted(session(), run.id, view.day)
    return render_template(
        "leads/run_day.html",
        run=run,
        view=view,
        form=form,
        row=row,
        marks=run_day.marks(row),
        missing=run_day.missing(row),
        duties=run_day.duties(session(), run.id, view.day),
        told=_told(run, view),
        helplines=help_lines.of(site().country),
        has_begun=view.starts <= now(),
        changed=is_stale,
        notice=notices.words(request.args),
    )


def _told(run: Run, view: DateView) -> Told | None:
    """None where the key is missing. What to read out, and what to do in trouble, is on the page all the same."""
    person = sessions.person().id
    try:
        check_ins = run_day.own_check_ins(session(), settings(), person, run.id, view.day)
        return Told(_who_comes(run, view), check_ins)
    except CannotUnseal as error:
        log.error("the page of a run's day lacks what members told: %s", error)
        return None


def _who_comes(run: Run, view: DateView) -> WhoComes:
    every = coming.who_comes(session(), settings(), run, view)
    told = [one for one in every if one.name or one.message or one.first_time or one.look_out or one.has_emergency]
    shown = told[:_MOST_LINES]
    calls = sorted((one for one in every if one.cannot_find), key=lambda one: one.cannot_find or now())
    return WhoComes(calls, shown, len(every) - len(shown), sum(one.first_time for one in every))
