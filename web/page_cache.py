"""Public pages as they were drawn, in front of Flask: another reader gets the same bytes, compressed already.

A page says how old its knowledge is and what is on tonight, so a copy of it soon lies. All that is kept is therefore
of one generation: the revision of the database and the minute. A request that finds another generation throws all of
it away. The revision is read for each request: another process may have taken a cancellation in.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, request
from sqlalchemy import Engine
from werkzeug.http import parse_etags

from node.config import Settings
from node.database import revision
from node.leads import cookie_name

from . import compression, language, limits, security
from .context import Clock, db

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Bytes, headers and keys not counted.
MAX_BYTES = 4 * 1024 * 1024
MAX_PAGES = 500
#: Characters of path and query together; nobody types more.
MAX_ADDRESS = 500
_ASKED = "rtr.page_asked"
#: What a 304 does not repeat (RFC 9110 §15.4.5).
_OF_THE_BODY = ("content-type", "content-length", "content-encoding")

Headers = list[tuple[str, str]]


class Generation(NamedTuple):
    """What a kept page is true for."""

    revision: int
    minute: int


class Asked(NamedTuple):
    """Which page. No host: only our own get this far, and no page repeats it. `query`: the same for every order."""

    language: str
    is_compressed: bool
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Page:
    """One answer, whole. `is_free`: on nobody's budget."""

    tag: str
    headers: Headers
    body: bytes
    is_free: bool

    def answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """As Flask answered it the first time: 304 to who has these very bytes, no body to HEAD."""
        if _is_known(environ, self.tag):
            short = [(name, value) for name, value in self.headers if name.lower() not in _OF_THE_BODY]
            start_response("304 NOT MODIFIED", short)
            return []
        start_response("200 OK", list(self.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class Pages:
    """The pages of one generation, bounded; those that were not asked for longest go first."""

    def __init__(self, max_bytes: int = MAX_BYTES, max_pages: int = MAX_PAGES) -> None:
        self._max_bytes, self._max_pages = max_bytes, max_pages
        self._lock = Lock()
        self._generation: Generation | None = None
        self._pages: OrderedDict[Asked, Page] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, generation: Generation, asked: Asked) -> Page | None:
        """A page that was kept in this very generation."""
        with self._lock:
            if generation != self._generation:
                self._begin(generation)
            page = self._pages.get(asked)
            if page is not None:
                self._pages.move_to_end(asked)
            return page

    def keep(self, generation: Generation, asked: Asked, page: Page) -> None:
        """Keep a page that was drawn after `generation` was read, if that is still the one of other readers."""
        with self._lock:
            if generation != self._generation or len(page.body) > self._max_bytes:
                return
            self._drop(asked)
            self._pages[asked] = page
            self._bytes += len(page.body)
            while self._bytes > self._max_bytes or len(self._pages) > self._max_pages:
                self._drop(next(iter(self._pages)))

    def _begin(self, generation: Generation) -> None:
        self._generation = generation
        self._pages.clear()
        self._bytes = 0

    def _drop(self, asked: Asked) -> None:
        page = self._pages.pop(asked, None)
        self._bytes -= len(page.body) if page else 0


class PageCache:
    """Answers from `pages` what it can; everything else is Flask's."""

    def __init__(self, app: Flask, engine: Engine) -> None:
        settings: Settings = app.config["NODE_SETTINGS"]
        self._app, self._engine = app, engine
        self._inner: WSGIApplication = app.wsgi_app
        self._hosts, self._cookie = frozenset(settings.hosts), cookie_name(settings)
        self.pages = Pages()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        asked = self._asked(environ)
        if asked is None:
            return self._inner(environ, start_response)
        # Before the page is drawn, never after: what was written in between is then drawn again, and not hidden.
        generation = self._now()
        page = self.pages.find(generation, asked)
        if page is not None and (page.is_free or limits.take_page(self._app, environ.get("REMOTE_ADDR"))):
            return page.answer(environ, start_response)
        environ[_ASKED] = generation, asked
        return self._inner(environ, start_response)

    def after(self, response: Response) -> Response:
        """Keep a public page, once it is as it goes out."""
        if _ASKED not in request.environ or not _is_public_page(response):
            return response
        if len(language.LANGUAGES) > 1:
            response.vary.add("Accept-Language")
        body = response.get_data()
        tag = hashlib.sha256(body).hexdigest()[:32]
        response.set_etag(tag)
        if request.method == "GET":
            generation, asked = request.environ[_ASKED]
            headers = response.get_wsgi_headers(request.environ).to_wsgi_list()
            self.pages.keep(generation, asked, Page(tag, headers, body, limits.is_free()))
        # Not make_conditional: it adds a Date, which kept answers would then repeat.
        if _is_known(request.environ, tag):
            response.status_code = 304
        return response

    def _now(self) -> Generation:
        clock: Clock = self._app.config["NODE_CLOCK"]
        return Generation(revision(self._engine), int(clock().timestamp()) // 60)

    def _asked(self, environ: "WSGIEnvironment") -> Asked | None:
        """None: nothing that may be kept. A lead's own cookie is never looked at here: who has one asks Flask."""
        path, query = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or len(path) + len(query) > MAX_ADDRESS:
            return None
        if environ.get("HTTP_HOST", "").lower() not in self._hosts or self._cookie in environ.get("HTTP_COOKIE", ""):
            return None
        return Asked(
            language.preferred(environ.get("HTTP_ACCEPT_LANGUAGE", "")),
            compression.takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
            path,
            _in_order(query) if query else "",
        )


def pass_by() -> None:
    """Keep nothing of this request: what its page says will be another thing in a moment."""
    request.environ.pop(_ASKED, None)


def start(app: Flask) -> PageCache:
    """Stand in front of `app`, behind whatever else will: a proxy's headers are to be read before."""
    with app.app_context():
        cache = PageCache(app, db.engine)
    app.wsgi_app = cache  # type: ignore[method-assign]
    # The first to be named is the last to run: on the answer as it goes out.
    app.after_request(cache.after)
    app.extensions["page_cache"] = cache
    return cache


def _is_public_page(response: Response) -> bool:
    return (
        response.status_code == 200
        and response.mimetype == "text/html"
        and security.audience() == "public"
        and "Set-Cookie" not in response.headers
        and not response.cache_control.no_store
    )


def _is_known(environ: "WSGIEnvironment", tag: str) -> bool:
    return parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(tag)


@lru_cache(maxsize=256)
def _in_order(query: str) -> str:
    """Fields by name, repeated ones as they came. Bytes stay bytes: two that are no text are not the same."""
    pairs = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
    return urlencode(sorted(pairs, key=itemgetter(0)), encoding="latin-1")
