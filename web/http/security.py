"""Who may ask what, before any view runs, and the headers on every answer (architecture.md, "Baselines")."""

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
#: For whom one has to sign in: leads on a chapter's node, the people of HQ on theirs.
SIGNED_IN = ("lead", "hq")
_SAFE = ("GET", "HEAD", "OPTIONS")


def guard_hosts(app: Flask) -> None:
    """Unknown hosts are refused before anything else: Werkzeug reflects a forged Host in redirects."""
    app.before_request(_refuse_unknown_host)


def guard(app: Flask) -> None:
    """Forged requests and wrong audiences are refused; every answer gets its headers."""
    app.before_request(_refuse_forged)
    app.before_request(_refuse_wrong_audience)
    app.after_request(_add_headers)


def audience() -> str | None:
    """For whom the asked view is; None when no view answers to this address."""
    if request.endpoint == "static":
        return "public"
    audiences: dict[str, str] = current_app.config["AUDIENCES"]
    return audiences.get(request.blueprint or "", "nobody") if request.endpoint else None


def _refuse_unknown_host() -> Response | None:
    if request.host.lower() in settings().hosts:
        return None
    return Response("This is not a name this server answers to.\n", status=400, mimetype="text/plain")


def _refuse_forged() -> None:
    """No tokens: they need a cookie, and cannot sit in cached pages.

    With neither header it is no browser of our days; it may act only where no cookie speaks for it (RFC 8058, nodes).
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        fair = site in ("same-origin", "none")
    elif origin is not None:
        fair = origin == settings().base_url
    else:
        fair = not sessions.has_cookie()
    if not fair:
        abort(403)


def _refuse_wrong_audience() -> AnyResponse | None:
    who = audience()
    if who == "nobody":
        abort(403)
    if who not in SIGNED_IN or sessions.signed_in() is not None:
        return None
    if request.method not in ("GET", "HEAD"):
        abort(401)
    return redirect(url_for("signin.explain"), 303)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().network == "internet":
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    _keep_fresh(response)
    if request.path.startswith("/signin"):
        # The address is the secret: it must not travel on as a Referer. Not "no-referrer", which makes browsers send
        # "Origin: null" with the form, and the older of them say nothing else of where it is from.
        response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _keep_fresh(response: Response) -> None:
    """A page says how fresh its knowledge is: an old copy of it would lie. A private one is kept nowhere."""
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-cache")
    if audience() in SIGNED_IN or request.path.startswith(("/lead", "/hq", "/signin")):
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
        sessions.slide(response)
