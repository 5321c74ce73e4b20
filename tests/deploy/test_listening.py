"""Which addresses a server listens on, and that each of them is as good as the first."""

import errno
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.listening import kept, listening
from deploy.server import Server, create_server

from ..support.network import free_ports
from ..support.processes import wait_until
from ..support.socket_keeper import SocketKeeper
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
    with closing(socket.create_connection((host, port), timeout=30)) as line:
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


def test_a_kept_socket_is_taken_where_it_has_the_address_and_closed_elsewhere(
    port: int, stands_for: Callable[..., None]
) -> None:
    stands_for("127.0.0.1", "127.0.0.2")
    here, elsewhere = (socket.create_server(("127.0.0.1", one)) for one in (port, 0))
    found = listening(NAME, port, [here, elsewhere])
    assert found[0] is here
    assert elsewhere.fileno() == -1
    assert [one.getsockname() for one in found] == [("127.0.0.1", port), ("127.0.0.2", port)]
    for one in found:
        one.close()


def test_what_was_kept_for_another_process_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "2")
    assert kept() == []
    assert "LISTEN_FDS" not in os.environ


@needs_ipv6
def test_who_comes_by_ipv4_is_seen_as_such_though_all_addresses_are_listened_on(port: int) -> None:
    with serving(listening("::", port)):
        assert [asked(host, port) for host in ("127.0.0.1", "::1")] == ["127.0.0.1", "::1"]


@pytest.mark.processes
@pytest.mark.parametrize("host", ["0.0.0.0", "localhost", pytest.param("::", marks=needs_ipv6)])
def test_a_node_is_healthy_wherever_it_listens(
    tmp_path: Path, port: int, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTR_HOST", host)
    data, command = made_node(tmp_path, port, monkeypatch)
    with subprocess.Popen(command, env=os.environ) as process:
        try:
            wait_until(lambda: rtr(data, "health").exit_code == 0, "the node to be healthy", patience=20)
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0


@pytest.mark.processes
def test_who_knocks_while_a_node_starts_again_is_answered_by_the_next_process(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, command = made_node(tmp_path, port, monkeypatch)
    with closing(SocketKeeper(tmp_path)) as keeper:
        for _ in range(2):
            process = keeper.start(command)
            try:
                wait_until(lambda: rtr(data, "health").exit_code == 0, "the node to be healthy", patience=20)
            finally:
                process.terminate()
                assert process.wait(timeout=20) == 0
        assert len(keeper.kept()) == 1
        # Nobody is there, and whoever knocks waits.
        with ThreadPoolExecutor() as visitors:
            answers = [visitors.submit(asked, "127.0.0.1", port) for _ in range(5)]
            process = keeper.start(command)
            try:
                assert all(answer.result() for answer in answers)
            finally:
                process.terminate()
                assert process.wait(timeout=20) == 0
    assert not listens("127.0.0.1", port)


@pytest.mark.processes
def test_a_node_starts_where_systemd_does_not_take_its_sockets(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    data, command = made_node(tmp_path, port, monkeypatch)
    with subprocess.Popen(command, env=os.environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: rtr(data, "health").exit_code == 0, "the node to be healthy", patience=20)
        finally:
            process.terminate()
            _, said = process.communicate(timeout=20)
    assert "systemd keeps no socket for the next start" in said


def made_node(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[str]]:
    """The folder of a node, and the command that serves it on `port`."""
    data = tmp_path / "data"
    assert rtr(data, "init", *INIT, "--root-key-file", str(tmp_path / "root.key")).exit_code == 0
    monkeypatch.setenv("RTR_PORT", str(port))
    monkeypatch.setenv("RTR_POLL_SECONDS", "0")
    return data, [sys.executable, "-m", "deploy.commands", "--data", str(data), "serve"]
