"""Public pages as they were drawn, in front of Flask. Another reader gets the same bytes, already compressed.

A page says how old its knowledge is and what is on tonight, so a copy of it soon lies. Everything that is kept belongs
to one generation: the revision of the database, and the minute. A request of another generation drops everything. The
revision is read for each request, for another process may have taken a cancellation in.

Parts of pages are kept in the same way, such as the cards of dates: other searches for the same evening do not draw
them again.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlencode

from cachetools import LRUCache
from flask import Flask, Response, request
from sqlalchemy import Engine
from werkzeug.datastructures import ETags
from werkzeug.http import parse_etags

from node import help_lines
from node.database import RevisionReader
from node.directory.listings import Occurrence
from node.members.sign_in import cookie_name

from .. import language, text_language
from ..context import db, node_of
from ..text_language import Offer
from . import compression, limits, security

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Bytes of memory for pages and for parts of pages, and the number of small things beside them.
MAX_BYTES, MAX_PART_BYTES, MAX_LOOKUPS = 4 * 1024 * 1024, 1024 * 1024, 500
#: Bytes for the headers and the key of a page, and for the key of a part.
_PAGE_OVERHEAD, _PART_OVERHEAD = 2560, 512
#: Characters of path and query together. Nobody types more.
MAX_ADDRESS = 500
_DRAWING = "rtr.page_drawing"
_NAME = "page_cache"
#: What a 304 does not repeat (RFC 9110 §15.4.5).
_OF_THE_BODY = ("content-type", "content-length", "content-encoding")

#: What is kept: pages, and calendars and feeds, whose readers ask for the same thing again for years.
_KEPT_TYPES = ("text/html", "text/calendar", "application/atom+xml")

#: The addresses that look a place up.
_SEARCHES = ("/runs", "/runs/calendar.ics", "/runs/feed.atom")

Headers = Sequence[tuple[str, str]]
T = TypeVar("T")


class Generation(NamedTuple):
    """What a kept page is true for."""

    revision: int
    minute: int


class PageKey(NamedTuple):
    """Which page. The host is no part of it: only our own hosts get this far, and no page repeats it. `query`: the
    fields, in order. `country`: of the reader who searches on HQ's site or asks it for help lines; empty for any
    other page. `root`: the part of the address that names the language, which each link of the page repeats. `texts`:
    the language of each text of a chapter's own that there is in several.
    """

    language: str
    root: str
    country: str
    is_compressed: bool
    path: str
    query: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fork:
    """A page with texts of a chapter's own in several languages. There is one page of it for each choice of them."""

    offers: tuple[Offer, ...]

    def key(self, key: PageKey, environ: "WSGIEnvironment") -> PageKey:
        """The key of the page for whoever sent this request."""
        return key._replace(texts=tuple(text_language.best(offer, environ) for offer in self.offers))

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return _PAGE_OVERHEAD


@dataclass(frozen=True)
class Page:
    """One answer, whole, as Flask gave it the first time. `is_free`: on nobody's budget."""

    tag: str
    headers: Headers
    body: bytes
    is_free: bool

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self.body) + _PAGE_OVERHEAD

    def answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Answer 304 to a browser that has these very bytes, and HEAD without a body."""
        if _client_has(environ, self.tag):
            short = [(name, value) for name, value in self.headers if name.lower() not in _OF_THE_BODY]
            start_response("304 NOT MODIFIED", short)
            return []
        start_response("200 OK", list(self.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class Drawing(NamedTuple):
    """A page that is being drawn and will be kept, and what was kept for other pages."""

    generation: Generation
    key: PageKey
    parts: "GenerationCache[str]"
    lookups: "GenerationCache[Any]"


class GenerationCache(Generic[T]):
    """What was drawn in one generation, in `cache`."""

    def __init__(self, cache: LRUCache[Hashable, T]) -> None:
        self._cache, self._lock = cache, Lock()
        self._generation: Generation | None = None

    def __iter__(self) -> Iterator[Hashable]:
        return iter(list(self._cache))

    def find(self, generation: Generation, key: Hashable) -> T | None:
        """What was kept under `key` in this generation; None for nothing."""
        with self._lock:
            if generation != self._generation:
                self._generation = generation
                self._cache.clear()
            return self._cache.get(key)

    def keep(self, generation: Generation, key: Hashable, value: T) -> None:
        """Keep what was drawn after `generation` was read, if no later generation has begun since."""
        with self._lock, suppress(ValueError):  # larger than all that may be kept
            if generation == self._generation:
                self._cache[key] = value


class PageCache:
    """Answers from `pages` what it can. Flask answers everything else."""

    def __init__(self, app: Flask, engine: Engine) -> None:
        settings = node_of(app).settings
        self._app = app
        self._inner: WSGIApplication = app.wsgi_app
        self._is_hq = settings.is_hq
        self._hosts, self._cookie = frozenset(settings.hosts), cookie_name(settings)
        self._revision = RevisionReader(engine)
        self.pages: GenerationCache[Page | Fork] = GenerationCache(LRUCache(MAX_BYTES, lambda page: page.size))
        self.parts: GenerationCache[str] = GenerationCache(
            LRUCache(MAX_PART_BYTES, lambda part: len(part) + _PART_OVERHEAD)
        )
        self.lookups: GenerationCache[Any] = GenerationCache(LRUCache(MAX_LOOKUPS))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        page = self._kept(environ)
        return self._inner(environ, start_response) if page is None else page.answer(environ, start_response)

    def _kept(self, environ: "WSGIEnvironment") -> Page | None:
        """The kept page; None where Flask has to answer."""
        key = self._key_of(environ)
        if key is None:
            return None
        # Read before the page is drawn: a write in between begins a new generation, and hides nothing.
        generation = self._now()
        page = self.pages.find(generation, key)
        if isinstance(page, Fork):
            page = self.pages.find(generation, page.key(key, environ))
        if isinstance(page, Page) and (page.is_free or limits.take_page(self._app, environ.get("REMOTE_ADDR"))):
            return page
        environ[_DRAWING] = Drawing(generation, key, self.parts, self.lookups)
        return None

    def after(self, response: Response) -> Response:
        """Keep a public page as it goes out."""
        drawing: Drawing | None = request.environ.get(_DRAWING)
        if drawing is None or not _is_public_page(response):
            return response
        if self._is_hq and _depends_on_country(drawing.key.path):
            response.vary.add("Accept-Language")
        fork = Fork(text_language.offers(request.environ))
        if fork.offers:
            response.vary.add("Accept-Language")
        body = response.get_data()
        tag = hashlib.sha256(body).hexdigest()[:32]
        response.set_etag(tag)
        if request.method == "GET":
            headers = response.get_wsgi_headers(request.environ).to_wsgi_list()
            page = Page(tag, headers, body, limits.is_free())
            if fork.offers:
                self.pages.keep(drawing.generation, drawing.key, fork)
            self.pages.keep(drawing.generation, fork.key(drawing.key, request.environ), page)
        # Not make_conditional: it adds a Date, which kept pages would repeat.
        if _client_has(request.environ, tag):
            response.status_code = 304
        return response

    def close(self) -> None:
        """Let go of the database."""
        self._revision.close()

    def _now(self) -> Generation:
        return Generation(self._revision(), int(node_of(self._app).clock().timestamp()) // 60)

    def _key_of(self, environ: "WSGIEnvironment") -> PageKey | None:
        """The key of a page that may be kept; None for any other. A request with our cookie is Flask's: nobody reads a
        session here.
        """
        root, path, query = environ.get("SCRIPT_NAME", ""), environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or len(root) + len(path) + len(query) > MAX_ADDRESS:
            return None
        if environ.get("HTTP_HOST", "").lower() not in self._hosts:
            return None
        # The help lines are the same for everybody and on nobody's budget, also with a cookie that opens nothing.
        if self._cookie in environ.get("HTTP_COOKIE", "") and path != "/help":
            return None
        accepted = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        return PageKey(
            language.asked_in(environ),
            root,
            _readers_country(path, accepted) if self._is_hq else "",
            compression.takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
            path,
            _in_order(query) if query else "",
        )


def pass_by() -> None:
    """Do not keep the page of this request: in a moment it will say something else."""
    request.environ.pop(_DRAWING, None)


def card(draw: Callable[..., str], one: Occurrence, away: str = "", with_day: bool = False) -> str:
    """A date as `draw` shows it in a list. Cards are half of a long page's time."""
    key = one.chapter, one.listing.id, one.day, one.starts, away, with_day
    return drawn_once(key, lambda: draw(one, away, with_day=with_day))


def drawn_once(key: Hashable, draw: Callable[[], str]) -> str:
    """A part of a page as `draw` shows it, drawn once in a generation for all readers of a language."""
    drawing: Drawing | None = request.environ.get(_DRAWING)
    if drawing is None:
        return draw()
    key = drawing.key.language, drawing.key.root, key
    found = drawing.parts.find(drawing.generation, key)
    if found is None:
        found = draw()
        drawing.parts.keep(drawing.generation, key, found)
    return found


def once(key: Hashable, find: Callable[[], T]) -> T:
    """What `find` finds, looked up once in a generation for all readers of a language. Only for small things."""
    drawing: Drawing | None = request.environ.get(_DRAWING)
    if drawing is None:
        return find()
    key = drawing.key.language, drawing.key.root, key
    found: tuple[T] | None = drawing.lookups.find(drawing.generation, key)
    if found is None:
        found = (find(),)
        drawing.lookups.keep(drawing.generation, key, found)
    return found[0]


def start(app: Flask) -> None:
    """Put the cache in front of `app`. What reads a proxy's headers comes before the cache."""
    with app.app_context():
        cache = PageCache(app, db.engine)
    app.wsgi_app = cache  # type: ignore[method-assign]
    # Flask runs the first function last, so this one gets the answer as it goes out.
    app.after_request(cache.after)
    app.jinja_env.globals.update(card=card, drawn_once=drawn_once)
    app.extensions[_NAME] = cache


def close(app: Flask) -> None:
    """Let go of the database."""
    of(app).close()


def of(app: Flask) -> PageCache:
    """The cache in front of `app`."""
    found: PageCache = app.extensions[_NAME]
    return found


def _depends_on_country(path: str) -> bool:
    """Whether HQ's page depends on the reader's country. The same words may mean another place there, and each country
    has its own help lines.
    """
    return path in (*_SEARCHES, "/help")


def _readers_country(path: str, accepted: str) -> str:
    """The reader's country as far as the page depends on it. Countries without help lines share one page: it is on
    nobody's budget, so it must be drawn rarely.
    """
    country = language.country_of(accepted) if _depends_on_country(path) else ""
    return country if path != "/help" or help_lines.has(country) else ""


def _is_public_page(response: Response) -> bool:
    return (
        response.status_code == 200
        and response.mimetype in _KEPT_TYPES
        and security.audience() == "public"
        and "Set-Cookie" not in response.headers
        and not response.cache_control.no_store
    )


def _client_has(environ: "WSGIEnvironment", tag: str) -> bool:
    asked = environ.get("HTTP_IF_NONE_MATCH")
    return asked is not None and len(asked) <= MAX_ADDRESS and _tags(asked).contains_weak(tag)


@lru_cache(maxsize=64)
def _tags(header: str) -> ETags:
    return parse_etags(header)


@lru_cache(maxsize=256)
def _in_order(query: str) -> str:
    """The fields of a query by name, and fields of one name as they came. Bytes that are no text stay apart."""
    pairs = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
    return urlencode(sorted(pairs, key=itemgetter(0)), encoding="latin-1")
