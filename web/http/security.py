"""Who may ask what, before any view runs, and the headers on every answer."""

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..context import settings
from . import sessions

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
#: The audiences that have to sign in: leads on a chapter's site, the people of HQ on HQ's.
SIGNED_IN = ("lead", "hq")
_SAFE = ("GET", "HEAD", "OPTIONS")


def guard(app: Flask) -> None:
    """Refuse forged requests and wrong audiences. Give every answer its headers."""
    app.before_request(_refuse_forged)
    app.before_request(_refuse_wrong_audience)
    app.after_request(_add_headers)
    app.after_request(_renew_session)


def audience() -> str | None:
    """The audience of the view that answers; None when no view answers."""
    if request.endpoint == "static":
        return "public"
    audiences: dict[str, str] = current_app.config["AUDIENCES"]
    return audiences.get(request.blueprint or "", "nobody") if request.endpoint else None


def refuse_unknown_host() -> Response | None:
    """Refuse unknown hosts before a view is looked for: Werkzeug reflects a forged Host in redirects."""
    if request.host.lower() in settings().hosts:
        return None
    return Response("This is not a name this server answers to.\n", status=400, mimetype="text/plain")


def _refuse_forged() -> None:
    """Refuse what another site's page sends. Tokens are no way: they need a cookie, and cannot sit in kept pages.

    Every browser of today sends one of the two headers. A request with neither may act only without a cookie: a
    one-click unsubscribe (RFC 8058), another node.
    """
    if request.method in _SAFE:
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


def _refuse_wrong_audience() -> AnyResponse | None:
    wanted = audience()
    if wanted == "nobody":
        abort(403)
    if wanted not in SIGNED_IN or sessions.signed_in() is not None:
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
    if request.path.startswith("/signin"):
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
    return audience() in SIGNED_IN or request.path.startswith(("/lead", "/hq", "/signin"))
