"""The protocol's endpoints. Stored bytes go out as they came; each document that comes in is judged by itself (§11)."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

import msgspec
from flask import Blueprint, Flask, Response, current_app, jsonify, request

from federation import BASE_PATH
from federation.envelope import MAX_ENVELOPE
from federation.errors import Malformed, NotActive, Older, TooLarge
from federation.strict_json import parse
from node.directory import feed, serving
from node.errors import NotHeld
from node.hq import admissions
from node.sync import intake, lookout

from .context import node_of, now, session, settings
from .http import compression
from .http.limits import Budget

bp = Blueprint("exchange", __name__, url_prefix=BASE_PATH)

# Reading is cheap. A block of the feed is much to send, and takes 40 ms to pack the first time. A document takes a
# signature check and a write, 5 to 100 ms. A request to be let in, or to look at a host, makes this node fetch.
_reading = Budget("exchange-reading", 1200, 4000)
_following = Budget("exchange-following", 240, 3000)
_handing_in = Budget("exchange-handing-in", 240, 600)
_asking = Budget("exchange-asking", 10, 1000)
_looking = Budget("exchange-looking", 10, 1000)

#: Documents that are taken in at a time: there are few threads.
AT_ONCE = 2
_SLOTS = "handing_in"
_DOOR, _LOOKOUT = "door", "lookout"

_FOREVER = "public, max-age=31536000, immutable"
_MAX_ASK = MAX_ENVELOPE + 4096


class Full(Exception):
    """This node takes in as many documents as it does at a time. Trying again in a moment helps."""

    code = "busy"


class WrongContentType(Exception):
    """A body that is not `application/json`."""

    code = "wrong-content-type"


class Ask(msgspec.Struct, frozen=True):
    """The body of an admission: an invitation's secret, and the chapter's root version 1 as text."""

    secret: str
    root: str


@bp.get("/hq/<hq_id>/root/<int:version>")
@_reading
def hq_root(hq_id: str, version: int) -> Response:
    """One of HQ's roots."""
    row = serving.hq_root(session(), hq_id, version)
    return _stored(row.envelope, row.digest, _FOREVER)


@bp.get("/hq/<hq_id>/registry")
@_reading
def registry(hq_id: str) -> Response:
    """The adopted registry."""
    row = serving.held_registry(session(), hq_id)
    return _stored(row.envelope, row.digest, "public, max-age=300")


@bp.get("/hq/<hq_id>/bins/<digest>")
@_reading
def registry_bin(hq_id: str, digest: str) -> Response:
    """A bin of one of the last two registries."""
    return _stored(serving.bin_bytes(session(), hq_id, digest), digest, _FOREVER)


@bp.get("/chapters/<chapter>/root/<int:version>")
@_reading
def chapter_root(chapter: str, version: int) -> Response:
    """One of a chapter's roots."""
    row = serving.chapter_root(session(), chapter, version)
    return _stored(row.envelope, row.digest, _FOREVER)


@bp.put("/chapters/<chapter>/root/<int:version>")
@_handing_in
def put_chapter_root(chapter: str, version: int) -> Response:
    """The next root of a chapter, from anybody who has it."""
    body = _body(MAX_ENVELOPE)
    with _one_of_few():
        is_new = intake.put_root(session(), settings(), chapter, version, body, now())
    return Response(status=201 if is_new else 200)


@bp.get("/documents/<chapter>")
@_reading
def document(chapter: str) -> Response:
    """A chapter's newest document as held here."""
    row = serving.document(session(), chapter, now())
    return _stored(row.envelope or b"", row.digest or "", "no-cache")


@bp.put("/documents/<chapter>")
@_handing_in
def put_document(chapter: str) -> Response:
    """A chapter's document, from anybody who has it. Never makes this node fetch anything."""
    body = _body(MAX_ENVELOPE)
    try:
        with _one_of_few():
            received = intake.put_document(session(), settings(), chapter, body, now())
    except Older as older:
        return _held_instead(chapter, older)
    if received.outcome == "tied":
        return _held_instead(chapter, Older("another payload of the same version is held"))
    answer = Response(status=200 if received.outcome == "same" else 201 if received.first else 204)
    # The sender counts who has the document: any other server's "200 OK" does not name it.
    answer.set_etag(received.digest)
    return answer


@bp.get("/changes")
@_following
def changes() -> Response:
    """One block of the feed. A full one never changes its end, so it may be cached."""
    page = feed.changes(session(), request.args.get("after"), now())
    cache = "public, max-age=3600" if page.full else "no-cache"
    is_packed = compression.takes_gzip(request.headers.get("Accept-Encoding", ""))
    body = page.packed if is_packed else gzip.decompress(page.packed)
    response = _stored(body, page.etag, cache, "application/x-ndjson")
    if is_packed and response.status_code == 200:
        compression.say_packed(response)
    return response


@bp.get("/status")
@_reading
def status() -> Response:
    """What this node is and holds."""
    response = jsonify(serving.status(session(), now()))
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.post("/chapters/<author>/look")
@_looking
def look(author: str) -> Response:
    """Look at a chapter's own host for it, as visitors see it. The address is that of its held root."""
    found: lookout.Lookout = current_app.extensions[_LOOKOUT]
    response = Response(msgspec.json.encode(found.look(session(), author)), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/admissions")
@_asking
def ask_admission() -> tuple[Response, int]:
    """HQ only: a chapter asks to be let in."""
    if not settings().is_hq:
        raise NotActive("this node is no HQ: ask the one that the invitation names")
    ask = _read_ask(_body(_MAX_ASK))
    answer = _door().ask(session(), ask.secret, ask.root.encode())
    return jsonify(status=answer), 200 if answer == "admitted" else 202


@contextmanager
def _one_of_few() -> Iterator[None]:
    """Take in few documents at a time: each may wait for the write lock, and threads must be left for pages.

    The body has been read before, so that nobody holds a slot by sending slowly. Raises Full.
    """
    slots: BoundedSemaphore = current_app.extensions[_SLOTS]
    if not slots.acquire(blocking=False):
        raise Full("too many documents are handed in at once: try again in a second")
    try:
        yield
    finally:
        slots.release()


def start(app: Flask) -> None:
    """Give the application its own slots, its own door and its own lookout."""
    app.extensions[_SLOTS] = BoundedSemaphore(AT_ONCE)
    app.extensions[_DOOR] = admissions.Door(node_of(app))
    app.extensions[_LOOKOUT] = lookout.Lookout(node_of(app))


def _door() -> admissions.Door:
    found: admissions.Door = current_app.extensions[_DOOR]
    return found


def _body(cap: int) -> bytes:
    if request.mimetype != "application/json":
        raise WrongContentType
    if (request.content_length or 0) > cap:
        raise TooLarge(f"over {cap} bytes")
    return request.get_data(cache=False)


def _read_ask(body: bytes) -> Ask:
    try:
        return msgspec.convert(parse(body, cap=_MAX_ASK, sealed="root"), Ask)
    except msgspec.ValidationError as error:
        raise Malformed("an admission has a secret and a root, both text") from error


def _held_instead(chapter: str, refusal: Older) -> Response:
    """409 with the held envelope, so that the sender learns what it lacks; the bare refusal if only a floor is left."""
    try:
        row = serving.document(session(), chapter, now())
    except NotHeld:
        raise refusal from None
    return Response(row.envelope, status=409, mimetype="application/json")


def _stored(body: bytes, digest: str, cache: str, mimetype: str = "application/json") -> Response:
    response = Response(body, mimetype=mimetype, headers={"Cache-Control": cache})
    response.set_etag(digest)
    response.make_conditional(request)
    return response
