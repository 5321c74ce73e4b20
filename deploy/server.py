"""waitress, which here sends kept pages from its own loop, and ends no connection for want of a length.

waitress gives each request to a thread, which wakes the loop again when it has answered: for a page that lies ready
that is three quarters of the work. So the loop asks first whether one does; whatever must be drawn, read or written
goes to a thread as ever. A slow reader holds nobody up: what the socket does not take waits in the loop's buffers.
"""

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import MultiSocketServer, TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import build_http_date

from web.page_cache import AtOnce

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


#: Bytes of a request's head; browsers send one or two thousand. The loop reads it, before anybody's budget is asked.
MAX_HEAD = 8 * 1024


class Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """A request that a thread answers."""

    def set_close_on_finish(self) -> None:
        """Not for want of the length of an answer that has no body: the head is all of it (RFC 9112 §6.3)."""
        if self.has_body or self.version != "1.1" or self.request.connection_close:
            super().set_close_on_finish()


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    task_class = Task

    def answered_at_once(self) -> bool:
        """Whether the next request in the queue has been answered, and is gone. The caller holds `requests_lock`."""
        # While something waits to be sent no more is added: what a reader does not read stays one answer long.
        if self.total_outbufs_len or not self.connected or not _may_be_ready(self.requests[0]):
            return False
        try:
            answer = self.server.answer_at_once(self.task_class(self, self.requests[0]).get_environment())
        except Exception:  # whatever it is: a thread meets it again, and answers for it
            return False
        if answer is None:
            return False
        self.write_soon(answer)
        # The next one in another buffer, as waitress itself does it: used again and again, one only grows.
        self.current_outbuf_count = self.adj.outbuf_high_watermark
        self.requests.pop(0)
        return True


class Server(TcpWSGIServer):  # type: ignore[misc]
    """One listening socket. `at_once` is asked in the loop, before a thread is."""

    channel_class = Channel

    def __init__(self, app: "WSGIApplication", at_once: AtOnce, **options: Any) -> None:
        self._at_once = at_once
        super().__init__(app, **options)

    def add_task(self, channel: Channel) -> None:
        """Called for each new request at the head of a channel's queue, by who holds the channel's `requests_lock`."""
        while channel.requests and channel.answered_at_once():
            pass
        if channel.requests:
            super().add_task(channel)

    def answer_at_once(self, environ: "WSGIEnvironment") -> bytes | None:
        """The whole answer as it goes over the wire, if it lies ready."""
        answer = self._at_once(environ, None)
        if answer is None:
            return None
        status, headers, body = answer
        return b"%b%b\r\n\r\n%b" % (_head(status, headers, self.adj.ident), _date(int(time.time())), body)


def create_server(app: "WSGIApplication", at_once: AtOnce, **adjustments: Any) -> Any:
    """As waitress.create_server; listens already. Raises OSError."""
    # Not select: that takes 4 us a request more, and no descriptor above 1023.
    adj = Adjustments(asyncore_use_poll=True, max_request_header_size=MAX_HEAD, **adjustments)
    dispatcher = ThreadedTaskDispatcher()
    sockets: dict[int, object] = {}
    servers = [
        Server(app, at_once, map=sockets, dispatcher=dispatcher, adj=adj, sockinfo=sockinfo) for sockinfo in adj.listen
    ]
    dispatcher.set_thread_count(adj.threads)
    if len(servers) == 1:
        return servers[0]
    listening = [(one.effective_host, one.effective_port) for one in servers]
    return MultiSocketServer(sockets, adj, listening, dispatcher)


def _may_be_ready(request: Any) -> bool:
    """Whether it only asks, and asks for nothing that a thread sees to: an error's page, a body, an end."""
    return (
        request.error is None
        and request.command in ("GET", "HEAD")
        and request.version == "1.1"
        and request.body_rcv is None
        and not (request.expect_continue or request.connection_close)
    )


@lru_cache(maxsize=128)
def _head(status: str, headers: tuple[tuple[str, str], ...], ident: str) -> bytes:
    """All of it but the time; the same headers come again and again."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status}\r\n{fields}Server: {ident}\r\nDate: ".encode("latin-1")


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return str(build_http_date(second)).encode()
