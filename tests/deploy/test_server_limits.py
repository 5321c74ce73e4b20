"""What strangers cannot do to the server: connections that say nothing or half of it, or do not read."""

import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from deploy import long_answers, server
from deploy.listening import listening

from ..support.network import free_ports

LONG = b"x" * 1_000_000
SHORT = b"short"
#: As long as a block of the feed, and more than the system takes for a reader.
BLOCK = 8_000_000
STANDING = 150
PIPELINES, PIPELINED = 4, 60
UNREAD = 20
#: Two of them are more than waitress by itself would keep before a worker waits for the reader.
LONGEST = 18_000_000
began = threading.Semaphore(0)


def answers(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """A block is drawn anew for each who asks, and is another for each query."""
    block = (environ["QUERY_STRING"] or "x").encode() * BLOCK
    body = {"/long": LONG, "/longest": bytes(LONGEST), "/block": block}.get(environ["PATH_INFO"], SHORT)
    if body is not SHORT:
        began.release()
    start_response("200 OK", [("ETag", '"tag"'), ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def port() -> Iterator[int]:
    """Where a server with four workers listens. The system takes little of an answer for its reader."""
    port = free_ports(1)[0]
    sockets = listening("127.0.0.1", port)
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
    made = server.create_server(answers, sockets, threads=PIPELINES)
    serving = threading.Thread(target=made.run, daemon=True)
    serving.start()
    yield port
    made.close()
    serving.join(10)


def asking(path: str, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: a.example\r\n".encode()


def opened(stack: ExitStack, port: int) -> socket.socket:
    return stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), timeout=10)))


def unread(stack: ExitStack, port: int, path: str) -> socket.socket:
    """Who asks for something long, and does not read the answer, of which the first bytes have come."""
    line = stack.enter_context(closing(socket.socket()))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(10)
    line.connect(("127.0.0.1", port))
    line.sendall(asking(path) + b"Connection: close\r\n\r\n")
    while not line.recv(1000, socket.MSG_PEEK).partition(b"\r\n\r\n")[2]:
        pass
    return line


def body_of(line: socket.socket) -> bytes:
    """What comes after the head until the server hangs up."""
    return all_of(line).partition(b"\r\n\r\n")[2]


def all_of(line: socket.socket) -> bytes:
    """What comes until the server hangs up."""
    return b"".join(iter(lambda: line.recv(1 << 16), b""))


def gets_short(port: int) -> bool:
    with ExitStack() as stack:
        line = opened(stack, port)
        line.sendall(asking("/short") + b"Connection: close\r\n\r\n")
        return all_of(line).endswith(SHORT)


@pytest.mark.parametrize(
    "said",
    [b"", asking("/short"), asking("/short", "PUT") + b"Content-Length: 99\r\n\r\nx"],
    ids=["nothing", "half a head", "half a body"],
)
def test_connections_that_say_nothing_or_half_of_it_stop_nobody(port: int, said: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(STANDING):
            opened(stack, port).sendall(said)
        assert gets_short(port)


def test_who_asks_for_much_in_one_go_and_reads_nothing_holds_no_worker(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(PIPELINES):
            opened(stack, port).sendall((asking("/longest") + b"\r\n") * PIPELINED)
        assert all(began.acquire(timeout=10) for _ in range(PIPELINES))
        assert all(gets_short(port) for _ in range(2 * PIPELINES))


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_long_answers_that_were_asked_for_in_one_go_are_each_whole(port: int, version: bytes) -> None:
    kept, last = ((asking("/long") + b"Connection: %s\r\n\r\n" % how) for how in (b"keep-alive", b"close"))
    with ExitStack() as stack:
        line = opened(stack, port)
        line.sendall((kept * 2 + last).replace(b"1.1", version))
        sent = all_of(line)
    for _ in range(3):
        head, _, sent = sent.partition(b"\r\n\r\n")
        fields = head.split(b"\r\n")[1:]
        said = [one for one in fields if not one.startswith((b"Date", b"Server", b"Connection"))]
        assert sorted(said) == [b"Content-Encoding: gzip", b"Content-Length: 1000000", b'Etag: "tag"']
        assert sent.startswith(LONG)
        sent = sent[len(LONG) :]
    assert not sent


def test_long_answers_that_nobody_reads_wait_in_no_file(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with ExitStack() as stack:
        for _ in range(UNREAD):
            unread(stack, port, "/block")
        assert len(body_of(unread(stack, port, "/block"))) == BLOCK


def test_equal_answers_take_the_room_of_one_and_each_reader_gets_all(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_answers, "UNREAD_ROOM", BLOCK * 3 // 2)
    with ExitStack() as stack:
        lines = [unread(stack, port, "/block") for _ in range(UNREAD)]
        assert all(len(body_of(line)) == BLOCK for line in lines)


def test_where_unread_answers_need_too_much_room_who_began_first_is_hung_up_on(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_answers, "UNREAD_ROOM", BLOCK * 5 // 2)
    with ExitStack() as stack:
        lines = [unread(stack, port, f"/block?{letter}") for letter in "abcd"]
        assert [len(body_of(line)) == BLOCK for line in reversed(lines)] == [True, True, False, False]


def test_who_goes_on_reading_is_not_hung_up_on_for_who_does_not(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_answers, "UNREAD_ROOM", BLOCK * 5 // 2)
    with ExitStack() as stack:
        first, other = (unread(stack, port, f"/block?{letter}") for letter in "ab")
        came = 0
        while came < BLOCK // 2:
            came += len(first.recv(1 << 16))
        last = unread(stack, port, "/block?c")
        assert came + len(all_of(first)) > BLOCK
        assert len(body_of(last)) == BLOCK
        assert len(body_of(other)) < BLOCK


def test_a_reader_who_is_hung_up_on_is_no_news(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(long_answers, "UNREAD_ROOM", BLOCK)
    with ExitStack() as stack:
        first, last = (unread(stack, port, f"/block?{letter}") for letter in "ab")
        assert len(body_of(last)) == BLOCK
        assert len(body_of(first)) < BLOCK
    assert not caplog.records


#: Serves as `rtr serve` does; each query is a block of its own.
_SERVES_BLOCKS = f"""
import logging, sys
from deploy import memory
from deploy.listening import listening
from deploy.server import create_server

def app(environ, start_response):
    body = environ["QUERY_STRING"].encode() * {BLOCK // 2}
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

memory.keep_small()
logging.disable()
server = create_server(app, listening("127.0.0.1", int(sys.argv[1])))
print("serving", flush=True)
server.run()
"""


def test_many_different_answers_that_nobody_reads_take_little_more_memory_than_their_room() -> None:
    port = free_ports(1)[0]
    command = [sys.executable, "-c", _SERVES_BLOCKS, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, ExitStack() as stack:
        stack.callback(process.kill)
        assert process.stdout
        assert process.stdout.readline() == "serving\n"
        before = memory_of(process)
        # The first time that a large block is freed, malloc decides where it takes the next one from.
        for number in range(80, 100):
            unread(stack, port, f"/block?{number}").close()
        # Each on a connection of its own: one that is hung up on, because others needed the room, asks for no more.
        for number in range(10, 90):
            unread(stack, port, f"/block?{number}")
        assert memory_of(process) - before < 3 * long_answers.UNREAD_ROOM


def memory_of(process: subprocess.Popen[str]) -> int:
    """Bytes that it takes now."""
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    assert match
    return int(match[1]) * 1024


def test_the_head_of_a_long_answer_says_how_long_it_is(port: int) -> None:
    with ExitStack() as stack:
        line = opened(stack, port)
        line.sendall(asking("/long", "HEAD") + b"Connection: close\r\n\r\n")
        assert f"Content-Length: {len(LONG)}".encode() in all_of(line)


def test_short_answers_leave_the_connection_open(port: int) -> None:
    with ExitStack() as stack:
        line = opened(stack, port)
        line.sendall((asking("/short") + b"\r\n") * 20 + asking("/short") + b"Connection: close\r\n\r\n")
        assert all_of(line).count(SHORT + b"HTTP/1.1") == 20


def test_connections_never_take_the_last_descriptor(port: int) -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft >= 3 * server.CONNECTIONS


def test_a_process_that_may_open_few_files_accepts_fewer_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (300, 300))
    sockets = listening("127.0.0.1", 0)
    made = server.create_server(answers, sockets)
    assert made.adjustments.connection_limit == 100
    made.close()
    made.run()
