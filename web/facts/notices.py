"""Notices with a first and a last day: all that are published, and the form of a new one."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from federation.documents import Notice
from node.chapter import identity, runs
from node.errors import InvalidInput
from node.facts import notices
from node.models import Run
from node.schedule.recurrence import day_in

from ..context import Page, now, session, settings
from ..forms.notices import NoticeForm, notice_form
from ..http import limits
from ..words import notices as done

bp = Blueprint("notices", __name__, url_prefix="/lead/notices")
limits.signed_in(bp)


@bp.get("")
def show() -> str:
    """Show the notices of the chapter and of each run, and an empty form."""
    return _page(_form(None))


@bp.post("")
def add() -> Page | Response:
    """Publish a notice. What was typed stays on the page if it cannot be kept."""
    form = _form(request.form)
    if form.is_adding() or not form.validate():
        return _page(form), 422 if form.errors else 200
    try:
        notices.add(session(), settings(), form.about.data or None, form.notice(), now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _page(form), 422
    return redirect(url_for(".show", done="notice-added"), 303)


@bp.post("/take-down/<mark>")
def take_down(mark: str) -> Response:
    """Take a notice down before its last day: the run's that the page names, or the chapter's."""
    notices.take_down(session(), settings(), request.form.get("about") or None, mark, now())
    return redirect(url_for(".show", done="notice-removed"), 303)


def _form(formdata: object) -> NoticeForm:
    own = identity.own(session())
    return notice_form(formdata, runs.all_runs(session()), own, day_in(own.timezone, now()))


def _page(form: NoticeForm) -> str:
    return render_template(
        "facts/notices.html", form=form, published=_published(), mark=notices.mark_of, notice=done.words(request.args)
    )


def _published() -> list[tuple[Run | None, list[Notice]]]:
    """The chapter's notices, then those of each run that has any."""
    found: list[tuple[Run | None, list[Notice]]] = [(None, notices.coming(identity.own(session()), now()))]
    found += [(run, notices.coming(run, now())) for run in runs.all_runs(session())]
    return [(run, kept) for run, kept in found if kept]
