"""The search page over HTTP: drawn, kept and unchanged, against a bare page on the same server."""

import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path

from ..support.processes import free_port_base, wait_until
from .nodes import served
from .table import Row

_ROUNDS = 9
_REQUESTS = 250
#: Enough that nobody's budget of 120 a minute is met.
_VISITORS = 250
_PATH = "/runs?near=London"
_WISHES = "kind=run-walk&with=toilets&with=lit&day=TH&day=FR&day=SA&day=SU&day=MO&day=TU&day=WE"
#: With three runs each, 30,000.
_CHAPTERS = 10_000
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)")
_TAG = re.compile(rb"\r\n(?:ETag|Etag): (\S+)")
Ask = Callable[[], bytes]


class Client:
    """One reader's connection, kept alive; as little work as can be, so that the server is what is measured."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._visitors = cycle(range(_VISITORS))
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str, headers: str = "") -> bytes:
        """The head of the answer, read to its end."""
        visitor = f"203.0.113.{next(self._visitors)}"
        lines = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nX-Forwarded-For: {visitor}\r\n{headers}\r\n"
        self._socket.sendall(lines.encode())
        answer = bytearray()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._socket.recv(65536)
        head = bytes(answer[:end])
        left = _length(head) - (len(answer) - end - 4)
        while left > 0:
            left -= len(self._socket.recv(65536))
        if b"Connection: close" in head:
            self.close()
            self._connect()
        return head

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def measure() -> list[Row]:
    """Requests a second, one at a time on one connection: medians of rounds that take turns."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        node = stack.enter_context(served(Path(folder), _CHAPTERS))
        ours = stack.enter_context(closing(Client(node.port)))
        size = _length(ours.get(_PATH))
        floors = {"bare": ("page", _BARE), "constant": ("constant", _BARE), "of its size": ("page", size)}
        clients = {name: stack.enter_context(closing(stack.enter_context(_bare(*how)))) for name, how in floors.items()}
        asks = _questions(ours) | {name: partial(client.get, "/") for name, client in clients.items()}
        speeds = {name: statistics.median(each) for name, each in _in_turn(asks).items()}
    return _rows(speeds, size)


#: Bytes of HTML.
_BARE = 20_000
_GZIP = "Accept-Encoding: gzip\r\n"


def _questions(ours: Client) -> dict[str, Ask]:
    numbers = iter(range(1_000_000))
    tag = _tag(ours.get(_PATH, _GZIP))

    def unchanged() -> bytes:
        nonlocal tag
        head = ours.get(_PATH, f"{_GZIP}If-None-Match: {tag}\r\n")
        # With the minute the page's ages change.
        tag = _tag(head)
        return head

    return {
        # A query that no page was kept for; the page itself is the same.
        "drawn": lambda: ours.get(f"{_PATH}&n={next(numbers)}", _GZIP),
        "filtered": lambda: ours.get(f"{_PATH}&{_WISHES}&n={next(numbers)}", _GZIP),
        "kept": lambda: ours.get(_PATH, _GZIP),
        "unchanged": unchanged,
    }


def _in_turn(asks: dict[str, Ask]) -> dict[str, list[float]]:
    speeds: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(_ROUNDS):
        for name, ask in asks.items():
            assert ask().startswith((b"HTTP/1.1 200", b"HTTP/1.1 304"))
            began = time.perf_counter()
            for _ in range(_REQUESTS):
                ask()
            speeds[name].append(_REQUESTS / (time.perf_counter() - began))
    return speeds


def _rows(speeds: dict[str, float], size: int) -> list[Row]:
    def row(what: str, name: str, goal: float) -> Row:
        ratio = speeds[name] / speeds["bare"]
        floor = f"{speeds['bare']:,.0f}/s bare Flask + Jinja, 20 KB"
        return Row(what, f"{speeds[name]:,.0f}/s", floor, ratio, f">= {goal:g}x", ratio >= goal)

    def beside(what: str, name: str) -> Row:
        floor = f"{speeds['of its size']:,.0f}/s bare page of its size"
        return Row(what, f"{speeds[name]:,.0f}/s", floor, speeds[name] / speeds["of its size"])

    kb = f"{size / 1000:.0f} KB"
    most = speeds["constant"] / speeds["bare"]
    return [
        # With a map and the numbers of filters on it, 0.4 of a bare page is what is asked for.
        row(f"search page of {kb}, drawn, 30,000 listings", "drawn", 0.4),
        row(f"search page of {kb}, drawn, with filters", "filtered", 0.4),
        row(f"search page of {kb}, kept", "kept", 3),
        # waitress ends the connection after every answer without a length, and gives a 304 none.
        row(f"search page of {kb}, unchanged (304)", "unchanged", 2),
        beside("(drawn, beside a bare page of its size)", "drawn"),
        beside("(kept, beside a bare page of its size)", "kept"),
        Row("(the server with a constant answer of 20 KB)", f"{speeds['constant']:,.0f}/s", ratio=most),
    ]


@contextmanager
def _bare(kind: str, size: int) -> Iterator[Client]:
    port = free_port_base()
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.servers.bare", kind, str(port), str(size)])
    try:
        wait_until(lambda: _listens(port), f"the bare {kind}")
        yield Client(port)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _tag(head: bytes) -> str:
    found = _TAG.search(head)
    return found[1].decode() if found else ""


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0
