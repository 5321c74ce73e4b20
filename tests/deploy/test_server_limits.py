"""What strangers cannot do to the server: connections that say nothing or half of it, or do not read."""

import resource
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from deploy import channels, server

from ..support.network import free_ports

LONG = b"x" * 1_000_000
SHORT = b"short"
#: As long as a block of the feed, and more than the system takes for a reader.
BLOCK = 8_000_000
STANDING = 150
PIPELINES, PIPELINED = 4, 60
UNREAD = 20
#: Two of them are more than what waits for a reader before a worker does.
LONGEST = server.WORKER_WAITS * 3 // 4
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
    """Where a server with four workers listens."""
    port = free_ports(1)[0]
    made = server.create_server(answers, server.listening("127.0.0.1", port), threads=PIPELINES)
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
    line.sendall(asking(path) + b"\r\n")
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
def test_a_long_answer_is_whole_and_the_last_on_its_connection(port: int, version: bytes) -> None:
    asked = asking("/long").replace(b"1.1", version) + b"Connection: keep-alive\r\n\r\n"
    with ExitStack() as stack:
        line = opened(stack, port)
        line.sendall(asked * 3)
        head, _, sent = all_of(line).partition(b"\r\n\r\n")
    fields = [field for field in head.split(b"\r\n")[1:] if not field.startswith((b"Date", b"Server"))]
    said = [b"Connection: close", b"Content-Encoding: gzip", b"Content-Length: 1000000", b'Etag: "tag"']
    assert sorted(fields) == said
    assert sent == LONG


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
    monkeypatch.setattr(channels, "UNREAD_ROOM", BLOCK * 3 // 2)
    with ExitStack() as stack:
        lines = [unread(stack, port, "/block") for _ in range(UNREAD)]
        assert all(len(body_of(line)) == BLOCK for line in lines)


def test_where_unread_answers_need_too_much_room_who_began_first_is_hung_up_on(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "UNREAD_ROOM", BLOCK * 5 // 2)
    with ExitStack() as stack:
        lines = [unread(stack, port, f"/block?{letter}") for letter in "abcd"]
        assert [len(body_of(line)) == BLOCK for line in reversed(lines)] == [True, True, False, False]


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
    sockets = server.listening("127.0.0.1", 0)
    made = server.create_server(answers, sockets)
    assert made.adjustments.connection_limit == 100
    made.close()
    made.run()
