"""What strangers cannot do to the server: connections that say nothing or half of it, or do not read."""

import resource
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from deploy import server

from .network import free_ports

LONG = b"x" * 1_000_000
SHORT = b"short"
STANDING = 150
PIPELINES, PIPELINED = 4, 60
#: Two of them are more than what waits for a reader before a worker does.
LONGEST = server.WORKER_WAITS * 3 // 4
began = threading.Semaphore(0)


def answers(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    body = {"/long": LONG, "/longest": bytes(LONGEST)}.get(environ["PATH_INFO"], SHORT)
    if body is not SHORT:
        began.release()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def port() -> Iterator[int]:
    """Where a server with four workers listens."""
    port = free_ports(1)[0]
    made = server.create_server(answers, host="127.0.0.1", port=port, threads=PIPELINES)
    serving = threading.Thread(target=made.run, daemon=True)
    serving.start()
    yield port

    def end() -> None:
        for channel in list(made.active_channels.values()):
            channel.handle_close()
        made.close()

    made.trigger.pull_trigger(end)
    serving.join(10)
    made.task_dispatcher.shutdown()


def asking(path: str, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: a.example\r\n".encode()


def opened(stack: ExitStack, port: int) -> socket.socket:
    return stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), timeout=10)))


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


def test_a_long_answer_is_whole_and_the_last_on_its_connection(port: int) -> None:
    with ExitStack() as stack:
        line = opened(stack, port)
        line.sendall((asking("/long") + b"\r\n") * 3)
        head, _, sent = all_of(line).partition(b"\r\n\r\n")
    size, _, rest = sent.partition(b"\r\n")
    assert b"Content-Length" not in head
    assert int(size, 16) == len(LONG)
    assert rest == LONG + b"\r\n0\r\n\r\n"


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
    made = server.create_server(answers, host="127.0.0.1", port=0)
    assert made.adj.connection_limit == 100
    made.close()
    made.task_dispatcher.shutdown()
