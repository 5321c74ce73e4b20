"""Which addresses a server listens on, and that each of them is as good as the first."""

import errno
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.server import Server, create_server, listening

from ..support.network import free_ports
from ..support.processes import wait_until
from .commands.test_commands import INIT, rtr

NAME = "name.example"
needs_ipv6 = pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="this machine has no IPv6")


def says_who_asks(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["REMOTE_ADDR"].encode()]


@contextmanager
def serving(sockets: list[socket.socket]) -> Iterator[Server]:
    server = create_server(says_who_asks, sockets)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(10)
        assert not thread.is_alive()


def asked(host: str, port: int) -> str:
    """The body of the answer of whoever listens there."""
    with closing(socket.create_connection((host, port), timeout=10)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: line.recv(1 << 16), b"")).decode().rpartition("\r\n")[2]


def listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def stands_for(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says for which addresses the name NAME stands."""
    look_up = socket.getaddrinfo

    def say(*addresses: str) -> None:
        def find(host: str | None, port: int, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
            names = addresses if host == NAME else [host]
            return [one for name in names for one in look_up(name, port, *args, **kwargs)]

        monkeypatch.setattr(socket, "getaddrinfo", find)

    return say


def test_a_name_is_listened_on_at_all_of_its_addresses(port: int, stands_for: Callable[..., None]) -> None:
    stands_for("127.0.0.1", "127.0.0.2", "127.0.0.1")
    sockets = listening(NAME, port)
    assert len(sockets) == 2
    with serving(sockets):
        assert [listens(host, port) for host in ("127.0.0.1", "127.0.0.2")] == [True, True]


def test_an_address_that_the_machine_does_not_have_is_left_out(port: int, stands_for: Callable[..., None]) -> None:
    stands_for("2001:db8::1", "127.0.0.1")
    (found,) = listening(NAME, port)
    with found:
        assert found.getsockname() == ("127.0.0.1", port)


def test_a_name_whose_addresses_are_all_elsewhere_is_refused(port: int, stands_for: Callable[..., None]) -> None:
    stands_for("192.0.2.1")
    with pytest.raises(OSError, match="assign requested address"):
        listening(NAME, port)


def test_one_address_in_use_is_a_refusal_and_frees_the_others(port: int, stands_for: Callable[..., None]) -> None:
    with closing(socket.create_server(("127.0.0.2", port))):
        stands_for("127.0.0.1", "127.0.0.2")
        with pytest.raises(OSError, match="in use") as caught:
            listening(NAME, port)
        assert caught.value.errno == errno.EADDRINUSE
        assert not listens("127.0.0.1", port)


def test_nobody_is_let_in_at_any_address_once_it_ends(port: int, stands_for: Callable[..., None]) -> None:
    stands_for("127.0.0.1", "127.0.0.2")
    with serving(listening(NAME, port)) as server:
        assert server.is_busy()
        server.let_nobody_in()
        wait_until(lambda: not server.is_busy(), "both doors to be shut")
        assert [listens(host, port) for host in ("127.0.0.1", "127.0.0.2")] == [False, False]


@needs_ipv6
def test_who_comes_by_ipv4_is_seen_as_such_though_all_addresses_are_listened_on(port: int) -> None:
    with serving(listening("::", port)):
        assert [asked(host, port) for host in ("127.0.0.1", "::1")] == ["127.0.0.1", "::1"]


@pytest.mark.processes
@pytest.mark.parametrize("host", ["0.0.0.0", "localhost", pytest.param("::", marks=needs_ipv6)])
def test_a_node_is_healthy_wherever_it_listens(
    tmp_path: Path, port: int, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    assert rtr(data, "init", *INIT, "--root-key-file", str(tmp_path / "root.key")).exit_code == 0
    monkeypatch.setenv("RTR_HOST", host)
    monkeypatch.setenv("RTR_PORT", str(port))
    monkeypatch.setenv("RTR_POLL_SECONDS", "0")
    command = [sys.executable, "-m", "deploy.commands", "--data", str(data), "serve"]
    with subprocess.Popen(command, env=os.environ) as process:
        try:
            wait_until(lambda: rtr(data, "health").exit_code == 0, "the node to be healthy", patience=20)
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0
