"""An address that is almost one of ours leads to it: with a slash too many at its end, or with its language in capitals
or without a slash after it. People and programs write such addresses.
"""

from urllib.parse import quote

from flask import Flask, request
from flask.globals import request_ctx
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from .language_paths import split

#: The protocol's addresses. Other nodes follow no redirect.
_FEDERATION = "/fed/"


def start(app: Flask) -> None:
    """Look at requests that no view answers. Unknown hosts are refused before."""
    app.before_request(_to_ours)


def _to_ours() -> Response | None:
    """Redirect (308) to an address of ours, and to no other.

    The new address begins with one slash, whatever was asked: two would begin the name of another host. A view answers
    there. A form is not sent on, for no page of ours sent it.
    """
    path = request.path
    if not isinstance(request.routing_exception, NotFound) or path.startswith(_FEDERATION):
        return None
    # An address that names its language has only one.
    prefix, rest = ("", path) if request.script_root else split(path)
    bare = "/" + rest.strip("/")
    if prefix + bare == path or request.method not in ("GET", "HEAD") or not _is_address(bare):
        return None
    query = request.query_string.decode("latin-1")
    return redirect(quote(request.script_root + prefix + bare) + (f"?{query}" if query else ""), 308)


def _is_address(path: str) -> bool:
    adapter = request_ctx.url_adapter
    return adapter is not None and adapter.test(path, "GET")
