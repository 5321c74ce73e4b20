"""The private page of whoever has written: what they wrote, the answer, and a way to erase both."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node.chapter import runs
from node.errors import NotFound
from node.inbox import messages
from node.models import Message, Run

from ..context import Page, now, session, settings
from ..http import limits
from ..http.downloads import as_file

bp = Blueprint("message_link", __name__, url_prefix="/m/<token>")
limits.pages(bp)


@bp.errorhandler(NotFound)
def refuse(_: NotFound) -> Page:
    """Say the same of a link that was made up, and of one whose message is erased."""
    return render_template("inbox/no_link.html"), 404


@bp.get("")
def show(token: str) -> str:
    """Show the message and its answer."""
    row = messages.find(session(), settings(), token, now())
    return render_template(
        "inbox/message.html",
        token=token,
        row=row,
        run=_run_of(row),
        words=messages.words_of(settings(), row),
        answer=messages.answer_of(settings(), row),
        until=messages.kept_until(settings(), row),
        is_new=request.args.get("done") == "sent",
        has_mail=settings().has_mail,
    )


@bp.get("/export")
def export(token: str) -> Response:
    """Give all that is kept of the message, as a file."""
    return as_file(messages.export(settings(), messages.find(session(), settings(), token, now())))


@bp.post("/erase")
def erase(token: str) -> Response:
    """Erase the message and its answer."""
    row = messages.find(session(), settings(), token, now())
    messages.erase(session(), row.id)
    return redirect(url_for("inbox.deleted"), 303)


def _run_of(row: Message) -> Run | None:
    """The run that a report is about, while it is still there."""
    return runs.find(session(), row.run_id) if row.run_id else None
