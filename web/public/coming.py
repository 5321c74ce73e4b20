""" "I'm coming": the form on a run's own site. It is on no other site, and no site shows how many come."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node.chapter import dates, runs
from node.chapter.dates import DateView
from node.directory import listings
from node.directory.chapters import own_id
from node.errors import InvalidInput, NotFound
from node.input.stale_pages import StalePage
from node.members import coming
from node.members.comers import addresses, moves
from node.members.coming import NotOn
from node.models import Run

from ..alternatives import alternative_to
from ..context import Page, now, session, settings
from ..forms.base import page_mark
from ..forms.days import read_day
from ..forms.members.coming import AGREED, ComingForm, coming_form
from ..http import limits

bp = Blueprint("coming", __name__)
#: A group that shares one connection may all say it at once. A program may not.
limits.Budget("coming", 60, 4000)(bp)


@bp.get("/runs/<chapter_id>/<run_id>/coming")
def ask(chapter_id: str, run_id: str) -> Page | Response:
    """Ask for as little as possible: one tap will do."""
    if chapter_id != own_id(session()):
        return redirect(url_for("listings.show", chapter_id=chapter_id, listing_id=run_id), 303)
    run, view = _run_and_date(run_id)
    return _form_page(coming_form(None), run, view, coming.mark_of(run, view))


@bp.post("/runs/<chapter_id>/<run_id>/coming")
def say(chapter_id: str, run_id: str) -> Page | Response:
    """Keep it, and lead to the private link. What was typed stays on the page if it cannot be kept."""
    if chapter_id != own_id(session()):
        raise NotFound("no run of this chapter")
    run, view = _run_and_date(run_id)
    form, mark = coming_form(request.form), page_mark()
    if not form.validate():
        return _form_page(form, run, view, mark), 422
    try:
        said = form.given(), now(), form.form_id.data or "", mark
        from_here = limits.made_from_here(run_id)
        token = coming.say(session(), settings(), run_id, view.day, *said, from_here=from_here)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _form_page(form, run, view, mark), 422
    except (StalePage, NotOn):
        run, view = _run_and_date(run_id)
        return _form_page(form, run, view, coming.mark_of(run, view), has_changed=True), 409
    limits.made_from_here(run_id, 1)
    return redirect(url_for("private_link.show", token=token, done="said"), 303)


@bp.get("/confirm/<index>/<link_token>")
def ask_confirm(index: str, link_token: str) -> Page:
    """Ask the owner of an address whether we may write to it. Scanners of mail follow links: nothing is changed."""
    return _confirm_page(index, link_token)


@bp.post("/confirm/<index>/<link_token>")
def confirm(index: str, link_token: str) -> Page | Response:
    """Note that the owner of the address wants letters about what waits for it."""
    if addresses.is_token(settings(), index, link_token):
        addresses.confirm(session(), settings(), index, now())
    return redirect(url_for(".ask_confirm", index=index, link_token=link_token, done="confirmed"), 303)


@bp.get("/coming/withdrawn")
def withdrawn() -> str:
    """Say that everything is erased. The page knows nothing of whom."""
    return render_template("coming/withdrawn.html")


def _confirm_page(index: str, link_token: str) -> Page:
    """The same page for a link that was made up and for an address that nothing waits for."""
    found = addresses.waiting(session(), index)
    rows = found if addresses.is_token(settings(), index, link_token) else []
    if not rows and not request.args.get("done"):
        return render_template("coming/no_link.html"), 404
    runs_of = [(row, session().get_one(Run, row.run_id)) for row in rows]
    return render_template("coming/confirm.html", rows=runs_of)


def _run_and_date(run_id: str) -> tuple[Run, DateView]:
    """The run, and the date that the address names, or the next one. Raises NotFound."""
    run = runs.get(session(), run_id)
    wanted = read_day(request.args.get("date", ""))
    if wanted is not None and (view := dates.find(session(), run, wanted, now())) is not None:
        return run, view
    coming_dates = dates.coming(session(), run, now()) if wanted is None else []
    if not coming_dates:
        raise NotFound("the run has no such date")
    return run, coming_dates[0]


def _form_page(form: ComingForm, run: Run, view: DateView, mark: str, has_changed: bool = False) -> str:
    shown = listings.on_our_day(session(), run.id, view.day, now())
    can_say = not moves.is_off(view) and dates.ends_at(run, view) > now()
    return render_template(
        "coming/form.html",
        form=form,
        run=run,
        view=view,
        shown=shown,
        mark=mark,
        changed=has_changed,
        can_say=can_say,
        alternative=alternative_to(shown) if shown and not can_say else None,
        has_mail=settings().has_mail,
        agreed=AGREED,
        idle_days=settings().keep_idle_days,
        chapter_id=own_id(session()),
    )
