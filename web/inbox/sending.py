"""The forms by which anybody writes: a question to the chapter, what is out of date about a run, a wish for a run.

The addresses are the same on every site (PROTOCOL.md §7.6), so that any site can link to the one that takes the form.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node.chapter import runs
from node.directory import listings
from node.directory.chapters import own_id
from node.errors import InvalidInput, NotFound
from node.inbox import contact_form, messages
from node.inbox.messages import NotOpen

from ..context import Page, now, session, settings
from ..forms.inbox import MessageForm, QuestionForm, ReportForm, WishForm, new
from ..http import limits
from ..site import plain, site, wish_address

bp = Blueprint("inbox", __name__)
limits.Budget("inbox", 30, 3000)(bp)


@bp.get("/contact")
def ask() -> Page:
    """Ask what somebody would like to know, where the leads take questions."""
    if not contact_form.is_open(session()):
        return render_template("inbox/closed.html"), 404
    return _question_page(new(QuestionForm))


@bp.post("/contact")
def send_question() -> Page | Response:
    """Keep the question, and lead to its sender's private page."""
    form = QuestionForm(request.form)
    try:
        return _send(form) or (_question_page(form), 422)
    except NotOpen:
        return render_template("inbox/closed.html", text=form.text.data), 404


@bp.get("/runs/<chapter_id>/<listing_id>/out-of-date")
def ask_what(chapter_id: str, listing_id: str) -> Page | Response:
    """Ask what is out of date about a run of ours. For another chapter's run, lead to that chapter's own form."""
    if chapter_id != own_id(session()):
        view = listings.listing(session(), chapter_id, listing_id, now())
        if not view.base_url:
            raise NotFound("nobody knows where that chapter lives")
        return redirect(view.base_url + plain(url_for(".ask_what", chapter_id=chapter_id, listing_id=listing_id)), 303)
    return _report_page(new(ReportForm), listing_id)


@bp.post("/runs/<chapter_id>/<listing_id>/out-of-date")
def send_report(chapter_id: str, listing_id: str) -> Page | Response:
    """Keep the report, and lead to its sender's private page."""
    if chapter_id != own_id(session()):
        raise NotFound("no run of this chapter")
    runs.get(session(), listing_id)
    form = ReportForm(request.form)
    return _send(form, listing_id) or (_report_page(form, listing_id), 422)


@bp.get("/wish")
def wish() -> Page | Response:
    """Ask where somebody would like a run: at HQ. Any other site leads there, with the place filled in."""
    place = request.args.get("place", "")[: messages.LIMITS["wish"]]
    if not site().is_hq:
        if not site().hq_address:
            raise NotFound("this site has joined no HQ")
        return redirect(wish_address(place), 303)
    return _wish_page(new(WishForm, text=place))


@bp.post("/wish")
def send_wish() -> Page | Response:
    """Keep the wish, and lead to its sender's private page."""
    if not site().is_hq:
        raise NotFound("wishes are HQ's")
    form = WishForm(request.form)
    return _send(form) or (_wish_page(form), 422)


@bp.get("/message-deleted")
def deleted() -> str:
    """Say that a message is erased. The page knows nothing of which."""
    return render_template("inbox/deleted.html")


def _send(form: MessageForm, run_id: str | None = None) -> Response | None:
    """Keep what was written. None where it cannot be kept; then the form says what to change."""
    if not form.validate():
        return None
    try:
        from_here = limits.made_from_here(form.KIND)
        written = form.written(run_id)
        token = messages.send(session(), settings(), written, now(), form.form_id.data or "", from_here)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return None
    limits.made_from_here(form.KIND, 1)
    return redirect(url_for("message_link.show", token=token, done="sent"), 303)


def _question_page(form: MessageForm) -> str:
    return _page("inbox/contact.html", form)


def _report_page(form: MessageForm, run_id: str) -> str:
    return _page("inbox/report.html", form, run=runs.get(session(), run_id), chapter_id=own_id(session()))


def _wish_page(form: MessageForm) -> str:
    return _page("inbox/wish.html", form, kept_days=settings().keep_idle_days)


def _page(template: str, form: MessageForm, **shown: Any) -> str:
    days = {"kept_days": settings().keep_messages_days}
    return render_template(template, form=form, has_mail=settings().has_mail, **days | shown)
