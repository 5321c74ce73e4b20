"""Text answers leave compressed: many readers are on a phone in the street.

Flask-Compress 1.25 does not do. It writes the time into its bytes, so that an unchanged page gets another ETag each
time, and a reader who has the page gets it whole again. It always imports Brotli and Zstandard, which take 1.7 MB of
memory. The page cache and the feed would still need this module.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request
from werkzeug.http import parse_accept_header

_TYPES = (
    *("text/html", "text/css", "text/plain", "text/javascript", "text/calendar"),
    *("image/svg+xml", "application/x-ndjson"),
)
#: A shorter answer fits into one packet anyway (bytes).
_SHORT = 500
#: Of pages: it takes half the time of zlib's usual 6, for 5 % more bytes: 2,290 instead of 2,170 for a search page. And
#: of our own files, which a browser asks for once a year: the style sheets have 10 % fewer bytes by it.
_LEVEL, _LEVEL_OF_FILES = 3, 6
#: A part of a file, and no body at all: both keep to what the reader has of the file.
_OF_A_PART = (206, 304)


def start(app: Flask) -> None:
    """Compress every text answer and the change feed. A stored document stays as it came, under its digest."""
    app.after_request(_compress)


@lru_cache(maxsize=64)
def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header allows gzip."""
    return parse_accept_header(accepted)["gzip"] > 0


def _compress(response: Response) -> Response:
    if response.mimetype not in _TYPES:
        return response
    response.vary.add("Accept-Encoding")
    if (
        "Content-Encoding" in response.headers
        or response.status_code in _OF_A_PART
        or not takes_gzip(request.headers.get("Accept-Encoding", ""))
    ):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) > _SHORT:
        level = _LEVEL_OF_FILES if request.endpoint == "static" else _LEVEL
        response.set_data(gzip.compress(body, level, mtime=0))
        say_packed(response)
    return response


def say_packed(response: Response) -> None:
    """Say that the body is gzip. The ETag becomes a weak one, for a strong one names one encoding."""
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)
