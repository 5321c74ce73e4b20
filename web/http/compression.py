"""Pages leave compressed: many readers are on a phone in the street.

Flask-Compress 1.25 does not do. It writes the time into what it packs, so that an unchanged page gets other bytes and
another ETag each time it is drawn, and a reader who has the page gets it whole again. It imports Brotli and Zstandard
in any case, which take 1.7 MB of memory; and this module would still be needed for what the page cache and the feed ask
of it.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request
from werkzeug.http import parse_accept_header

_TYPES = ("text/html", "text/css", "text/plain", "text/javascript", "image/svg+xml", "application/x-ndjson")
#: Shorter ones fit into one packet anyway (bytes).
_SHORT = 500
#: Half the time of zlib's usual 6, for 5 bytes in a hundred more: 2,290 for 2,170 of a search page.
_LEVEL = 3


def start(app: Flask) -> None:
    """Compress every text answer and the change feed; single stored documents stay as they came, with their digest."""
    app.after_request(_compress)


@lru_cache(maxsize=64)
def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header allows it."""
    return parse_accept_header(accepted)["gzip"] > 0


def _compress(response: Response) -> Response:
    if response.mimetype not in _TYPES:
        return response
    response.vary.add("Accept-Encoding")
    if (
        "Content-Encoding" in response.headers
        or response.status_code != 200
        or not takes_gzip(request.headers.get("Accept-Encoding", ""))
    ):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) > _SHORT:
        response.set_data(gzip.compress(body, _LEVEL, mtime=0))
        mark(response)
    return response


def mark(response: Response) -> None:
    """Say that its body is packed. Two encodings under one strong ETag would be a lie."""
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)
