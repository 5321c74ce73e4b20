"""What becomes of requests that come while the node ends: whoever knocks is let in, and a proxy learns to come anew."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from deploy.listening import listening
from deploy.server import Server, create_server

from ..support.network import free_ports
from ..support.processes import wait_until

ASKED = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"


def app(_: object, start_response: object) -> list[bytes]:
    assert callable(start_response)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@pytest.fixture
def server() -> Iterator[Server]:
    """It listens, and has not begun to let anybody in."""
    made = create_server(app, listening("127.0.0.1", free_ports(1)[0]))  # type: ignore[arg-type]
    yield made
    made.close()


def knock(server: Server, until_the_end: ExitStack) -> socket.socket:
    host, port = server.adjustments.sockets[0].getsockname()[:2]
    return until_the_end.enter_context(socket.create_connection((host, port), timeout=20))


def read(line: socket.socket, until: bytes | None = None) -> bytes:
    came = b""
    while piece := b"" if until and came.endswith(until) else line.recv(1000):
        came += piece
    return came


def test_whoever_knocks_before_the_door_is_shut_is_let_in_and_answered(server: Server) -> None:
    with ExitStack() as until_the_end:
        visitors = [knock(server, until_the_end) for _ in range(20)]
        server.let_nobody_in()
        running = threading.Thread(target=server.run)
        running.start()
        for one in visitors:
            one.sendall(ASKED)
        assert [one.recv(1000)[:12] for one in visitors] == [b"HTTP/1.1 200"] * 20
        server.close()
        running.join()


def test_a_connection_that_a_proxy_keeps_is_answered_once_more_and_told_that_it_ends(server: Server) -> None:
    running = threading.Thread(target=server.run)
    running.start()
    with ExitStack() as until_the_end:
        kept = knock(server, until_the_end)
        kept.sendall(ASKED)
        assert b"Connection: close" not in read(kept, until=b"ok")
        server.let_nobody_in()
        wait_until(lambda: not server.is_busy(), "the door to be shut")
        kept.sendall(ASKED)
        # All that comes until it is hung up.
        answer = read(kept)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"Connection: close" in answer
        assert answer.endswith(b"ok")
    server.close()
    running.join()


def test_a_server_that_is_awake_for_another_reason_is_closed_all_the_same(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = threading.Thread(target=server.run)
    running.start()
    trigger = server._doors[0].trigger
    pull = trigger._physical_pull

    def pull_late() -> None:
        pull()  # as a worker does whose answer is ready
        running.join(0.2)
        pull()

    monkeypatch.setattr(trigger, "_physical_pull", pull_late)
    server.close()
    running.join()
