"""An address with a slash too many at its end leads to the one without: people and programs add it."""

from urllib.parse import quote

from flask import Flask, request
from flask.globals import request_ctx
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

#: Other nodes follow no redirect, and their addresses are the protocol's.
_FEDERATION = "/fed/"


def start(app: Flask) -> None:
    """Look at what no view answers to. After the hosts: nothing is said under another name."""
    app.before_request(_without_slash)


def _without_slash() -> Response | None:
    """308 to our own address alone.

    One slash stands before it, whatever was asked, since two would begin another host's name. It is known before
    anybody is sent there. A form is not sent on: it was never ours.
    """
    path = request.path
    if not isinstance(request.routing_exception, NotFound) or not path.endswith("/") or path.startswith(_FEDERATION):
        return None
    bare = "/" + path.strip("/")
    if request.method not in ("GET", "HEAD") or not _is_known(bare):
        return None
    query = request.query_string.decode("latin-1")
    return redirect(quote(bare) + (f"?{query}" if query else ""), 308)


def _is_known(path: str) -> bool:
    adapter = request_ctx.url_adapter
    return adapter is not None and adapter.test(path, "GET")
