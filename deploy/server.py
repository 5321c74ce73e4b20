"""waitress as it is, with each of its limits set on purpose, so that no stranger decides how long anybody waits.

waitress reads heads and bodies, and sends what is slowly read, in its own loop: only whole requests take a worker.
gunicorn's threads and cheroot's each wait for one peer, and four slow ones stop them. A worker of waitress, too, waits
for a peer, and without an end, where unread answers fill up a buffer: 16 MB by its own setting. Here the buffer has no
end. What can lie in it is bounded: few requests are read at a time, and long answers wait elsewhere
(deploy.long_answers).

Nothing here ends a connection that sends or reads one byte now and then: the web server in front does (its deadlines
stand in deploy/files/Caddyfile). Here such a connection costs a place among many, and no worker.
"""

import resource
import select
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from web import MAX_REQUEST

from .long_answers import LongAnswers
from .long_bodies import Channel

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_KB = 1024

#: Connections at a time. Idle ones cost about 5 KB each; waitress' own is 100, which one visitor opens in a second.
CONNECTIONS = 500
#: Seconds in which nothing came and nothing went; waitress' own is 120. Looked for as often as SWEEP_SECONDS.
IDLE_SECONDS = 20
SWEEP_SECONDS = 5
#: Bytes of a request's head; browsers send one or two thousand.
MAX_HEAD = 8 * _KB
#: Bytes of a request's body, and somewhat more than the application takes: it answers itself to what is a little too
#: long, in words that a lead can use, or with a problem document. What is far too long is refused unread. Photos may be
#: longer (deploy.long_bodies).
MAX_BODY = MAX_REQUEST + 64 * _KB
#: Bytes read at a time, and so of requests that wait behind one another: some 130 of the shortest.
READ_BYTES = 4 * _KB
#: Descriptors: each connection, the database, other nodes.
DESCRIPTORS = 4 * CONNECTIONS
#: Seconds in which workers that have nothing to do end.
_MOMENT = 0.5
_NEVER = sys.maxsize


class _Connection(Channel):
    """One connection. Once the node ends it says with each answer that it takes no further request.

    A proxy keeps connections for its next requests. One that is closed in the moment in which it sends a lead's tap
    loses the tap, since the proxy cannot know whether it was carried out.
    """

    def service(self) -> None:
        """Answer the first request that waits."""
        if self.server.is_ending and len(self.requests) == 1:
            self.requests[0].headers["CONNECTION"] = "close"
        super().service()


class Server:
    """waitress behind all of its sockets, and how it ends."""

    def __init__(self, app: "WSGIApplication", sockets: list[socket.socket], adjustments: dict[str, Any]) -> None:
        #: The loop's: whatever it looks at. The loop ends when nothing is left.
        self._map: dict[int, Any] = {}
        self._waitress = waitress.create_server(LongAnswers(app), map=self._map, sockets=sockets, **adjustments)
        self._doors = [one for one in self._map.values() if isinstance(one, BaseWSGIServer)]
        for door in self._doors:
            door.channel_class, door.is_ending = _Connection, False
        self.adjustments = self._waitress.adj

    def run(self) -> None:
        """Until `close`. Workers are not waited for: deploy.stopping has done so."""
        self._waitress.run()
        self._waitress.task_dispatcher.shutdown(timeout=_MOMENT)

    def let_nobody_in(self) -> None:
        """Whoever knocks already comes in, and open connections stay."""
        for door in self._doors:
            self._in_loop(partial(_shut, door))

    def is_busy(self) -> bool:
        """Whether somebody may still come in, a request is being read or answered, or part of an answer is not sent."""
        here = self._map.copy().values()
        channels = [one for one in here if isinstance(one, HTTPChannel)]
        is_open = any(isinstance(one, BaseWSGIServer) for one in here)
        return is_open or any(one.request or one.requests or one.total_outbufs_len for one in channels)

    def close(self) -> None:
        """Hang up on everybody; then `run` ends. In any thread, but not in a signal's handler, which may deadlock.

        An exception raised in a handler is no way to end the loop: in some of its places waitress catches every one.
        """
        if self._map:
            self._in_loop(partial(wasyncore.close_all, self._map, ignore_all=True))

    def _in_loop(self, act: Callable[[], object]) -> None:
        """Soon; the loop may be waiting for the very sockets that are to be closed."""
        trigger = self._doors[0].trigger
        # Under its lock: else the loop, awake for another reason, may carry `act` out and close the trigger before this
        # thread has pulled it.
        with trigger.lock:
            trigger.thunks.append(act)
            trigger.pull_trigger()


def _shut(door: BaseWSGIServer) -> None:
    door.is_ending = True
    # The system has connections ready that were not taken yet, and would hang up on them together with the door.
    knocking = select.poll()
    knocking.register(door.socket, select.POLLIN)
    for _ in range(CONNECTIONS):
        if not knocking.poll(0):
            break
        door.handle_accept()
    # Not the door's own close, which shuts the loop's ear to workers, too.
    wasyncore.dispatcher.close(door)


def create_server(
    app: "WSGIApplication", sockets: list[socket.socket], *, threads: int = 4, **adjustments: Any
) -> Server:
    """One that answers to `sockets`, which are listening (deploy.listening)."""
    limits = {
        "threads": threads,
        "ident": "runtalkrun",
        # Never so many that the process runs out of descriptors: accepting then fails, again and again.
        "connection_limit": min(CONNECTIONS, _allow_descriptors() // 3),
        "channel_timeout": IDLE_SECONDS,
        "cleanup_interval": SWEEP_SECONDS,
        "max_request_header_size": MAX_HEAD,
        "max_request_body_size": MAX_BODY,
        # Nothing ever waits in a file: neither a body nor an answer.
        "inbuf_overflow": MAX_BODY + MAX_HEAD,
        "outbuf_overflow": _NEVER,
        "recv_bytes": READ_BYTES,
        "channel_request_lookahead": 0,
        "outbuf_high_watermark": _NEVER,
        # A reader that hangs up is no news.
        "log_socket_errors": False,
        # Not select: it takes no descriptor above 1023.
        "asyncore_use_poll": True,
    }
    return Server(app, sockets, limits | adjustments)


def _allow_descriptors() -> int:
    """How many this process may have; more than it began with, where the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
