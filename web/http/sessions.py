"""The only cookie: the session of a lead, or of one of HQ's people, from sign-in on."""

from datetime import timedelta

from flask import g, request
from werkzeug.wrappers import Response

from node.chapter import leads
from node.models import Lead, LeadSession

from ..context import now, session, settings


def has_cookie() -> bool:
    """Whether the browser sent our cookie, good or not."""
    return leads.cookie_name(settings()) in request.cookies


def signed_in() -> LeadSession | None:
    """The session of this request's cookie; None without one. It is looked up once a request."""
    if "lead_session" not in g:
        token = request.cookies.get(leads.cookie_name(settings()), "")
        g.lead_session = leads.find_session(session(), token, now()) if token else None
    found: LeadSession | None = g.lead_session
    return found


def lead() -> Lead:
    """The lead, or the person of HQ, who is signed in. Only in views for people who are signed in."""
    found = signed_in()
    assert found is not None  # noqa: S101 - web.http.security refuses everybody else
    return found.lead


def set_cookie(response: Response, token: str) -> None:
    """Give the browser the session's cookie, for SESSION_LIFE from now."""
    _set(response, token, leads.SESSION_LIFE)


def renew(response: Response) -> None:
    """Begin SESSION_LIFE anew for the session of this request, if there is one."""
    if g.get("lead_session") is not None and "Set-Cookie" not in response.headers:
        set_cookie(response, request.cookies[leads.cookie_name(settings())])


def clear_cookie(response: Response) -> None:
    """Take the cookie away."""
    _set(response, "", timedelta(0))


def _set(response: Response, value: str, life: timedelta) -> None:
    secure = settings().network != "loopback"
    response.set_cookie(
        leads.cookie_name(settings()), value, max_age=life, path="/", httponly=True, samesite="Lax", secure=secure
    )
