"""The leads' page of what people have written, the answers, and whether anybody may ask them something by a form."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node.directory.chapters import own_id
from node.errors import ChangedMeanwhile
from node.inbox import answers, contact_form

from ..context import Page, now, session, settings
from ..forms.inbox import AnswerForm
from ..http import limits, sessions
from ..words import notices

bp = Blueprint("lead_inbox", __name__, url_prefix="/lead")
limits.signed_in(bp)


@bp.get("/messages")
def overview() -> str:
    """Show the messages that wait, then those that are answered."""
    return render_template(
        "inbox/overview.html",
        messages=answers.all_of(session(), settings()),
        is_open=contact_form.is_open(session()),
        chapter_id=own_id(session()),
        notice=notices.words(request.args),
    )


@bp.post("/contact-form")
def set_form() -> Response:
    """Open the contact form, or close it."""
    wanted = request.form.get("open") == "yes"
    contact_form.set_open(session(), settings(), wanted, now())
    return _back("form-opened" if wanted else "form-closed")


@bp.get("/messages/<message_id>")
def show(message_id: str) -> str:
    """Show one message, and the form that answers it."""
    return _page(message_id, AnswerForm())


@bp.post("/messages/<message_id>")
def answer(message_id: str) -> Page | Response:
    """Keep the answer, and mail it where the sender left an address. What was typed stays on the page if another lead
    was quicker.
    """
    message, form = answers.one(session(), settings(), message_id), AnswerForm(request.form)
    form.kind = message.kind
    if not form.validate():
        return _page(message_id, form), 422
    person, words, outcome = sessions.person().id, form.text.data or "", form.outcome.data or ""
    try:
        answers.answer(session(), settings(), message_id, person, words, outcome, now())
    except ChangedMeanwhile:
        return _page(message_id, form, changed=True), 409
    return _back("answered")


@bp.post("/messages/<message_id>/erase")
def erase(message_id: str) -> Response:
    """Erase a message, with its answer if it has one."""
    answers.erase(session(), message_id)
    return _back("message-erased")


def _page(message_id: str, form: AnswerForm, *, changed: bool = False) -> str:
    message = answers.one(session(), settings(), message_id)
    return render_template(
        "inbox/answer.html",
        form=form,
        message=message,
        changed=changed,
        chapter_id=own_id(session()),
    )


def _back(done: str) -> Response:
    return redirect(url_for(".overview", done=done), 303)
