"""waitress as it is, with each of its limits set on purpose, so that no stranger decides how long anybody waits.

waitress reads heads and bodies, and sends what is slowly read, in its own loop: only whole requests take a worker.
gunicorn's threads and cheroot's each wait for one peer, and four slow ones stop them. A worker of waitress, too, waits
for a peer, and without an end, where answers to requests that were sent in one go fill up a buffer. So few requests
are read at a time, a long answer is the last on its connection, and the buffer is larger than all of that.

Nothing here ends a connection that sends or reads one byte now and then: the web server in front does (its deadlines
stand in deploy/files/Caddyfile). Here such a connection costs a place among many, and no worker.
"""

import resource
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import waitress

from web import MAX_REQUEST

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_KB = 1024

#: Connections at a time. Idle ones cost about 5 KB each; waitress' own is 100, which one visitor opens in a second.
CONNECTIONS = 500
#: Seconds in which nothing came and nothing went; waitress' own is 120. Looked for as often as SWEEP_SECONDS.
IDLE_SECONDS = 20
SWEEP_SECONDS = 5
#: Seconds that a peer may leave what was sent to it unread (the kernel's TCP_USER_TIMEOUT).
UNREAD_SECONDS = 20
#: Bytes of a request's head; browsers send one or two thousand.
MAX_HEAD = 8 * _KB
#: Bytes of a request's body, and somewhat more than the application takes: it answers itself to what is a little too
#: long, in words that a lead can use, or with a problem document. What is far too long is refused unread.
MAX_BODY = MAX_REQUEST + 64 * _KB
#: Bytes read at a time, and so of requests that wait behind one another: some 130 of the shortest.
READ_BYTES = 4 * _KB
#: Bytes of an answer from which on it is the last on its connection.
LONG_ANSWER = 64 * _KB
#: Bytes of one answer that wait in memory for their reader; what is beyond waits in a file.
UNREAD_MEMORY = 128 * _KB
#: Bytes from which on a worker waits for a reader: 130 answers and one of the longest (a block of the feed, 8 MB)
#: are less, so that none ever does.
WORKER_WAITS = 24 * _KB * _KB
#: Descriptors: each connection, each long answer that waits, the database, other nodes.
DESCRIPTORS = 4 * CONNECTIONS


def create_server(app: "WSGIApplication", *, host: str, port: int, threads: int = 4, **adjustments: Any) -> Any:
    """As waitress.create_server; listens already. Raises OSError."""
    descriptors = _allow_descriptors()
    return waitress.create_server(
        _last_if_long(app),
        sockets=[_listening(host, port)],
        threads=threads,
        ident="runtalkrun",
        # Never so many that the process runs out of descriptors: accepting then fails, again and again.
        connection_limit=min(CONNECTIONS, descriptors // 3),
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=SWEEP_SECONDS,
        max_request_header_size=MAX_HEAD,
        max_request_body_size=MAX_BODY,
        # A body never waits in a file.
        inbuf_overflow=MAX_BODY + MAX_HEAD,
        recv_bytes=READ_BYTES,
        channel_request_lookahead=0,
        outbuf_overflow=UNREAD_MEMORY,
        outbuf_high_watermark=WORKER_WAITS,
        # A reader that hangs up is no news.
        log_socket_errors=False,
        # Not select: it takes no descriptor above 1023.
        asyncore_use_poll=True,
        **adjustments,
    )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    made = socket.create_server((host, port), family=family)
    # Connections take it over from here. Linux's; elsewhere IDLE_SECONDS alone sees to it.
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)
    return made


def _allow_descriptors() -> int:
    """How many this process may have; more than it began with, where the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


def _last_if_long(app: "WSGIApplication") -> "WSGIApplication":
    """Without its length an answer is sent in chunks, and waitress drops what was asked behind it (RFC 9112 §9.3.2)."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        is_long = False

        def begin(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal is_long
            is_long = environ["REQUEST_METHOD"] != "HEAD" and _length(headers) > LONG_ANSWER
            kept = [one for one in headers if one[0].lower() != "content-length"] if is_long else headers
            return start_response(status, kept, *error)

        body = app(environ, begin)
        return _in_parts(body) if is_long else body

    return answer


def _in_parts(body: Iterable[bytes]) -> Iterable[bytes]:
    """The same; nobody can tell how long it is."""
    try:
        yield from body
    finally:
        if hasattr(body, "close"):
            body.close()


def _length(headers: list[tuple[str, str]]) -> int:
    return next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
