"""The status and the page of every error. Under /fed/v1 the answer is a problem document (RFC 9457)."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, json, render_template, request
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.sansio.response import Response as AnyResponse

from federation import BASE_PATH
from federation.errors import (
    FederationError,
    NotActive,
    Older,
    TooLarge,
    UnknownChapter,
    UnknownCursor,
    WrongSignature,
)
from node.chapter.dates import NoPromise
from node.chapter.leads import LastPerson
from node.database import CannotWrite
from node.directory import listings
from node.directory.listings import Expired, Unlisted, Withdrawn
from node.errors import (
    Busy,
    CannotSign,
    CannotUnseal,
    ChangedMeanwhile,
    InvalidInput,
    MovedAway,
    NodeError,
    NotFound,
    NotFounded,
)
from node.hq.admissions import InvitationRefused, NotServing
from node.inbox.messages import NotOpen
from node.input.stale_pages import StalePage
from node.members.accounts.codes import TooManyTries, WrongCode
from node.members.accounts.invitations import FormUsed, InvitationOver
from node.members.accounts.passkeys import PasskeyRefused
from node.members.comers.calls import NotNow
from node.members.comers.emergency import MayNotOpen
from node.members.coming import NotOn
from node.members.people import LastLead
from node.places.gazetteer import GazetteerMissing
from node.search.query import Found
from node.wire.client import PeerRefused
from node.wire.outbound import Unreachable

from .alternatives import alternative_to_lost, next_on
from .context import now, session
from .exchange import Full, WrongContentType
from .forms.sent.salvage import sent_texts
from .http import limits, security
from .public.home import listed_chapter
from .site import there

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

_PAGES = (400, 401, 403, 404, 405, 409, 413, 422, 429)

#: The first type that fits counts. Below 500 the visitor did it. From 500 on this node did, and the error is logged. An
#: error that no line names is 500.
STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (TooLarge, 413),
    (WrongSignature, 403),
    (NotActive, 403),
    (UnknownChapter, 404),
    (Older, 409),
    (UnknownCursor, 410),
    (FederationError, 422),
    (WrongContentType, 415),
    (StalePage, 409),
    (ChangedMeanwhile, 409),
    (NoPromise, 409),
    (NotOn, 409),
    (NotNow, 409),
    (FormUsed, 409),
    (MayNotOpen, 403),
    (LastPerson, 422),
    (LastLead, 422),
    (WrongCode, 422),
    (PasskeyRefused, 422),
    (TooManyTries, 429),
    (InvitationOver, 410),
    (InvitationRefused, 403),
    (NotServing, 422),
    (Busy, 429),
    (Full, 429),
    (Withdrawn, 410),
    (NotOpen, 404),
    (NotFounded, 503),
    (NotFound, 404),
    (InvalidInput, 422),
    (GazetteerMissing, 503),
    (MovedAway, 410),
    (CannotWrite, 503),
    (CannotSign, 503),
    (CannotUnseal, 503),
    (Unreachable, 503),
    (PeerRefused, 503),
    (NodeError, 500),
)


def start(app: Flask) -> None:
    """Answer every error. Templates have `came_signed_in()`."""
    # The page of an error leads somebody who is signed in back to the board.
    app.jinja_env.globals["came_signed_in"] = lambda: g.get("signed_in") is not None
    for error, _ in STATUSES:
        app.register_error_handler(error, _refused)
    app.register_error_handler(CannotWrite, _unwritten)
    app.register_error_handler(CannotSign, _unsigned)
    app.register_error_handler(CannotUnseal, _sealed)
    app.register_error_handler(NotFounded, _not_founded)
    app.register_error_handler(MovedAway, _moved)
    app.register_error_handler(Withdrawn, _withdrawn)
    app.register_error_handler(Expired, _expired)
    app.register_error_handler(Unlisted, _unlisted)
    app.register_error_handler(security.WrongRole, _wrong_role)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def catch_all(inner: "WSGIApplication") -> "WSGIApplication":
    """Answer what fails outside of a page. The server's own log would name the address, and the sign-in token in
    it.
    """

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            return inner(environ, start_response)
        except Exception as error:
            log.error("%s failed outside of its page", environ["REQUEST_METHOD"], exc_info=error)
            words = b"Something went wrong on this site. Please try again in a minute.\n"
            start_response("500 INTERNAL SERVER ERROR", [("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
            return [words]

    return answer


def status_of(error: Exception) -> int:
    """The HTTP status that `error` means."""
    return next(status for type_, status in STATUSES if isinstance(error, type_))


def _refused(error: Exception) -> Response:
    if status_of(error) >= 500:
        log.error("%s %s failed: %s", request.method, request.url_rule, error, exc_info=error)
    answer = _answer(status_of(error), str(getattr(error, "code", "refused")), str(error))
    if isinstance(error, Busy | Full):
        answer.headers["Retry-After"] = "5" if isinstance(error, Busy) else "1"
    return answer


def _unwritten(error: CannotWrite) -> Response:
    """Say that nothing was changed. A lead, who may have tapped "cancel", reads that nobody has been told."""
    log.error("%s %s changed nothing", request.method, request.url_rule, exc_info=error)
    if request.path.startswith(BASE_PATH):
        answer = _document(503, error.code, "This node cannot write just now: nothing was changed.")
    else:
        answer = _page("503", 503, sent_texts=sent_texts(), of_lead=security.audience() in ("co-lead", "lead"))
    answer.headers["Retry-After"] = "5"
    return answer


def _unsigned(error: CannotSign) -> Response:
    """Say that nothing was changed, and that trying again will not help: the lead has to tell people in person."""
    log.error("%s %s could not be signed: %s", request.method, request.url_rule, error, exc_info=error)
    if request.path.startswith(BASE_PATH):
        return _document(503, error.code, "This node cannot sign just now: nothing was changed.")
    return _page("unsigned", 503, sent_texts=sent_texts())


def _wrong_role(error: security.WrongRole) -> Response:
    """Say who may do it. Nothing of what was typed is shown again: it was no form of this person's."""
    return Response(render_template("errors/role.html", least=error.least), status=403, mimetype="text/html")


def _sealed(error: CannotUnseal) -> Response:
    """Say that what people told this site cannot be opened or kept, and that its runs go on."""
    log.error("%s %s cannot be unsealed: %s", request.method, request.url_rule, error, exc_info=error)
    return Response(render_template("errors/sealed.html", sent_texts=sent_texts()), status=503, mimetype="text/html")


def _not_founded(error: NotFounded) -> Response:
    """Say that this chapter is being set up. It is nobody's fault, and nothing for the log."""
    if request.path.startswith(BASE_PATH):
        answer = _document(503, error.code, "This node's chapter is being set up.")
    else:
        answer = _page("not_founded", 503)
    answer.headers["Retry-After"] = "60"
    return answer


def _moved(error: MovedAway) -> Response:
    """Say that nothing was changed on this former server, and lead to the same page of the new one."""
    if request.path.startswith(BASE_PATH):
        return _document(410, error.code, "This chapter lives on another server now.")
    return _page("moved", 410, move=error, there=there(error), sent_texts=sent_texts(), is_tap=request.method == "POST")


def _withdrawn(error: Withdrawn) -> Response:
    """Say that a run is gone, and show the chapter's other runs."""
    views = listings.chapter(session(), (request.view_args or {})["chapter_id"], now()).listings
    others = sorted((one for one in (next_on(view.coming) for view in views) if one), key=lambda one: one.starts)
    return _page("410", 410, others=others, alternative=None if others else _alternative())


def _expired(error: Expired) -> Response:
    """Say since when nothing has been heard of the chapter."""
    return _page("expired", status_of(error), error=error, alternative=_alternative())


def _unlisted(error: Unlisted) -> Response:
    """Say where the chapter goes on, if HQ names its successor and the document is here."""
    successor = listed_chapter(error.successor) if error.successor else None
    is_run = successor is None and "listing_id" in (request.view_args or {})
    alternative = _alternative() if is_run else None
    return _page("unlisted", status_of(error), successor=successor, alternative=alternative)


def _alternative() -> Found | None:
    """Another run for a reader who came for one that no page shows."""
    values = request.view_args or {}
    return alternative_to_lost(values["chapter_id"], values["listing_id"])


def _http(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:  # a redirect: routing raises it, too
        return error.get_response()
    answer = _answer(error.code, _title(error.code).lower().replace(" ", "-"), error.description or "")
    for name, value in error.get_headers(request.environ):
        if name not in ("Content-Type", "Content-Length"):
            answer.headers.setdefault(name, value)
    if isinstance(error, TooManyRequests):
        answer.headers["Retry-After"] = str(limits.retry_after())
    return answer


def _broken(error: Exception) -> Response:
    # The rule, not the address: an address may hold what somebody typed, or a sign-in token.
    log.error("%s %s failed", request.method, request.url_rule, exc_info=error)
    return _answer(500, "internal", "Something went wrong on this node.")


def _answer(status: int, code: str, detail: str) -> Response:
    if request.path.startswith(BASE_PATH):
        return _document(status, code, detail)
    name = str(status) if status in _PAGES else "500" if status >= 500 else "400"
    # Not after a forged request: its words are not the lead's.
    return _page(
        name, status, sent_texts=[] if status == 403 else sent_texts(), of_run=request.path.startswith("/runs/")
    )


def _page(name: str, status: int, **shown: Any) -> Response:
    return Response(render_template(f"errors/{name}.html", **shown), status=status, mimetype="text/html")


def _document(status: int, code: str, detail: str) -> Response:
    members = {"type": "about:blank", "title": _title(status), "status": status, "detail": detail, "code": code}
    return Response(json.dumps(members), status=status, mimetype="application/problem+json")


def _title(status: int) -> str:
    return HTTP_STATUS_CODES.get(status, "Error")
