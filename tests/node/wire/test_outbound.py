"""The guarded client against real, hostile servers on loopback."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from node.wire.addresses import is_permitted
from node.wire.outbound import NotPermitted, Outbound, Unreachable

Script = Callable[[socket.socket], None]


@contextmanager
def server(script: Script) -> Iterator[str]:
    """A server that plays `script` to each connection, at the address that is given."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    script(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def answering(body: bytes, *headers: str, status: str = "200 OK") -> Script:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers])
    return lambda connection: connection.sendall(head.encode() + b"\r\n\r\n" + body)


def trickling(first: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)

    return script


CLIENT = Outbound("loopback")


def test_an_answer_comes_with_status_body_and_etag() -> None:
    with server(answering(b"hello", 'ETag: "abc"')) as url:
        answer = CLIENT.send("GET", url, "/", cap=100)
    assert (answer.status, answer.body, answer.etag) == (200, b"hello", "abc")


def test_it_speaks_from_the_address_it_is_given() -> None:
    came_from: list[str] = []

    def script(connection: socket.socket) -> None:
        came_from.append(connection.getpeername()[0])
        answering(b"hello")(connection)

    with server(script) as url:
        Outbound("loopback", "127.1.31.164").send("GET", url, "/", cap=100)
    assert came_from == ["127.1.31.164"]


def test_a_gzipped_body_is_unpacked() -> None:
    with server(answering(gzip.compress(b"hello"), "Content-Encoding: gzip")) as url:
        assert CLIENT.send("GET", url, "/", cap=100).body == b"hello"


def test_a_body_over_the_cap_is_refused() -> None:
    with server(answering(b"x" * 101)) as url, pytest.raises(Unreachable, match="over 100 bytes"):
        CLIENT.send("GET", url, "/", cap=100)


def test_a_gzip_bomb_is_refused_by_its_unpacked_size() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with server(answering(bomb, "Content-Encoding: gzip")) as url, pytest.raises(Unreachable, match="over 1000 bytes"):
        CLIENT.send("GET", url, "/", cap=1000)


def test_a_cut_gzip_body_is_refused() -> None:
    cut = gzip.compress(b"hello" * 100)[:-9]
    with server(answering(cut, "Content-Encoding: gzip")) as url, pytest.raises(Unreachable, match="cut short"):
        CLIENT.send("GET", url, "/", cap=10_000)


def test_any_other_content_encoding_is_refused() -> None:
    with server(answering(b"x", "Content-Encoding: deflate")) as url, pytest.raises(Unreachable, match="deflate"):
        CLIENT.send("GET", url, "/", cap=100)


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with server(answering(b"", "Location: http://127.0.0.1:1/", status="302 Found")) as url:
        assert CLIENT.send("GET", url, "/", cap=100).status == 302


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"],
    ids=["status line", "headers", "body"],
)
def test_a_peer_that_trickles_is_cut_at_the_deadline(first: bytes) -> None:
    with server(trickling(first)) as url, pytest.raises(Unreachable, match="too slow"):
        CLIENT.send("GET", url, "/", cap=10_000, deadline=0.3)


def test_a_name_that_is_looked_up_for_ever_holds_nobody_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> NoReturn:
        over.wait(10)
        raise OSError("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="too slow"):
        CLIENT.send("GET", "http://127.0.0.1:8100", "/", cap=100, deadline=0.2)
    assert time.monotonic() - began < 5
    over.set()


def test_nothing_listening_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        CLIENT.send("GET", "http://127.0.0.1:1", "/", cap=100)


@pytest.mark.parametrize(
    "url", ["http://localhost:80", "https://example.org", "http://127.0.0.1", "file:///etc/passwd"]
)
def test_a_loopback_network_speaks_to_nothing_else(url: str) -> None:
    with pytest.raises(Unreachable, match="no address of this network"):
        CLIENT.send("GET", url, "/", cap=100)


def test_on_the_internet_a_name_that_leads_to_a_private_address_is_not_spoken_to() -> None:
    with pytest.raises(Unreachable):
        Outbound("internet").send("GET", "http://127.0.0.1:8100", "/", cap=100)


def test_where_such_a_name_leads_to_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.1.20", 443))]
    monkeypatch.setattr("node.wire.connecting.socket.getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotPermitted, match=r"leads to 192\.168\.1\.20, which is not to be spoken to") as caught:
        Outbound("internet").send("GET", "https://london.example.org", "/", cap=100)
    assert caught.value.addresses == ["192.168.1.20"]


def test_a_proxy_from_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with server(answering(b"direct")) as url:
        assert CLIENT.send("GET", url, "/", cap=100).body == b"direct"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "192.0.0.8", "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "fe80::1%eth0", "100::1", "5f00::1", "4000::1",
        "::ffff:127.0.0.1", "2002:7f00:1::1", "2001::1", "2001:db8::1", "3fff::1", "2001:2::1", "2001:10::1",
    ],
)  # fmt: skip
def test_no_private_or_special_address_is_permitted(address: str) -> None:
    assert not is_permitted(address, "internet")


@pytest.mark.parametrize(
    "address",
    [
        # IPv4-compatible and ISATAP with a prefix that nobody was given.
        "::7f00:1", "::a9fe:a9fe", "::808:808", "::5efe:7f00:1", "::200:5efe:808:808", "fe80::5efe:808:808",
        # ISATAP in a prefix that somebody was given, translated, and translated by a prefix for one's own use.
        "2a00:1450::5efe:7f00:1", "2a00:1450::200:5efe:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
    ],
)  # fmt: skip
def test_no_form_of_a_private_ipv4_address_is_permitted(address: str) -> None:
    assert not is_permitted(address, "internet")


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8", "2a00:1450:4009:80b::200e", "2001:4860:4860::8888", "2001:20::1", "2001:4:112::1",
        "::ffff:8.8.8.8", "64:ff9b::808:808", "2a00:1450::5efe:808:808",
    ],
)  # fmt: skip
def test_public_addresses_are_permitted_translated_ones_too(address: str) -> None:
    assert is_permitted(address, "internet")
