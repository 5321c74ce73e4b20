"""Who may ask what, before any view runs, and the headers on every answer."""

from collections.abc import Mapping

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from node.chapter.home import moving
from node.members.accounts import roles

from ..context import session, settings
from . import sessions

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(self), gyroscope=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
#: The audiences that have to sign in, and the least role of each: people on a chapter's site, those of HQ on HQ's.
SIGNED_IN: Mapping[str, roles.Role] = {"member": "member", "co-lead": "co-lead", "lead": "lead", "hq": "lead"}
#: The first parts of addresses that are private, or hold a secret. An answer that no view gives is private there, too.
_PRIVATE = ("/lead", "/hq", "/me", "/setup", "/signin", "/invited", "/stop", "/c/", "/m/")
#: The audiences whose addresses hold a secret.
_BY_SECRET = ("link", "letter")
_SAFE = ("GET", "HEAD", "OPTIONS")


class WrongRole(Exception):
    """Somebody who is signed in asks for what needs another role. `least`: that role."""

    def __init__(self, least: roles.Role) -> None:
        super().__init__(f"this needs the role {least}")
        self.least = least


def guard(app: Flask) -> None:
    """Refuse forged requests and wrong audiences. Give every answer its headers."""
    app.before_request(_refuse_forged)
    app.before_request(_refuse_away)
    app.before_request(_refuse_wrong_audience)
    app.after_request(_add_headers)
    app.after_request(_renew_session)


def audience() -> str | None:
    """The audience of the view that answers; None when no view answers."""
    if request.endpoint == "static":
        return "public"
    return audience_of(current_app, request.endpoint) if request.endpoint else None


def audience_of(app: Flask, endpoint: str) -> str:
    """The audience of a view; "nobody" where none is said. A view's own counts before its room's."""
    audiences: dict[str, str] = app.config["AUDIENCES"]
    return audiences.get(endpoint) or audiences.get(endpoint.rpartition(".")[0], "nobody")


def refuse_unknown_host() -> Response | None:
    """Refuse unknown hosts before a view is looked for: Werkzeug reflects a forged Host in redirects."""
    if request.host.lower() in settings().hosts:
        return None
    return Response("This is not a name this server answers to.\n", status=400, mimetype="text/plain")


def _refuse_forged() -> None:
    """Refuse what another site's page sends. Tokens are no way: they need a cookie, and cannot sit in kept pages.

    Every browser of today sends one of the two headers. A request with neither may act only without a cookie, as
    another node's. A mail program acts by the secret in its letter's link alone, whatever cookie is sent (RFC 8058).
    """
    if request.method in _SAFE or audience() == "letter":
        return
    from_site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if from_site is not None:
        is_ours = from_site in ("same-origin", "none")
    elif origin is not None:
        is_ours = origin == settings().base_url
    else:
        is_ours = not sessions.has_cookie()
    if not is_ours:
        abort(403)


def _refuse_away() -> None:
    """Refuse what belongs on the server that the chapter lives on now: every tap, and every page that is not public."""
    if audience() == "node" or (audience() in ("public", None) and request.method in _SAFE):
        return
    moving.require_home(session(), settings())


def _refuse_wrong_audience() -> AnyResponse | None:
    wanted = audience()
    if wanted == "nobody":
        abort(403)
    least = SIGNED_IN.get(wanted or "")
    if least is None:
        return None
    if sessions.signed_in() is not None:
        if not roles.may(sessions.person().role, least):
            raise WrongRole(least)
        return None
    if request.method not in ("GET", "HEAD"):
        abort(401)
    return redirect(url_for("signin.explain"), 303)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().network == "internet":
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    _forbid_copies(response)
    if audience() in _BY_SECRET or request.path.startswith(("/signin", "/c/", "/m/")):
        response.headers["X-Robots-Tag"] = "noindex"
        # The address is a secret, and must not travel on as a Referer. With "no-referrer" browsers would send
        # "Origin: null" with the form, and older ones send no other header that says where the form is from.
        response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _forbid_copies(response: Response) -> None:
    """A page says how fresh its knowledge is, so nobody shows an old copy. Nobody keeps a copy of a private page."""
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-cache")
    if _is_private():
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")


def _renew_session(response: Response) -> Response:
    """A phone that is used stays signed in."""
    if _is_private():
        sessions.renew(response)
    return response


def _is_private() -> bool:
    return audience() in (*SIGNED_IN, *_BY_SECRET) or request.path.startswith(_PRIVATE)
