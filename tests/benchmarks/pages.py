"""The search page over HTTP, drawn, kept and unchanged, against a bare page on the same server; and first visits.

What a page costs is the processor time of the process that serves it, so that other work on the machine makes these
figures late, and hardly wrong. Every ratio is the median of the rounds, in which all pages take turns.
"""

import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Request

from ..support.browser import chromium
from ..support.browser import page as phone
from ..support.processes import free_port_base, wait_until
from .nodes import Served, served
from .table import Row

_ROUNDS, _REQUESTS = 15, 40
#: Enough that nobody's budget of 120 a minute is met.
_VISITORS = 250
_PATH = "/runs?near=London"
_FILTERS = "kind=run-walk&with=toilets&with=lit"
_ELSEWHERE = "/runs?near=Leeds&when=week"
#: With three runs each, 30,000.
_CHAPTERS = 10_000
#: Bytes of HTML.
_BARE = 20_000
_GZIP = "Accept-Encoding: gzip\r\n"
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)")
_TAG = re.compile(rb"\r\n(?:ETag|Etag): (\S+)")


class Question(NamedTuple):
    """What is asked again and again, and the process that answers."""

    process: int
    ask: Callable[[], bytes]
    #: What another process does before each time.
    before: Callable[[], object] = bool


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
        """The head of the answer, read to its end. A server ends a connection that waited too long for its turn."""
        try:
            return self._get(path, headers)
        except ConnectionError:
            self.close()
            self._connect()
            return self._get(path, headers)

    def _get(self, path: str, headers: str) -> bytes:
        visitor = f"203.0.113.{next(self._visitors)}"
        lines = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nX-Forwarded-For: {visitor}\r\n{headers}\r\n"
        self._socket.sendall(lines.encode())
        answer = bytearray()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._received()
        head = bytes(answer[:end])
        left = _length(head) - (len(answer) - end - 4)
        while left > 0:
            left -= len(self._received())
        if b"Connection: close" in head:
            self.close()
            self._connect()
        return head

    def _received(self) -> bytes:
        """Some bytes. Nothing comes for ever, and at once, from a server that has hung up."""
        if not (some := self._socket.recv(65536)):
            raise ConnectionError("the server hung up")
        return some

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def measure() -> list[Row]:
    """A row for each way in which a page comes, and for each page that may be the first one."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        node = stack.enter_context(served(Path(folder), _CHAPTERS))
        ours = stack.enter_context(closing(Client(node.port)))
        size = _length(ours.get(_PATH))
        bare = {"bare": ("page", _BARE), "constant": ("constant", _BARE), "of its size": ("page", size)}
        floors = {name: stack.enter_context(_bare(*how)) for name, how in bare.items()}
        spent = _in_turn(_questions(node, ours) | floors)
        return [*_rows(spent, size), *_first_visits(node.url)]


def _questions(node: Served, ours: Client) -> dict[str, Question]:
    numbers = iter(range(1_000_000))
    tag = _tag(ours.get(_PATH, _GZIP))

    def unchanged() -> bytes:
        nonlocal tag
        head = ours.get(_PATH, f"{_GZIP}If-None-Match: {tag}\r\n")
        # With the minute the page's ages change.
        tag = _tag(head)
        return head

    def drawn(path: str) -> Callable[[], bytes]:
        # A query that no page was kept for; the page itself is the same.
        return lambda: ours.get(f"{path}&n={next(numbers)}", _GZIP)

    def forget() -> None:
        with closing(sqlite3.connect(node.settings.database)) as database, database:
            database.execute("UPDATE revision SET number = number + 1")

    asked = {
        "drawn": Question(node.process.pid, drawn(_PATH)),
        "filtered": Question(node.process.pid, drawn(f"{_PATH}&{_FILTERS}")),
        "elsewhere": Question(node.process.pid, drawn(_ELSEWHERE)),
        "first": Question(node.process.pid, drawn(_PATH), forget),
        "first filtered": Question(node.process.pid, drawn(f"{_PATH}&{_FILTERS}"), forget),
    }
    return asked | {
        "kept": Question(node.process.pid, lambda: ours.get(_PATH, _GZIP)),
        "unchanged": Question(node.process.pid, unchanged),
    }


def _in_turn(questions: dict[str, Question]) -> dict[str, list[float]]:
    """Milliseconds of an answer, by round."""
    spent: dict[str, list[float]] = {name: [] for name in questions}
    for _ in range(_ROUNDS):
        for name, question in questions.items():
            assert question.ask().startswith((b"HTTP/1.1 200", b"HTTP/1.1 304"))
            began = _processor_time(question.process)
            for _ in range(_REQUESTS):
                question.before()
                question.ask()
            spent[name].append((_processor_time(question.process) - began) * 1e3 / _REQUESTS)
    return spent


def _processor_time(process: int) -> float:
    """Seconds: the clock of another process, by the number that clock_getcpuclockid(3) gives it on Linux."""
    return time.clock_gettime(~process << 3 | 2)


def _rows(spent: dict[str, list[float]], size: int) -> list[Row]:
    def row(what: str, name: str, goal: float = 0, floor: str = "bare") -> Row:
        ratio = statistics.median(least / own for own, least in zip(spent[name], spent[floor], strict=True))
        held = f"{_ms(spent[floor])} bare Flask + Jinja, {(_BARE if floor == 'bare' else size) / 1000:.0f} KB"
        met = ratio >= goal if goal else None
        return Row(what, _ms(spent[name]), held, ratio, f">= {goal:g}x" if goal else "", met)

    page = f"search page of {size / 1000:.0f} KB"
    return [
        # 0.4 of a bare page is what is asked for. A page whose search and map cost nothing has 0.25: 28 KB of 24 cards,
        # a form and a map are a template of 1.7 ms, and the way through Flask, gzip and the ETag takes 1.1.
        row(f"{page}, drawn, 30,000 listings", "drawn", 0.4),
        row(f"{page}, drawn, three filters", "filtered", 0.4),
        row("search page of a week where no run is, drawn", "elsewhere", 0.4),
        row(f"{page}, the first of its minute", "first"),
        row(f"{page}, its first, three filters", "first filtered"),
        row(f"{page}, kept", "kept", 3),
        row(f"{page}, unchanged (304)", "unchanged", 2),
        row("(drawn, beside a bare page of its size)", "drawn", floor="of its size"),
        row("(a bare page of its size)", "of its size"),
        row("(the server with a constant answer of 20 KB)", "constant"),
    ]


def _ms(spent: list[float]) -> str:
    return f"{statistics.median(spent):.2f} ms"


def _first_visits(url: str) -> list[Row]:
    """Bytes over the wire, with headers, until a browser that was never there has all that the page asks for."""
    with chromium() as browser:
        search, run = _first_visit(browser, url + _PATH)
        home, _ = _first_visit(browser, f"{url}/")
        of_run, _ = _first_visit(browser, url + run)
    return [_visit("home", home), _visit("a search", search), _visit("a run", of_run)]


def _first_visit(browser: Browser, url: str) -> tuple[list[int], str]:
    """The bytes of each answer, and the address of the first run on the page."""
    sizes: list[int] = []

    def loaded(request: Request) -> None:
        size = request.sizes()
        sizes.append(size["responseBodySize"] + size["responseHeadersSize"])

    with phone(browser) as opened:
        opened.on("requestfinished", loaded)
        opened.goto(url, wait_until="networkidle")
        runs = opened.locator("a.u-url")
        return sizes, (runs.first.get_attribute("href") or "") if runs.count() else ""


def _visit(what: str, sizes: list[int]) -> Row:
    size = sum(sizes)
    figure = f"{size / 1000:.1f} KB in {len(sizes)} answers"
    return Row(f"first visit: {what}", figure, goal="<= 60 KB", met=size <= 60_000)


@contextmanager
def _bare(kind: str, size: int) -> Iterator[Question]:
    port = free_port_base()
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.servers.bare", kind, str(port), str(size)])
    try:
        wait_until(lambda: _listens(port), f"the bare {kind}")
        with closing(Client(port)) as client:
            yield Question(process.pid, lambda: client.get("/"))
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
