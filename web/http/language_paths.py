"""An address may name the language of its page: /en-us/runs is /runs in American English.

The first part moves from PATH_INFO to SCRIPT_NAME. So a view sees the address without it, and `url_for` gives each
link, form and redirect of the page with it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from .. import language

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: What only programs read: it has no words of ours, and one address.
_FOR_PROGRAMS = (
    *("/static/", "/fed/"),
    *("/offline.js", "/robots.txt", "/favicon.ico", "/sitemap.xml", "/manifest.webmanifest"),
)


def start(app: Flask) -> None:
    """Read the language in front of `app`, and in front of the page cache."""
    app.wsgi_app = _reading(app.wsgi_app)  # type: ignore[assignment,method-assign]


def split(path: str) -> tuple[str, str]:
    """The part of an address that names a language, whatever its capitals, and the rest; ("", `path`) without one."""
    first, _, rest = path[1:].partition("/")
    prefix, rest = f"/{first.lower()}", f"/{rest}"
    if language.of_prefix(prefix) is None or rest.startswith(_FOR_PROGRAMS):
        return "", path
    return prefix, rest


def _reading(inner: "WSGIApplication") -> "WSGIApplication":
    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        prefix, rest = split(path)
        # Any other way to write it is redirected: "/en-us" and "/EN-us/" are "/en-us/" (slashes).
        if prefix and path.startswith(f"{prefix}/"):
            environ[language.BY_ADDRESS] = language.of_prefix(prefix)
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
            environ["PATH_INFO"] = rest
        return inner(environ, start_response)

    return answer
