"""The only connections to other nodes. Whatever a peer does, each call ends in time and in bounds.

requests' own timeouts are per read: a peer that sends a byte a second holds them for ever. So one timer cuts the
connection for headers and body together, and bodies are unpacked here, piece by piece, up to a cap.
"""

import os
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from federation.encodings import Network, is_base_url

from ..errors import NodeError, Stopping
from . import deadlines, failures
from .addresses import is_permitted
from .connecting import NonePermitted, connect
from .failures import Failure

_GRACE = 0.2
#: Seconds between two looks at whether this node stops.
_LOOK_EVERY = 0.1
_PIECE = 65_536
_HTTPS_PORT = 443


class Unreachable(NodeError):
    """Another node did not answer in time, in bounds, or at a permitted address. `kind`: what was wrong, in a word."""

    def __init__(self, words: str, kind: Failure = "unreachable") -> None:
        super().__init__(words)
        self.kind = kind


class NotPermitted(Unreachable):
    """From here the node's name leads to `addresses` alone, and this node may connect to none of them."""

    def __init__(self, base_url: str, addresses: list[str]) -> None:
        super().__init__(f"{base_url} leads to {', '.join(addresses)}, which is not to be spoken to", "private-address")
        self.addresses = addresses


@dataclass(frozen=True)
class Answer:
    """An HTTP answer of another node.

    `body`: unpacked, at most the cap that was asked for. `etag`: without quotes. `media_type`: in lower case, without
    parameters. `certificate_until`: the end of the host's certificate. None without TLS.
    """

    status: int
    body: bytes
    etag: str = ""
    media_type: str = ""
    certificate_until: datetime | None = None


class Wire(Protocol):
    """How requests reach other nodes: `Outbound` on a real node, an in-process one in tests."""

    def send(
        self,
        method: str,
        base_url: str,
        path: str,
        *,
        cap: int,
        body: bytes | None = None,
        etag: str = "",
        deadline: float = deadlines.ANSWER,
    ) -> Answer:
        """Send one request to the node at `base_url`. `cap` in bytes, `deadline` in seconds. Raises Unreachable."""


class Outbound:
    """Guarded HTTP to other nodes: HTTPS on 443 (a loopback network: http on 127.0.0.1), no redirect, no proxy.

    `speaks_from`: the address of this machine that connections come from; None: the system chooses. Once `stopping` is
    set, each call raises Stopping.
    """

    def __init__(self, network: Network, speaks_from: str | None = None) -> None:
        self._network, self._speaks_from = network, speaks_from
        self.stopping = threading.Event()

    def send(
        self,
        method: str,
        base_url: str,
        path: str,
        *,
        cap: int,
        body: bytes | None = None,
        etag: str = "",
        deadline: float = deadlines.ANSWER,
    ) -> Answer:
        """See Wire."""
        if not is_base_url(base_url, self._network):
            raise Unreachable(f"{base_url} is no address of this network")
        headers = {"Accept-Encoding": "gzip", "User-Agent": "runtalkrun"}
        headers |= {"If-None-Match": f'"{etag}"'} if etag else {}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        guard = _Guard(self._network, deadline, self._speaks_from)
        answer: Future[Answer] = Future()
        ask = partial(_ask, base_url, guard, partial(_exchange, method, base_url + path, headers, body, cap, guard))
        threading.Thread(target=_fulfil, args=(answer, ask), name="outbound", daemon=True).start()
        # The timer can cut no look-up of a name, which has no socket yet: then the thread is left behind.
        if not self._is_done(answer, time.monotonic() + deadline + _GRACE):
            raise Unreachable(f"{base_url}: too slow", "too-slow")
        return answer.result()

    def _is_done(self, answer: "Future[Answer]", ends: float) -> bool:
        """Wait for `answer` until `ends`. Whether it came. Raises Stopping."""
        while True:
            if self.stopping.is_set():
                raise Stopping
            left = ends - time.monotonic()
            if wait([answer], timeout=max(min(left, _LOOK_EVERY), 0)).done or left <= 0:
                return answer.done()


def _fulfil(answer: "Future[Answer]", ask: Callable[[], Answer]) -> None:
    try:
        answer.set_result(ask())
    except Exception as error:
        answer.set_exception(error)


def _ask(base_url: str, guard: "_Guard", exchange: Callable[[requests.Session], Answer]) -> Answer:
    try:
        with requests.Session() as session, guard:
            session.trust_env = False
            session.mount(base_url, guard)
            return exchange(session)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, zlib.error, ValueError) as error:
        if guard.not_permitted:
            raise NotPermitted(base_url, guard.not_permitted) from error
        kind: Failure = "too-slow" if guard.is_over else failures.kind_of(error)
        raise Unreachable(f"{base_url}: {_short(error, guard)}", kind) from error


class _Guard(HTTPAdapter):
    """Connects to permitted addresses only, and cuts each connection when the deadline has passed."""

    def __init__(self, network: Network, deadline: float, speaks_from: str | None) -> None:
        super().__init__(max_retries=0)
        self._network = network
        self._source = (speaks_from, 0) if speaks_from else None
        self._ends = time.monotonic() + deadline
        self._handles: list[socket.socket] = []
        #: The addresses that the name led to, if none of them is permitted.
        self.not_permitted: list[str] = []
        self.certificate_until: datetime | None = None
        self._timer = threading.Timer(deadline, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Guard":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        while self._handles:
            self._handles.pop().close()

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self._ends

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """A pool whose connections ask this guard."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        kind = _CheckedHTTPS if pool.scheme == "https" else _CheckedHTTP
        pool.ConnectionCls = partial(kind, guard=self)
        return pool

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """A socket to the first permitted address that answers in time."""
        left = min(deadlines.CONNECT, self._ends - time.monotonic())
        options = connection.socket_options or ()
        try:
            found = connect(connection.host, connection.port, left, self._is_permitted, options, self._source)
        except NonePermitted as error:
            self.not_permitted = error.addresses
            raise
        return self._admit(found)

    def note_certificate(self, connection: Any) -> None:
        """Keep the end of the certificate that `connection`, a TLS socket, has checked."""
        end = (connection.getpeercert() or {}).get("notAfter")
        self.certificate_until = datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) if end else None

    def _is_permitted(self, address: str) -> bool:
        return is_permitted(address, self._network)

    def _admit(self, connected: socket.socket) -> socket.socket:
        """`connected`, if it reached a permitted address in time."""
        address, port = connected.getpeername()[:2]
        wrong_port = self._network == "internet" and port != _HTTPS_PORT
        if self.is_over or wrong_port or not self._is_permitted(address):
            connected.close()
            raise OSError(f"{address} is not to be spoken to")
        # TLS takes the socket object away, but shutdown on a copy of the descriptor reaches the connection.
        self._handles.append(socket.socket(fileno=os.dup(connected.fileno())))
        return connected

    def _cut(self) -> None:
        for handle in list(self._handles):
            try:
                handle.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _CheckedHTTP(HTTPConnection):
    def __init__(self, *args: Any, guard: _Guard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> socket.socket:
        return self._guard.connect(self)


class _CheckedHTTPS(HTTPSConnection):
    def __init__(self, *args: Any, guard: _Guard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> socket.socket:
        return self._guard.connect(self)

    def connect(self) -> None:
        super().connect()
        self._guard.note_certificate(self.sock)


def _exchange(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes | None,
    cap: int,
    guard: _Guard,
    session: requests.Session,
) -> Answer:
    with session.request(
        method,
        url,
        data=body,
        headers=headers,
        stream=True,
        allow_redirects=False,
        timeout=(deadlines.CONNECT, deadlines.ANSWER),
    ) as response:
        content = _read(response, cap)
        if guard.is_over:
            raise OSError("too slow")
        head = response.headers
        media_type = head.get("Content-Type", "").partition(";")[0].strip().lower()
        etag = head.get("ETag", "").strip('"')
        return Answer(response.status_code, content, etag, media_type, guard.certificate_until)


def _read(response: requests.Response, cap: int) -> bytes:
    """The unpacked body. It is refused beyond `cap` bytes, before it is whole in memory."""
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise ValueError(f"content encoding {encoding!r}")
    unpack = zlib.decompressobj(31) if encoding == "gzip" else None
    content = bytearray()
    while piece := response.raw.read(_PIECE, decode_content=False):
        room = cap + 1 - len(content)
        content += unpack.decompress(piece, room) if unpack else piece[:room]
        if len(content) > cap:
            raise ValueError(f"over {cap} bytes")
    if unpack and content and not unpack.eof:
        raise ValueError("the body was cut short")
    return bytes(content)


def _short(error: Exception, guard: _Guard) -> str:
    return "too slow" if guard.is_over else f"{type(error).__name__}: {str(error)[:200]}"
