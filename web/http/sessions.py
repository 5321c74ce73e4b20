"""The only cookie: the session of a lead, or of one of HQ's people, from sign-in on."""

from datetime import timedelta

from flask import g, request
from werkzeug.wrappers import Response

from node.members import sign_in
from node.models import Person, PersonSession

from ..context import now, session, settings


def has_cookie() -> bool:
    """Whether the browser sent our cookie, good or not."""
    return sign_in.cookie_name(settings()) in request.cookies


def signed_in() -> PersonSession | None:
    """The session of this request's cookie; None without one. It is looked up once a request."""
    if "signed_in" not in g:
        token = request.cookies.get(sign_in.cookie_name(settings()), "")
        g.signed_in = sign_in.find_session(session(), token, now()) if token else None
    found: PersonSession | None = g.signed_in
    return found


def person() -> Person:
    """The lead, or the person of HQ, who is signed in. Only in views for people who are signed in."""
    found = signed_in()
    assert found is not None  # noqa: S101 - web.http.security refuses everybody else
    return found.person


def give(response: Response, token: str) -> None:
    """Give the browser the cookie of a session that has just begun. A session that it had before ends."""
    before = signed_in()
    if before is not None:
        sign_in.end_session(session(), before.token_hash, before.person_id)
    g.signed_in = sign_in.find_session(session(), token, now())
    set_cookie(response, token)


def set_cookie(response: Response, token: str) -> None:
    """Give the browser the session's cookie, for SESSION_LIFE from now."""
    _set(response, token, sign_in.SESSION_LIFE)


def renew(response: Response) -> None:
    """Begin SESSION_LIFE anew for the session of this request, if there is one."""
    if g.get("signed_in") is not None and "Set-Cookie" not in response.headers:
        set_cookie(response, request.cookies[sign_in.cookie_name(settings())])


def clear_cookie(response: Response) -> None:
    """Take the cookie away."""
    _set(response, "", timedelta(0))


def _set(response: Response, value: str, life: timedelta) -> None:
    secure = settings().network != "loopback"
    response.set_cookie(
        sign_in.cookie_name(settings()), value, max_age=life, path="/", httponly=True, samesite="Lax", secure=secure
    )
