"""Addresses of one name are tried side by side (RFC 8305)."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from node.wire import connecting
from node.wire.connecting import alternating, connect
from node.wire.outbound import Outbound, Unreachable

V4, V6 = socket.AF_INET, socket.AF_INET6


@pytest.fixture
def alive() -> Iterator[tuple[str, int]]:
    """An address where somebody answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()


@pytest.fixture
def dead() -> Iterator[tuple[str, int]]:
    """An address where nothing ever comes back: whoever listens there has no room for one more."""
    with ExitStack() as held:
        listener = held.enter_context(closing(socket.create_server(("127.0.0.2", 0), backlog=0)))
        for _ in range(4):
            waiting = held.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()


@pytest.fixture
def refusing() -> tuple[str, int]:
    """An address where nobody listens."""
    with closing(socket.create_server(("127.0.0.3", 0))) as listener:
        found: tuple[str, int] = listener.getsockname()
    return found


def name_of(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Every name has these addresses."""
    found = [(V4, socket.SOCK_STREAM, 6, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def reached(seconds: float = 2.0, is_permitted: Any = lambda _: True) -> tuple[str, float]:
    """Which address answered, and after how long."""
    began = time.monotonic()
    with closing(connect("name.example.org", 1, seconds, is_permitted)) as connected:
        return connected.getpeername()[0], time.monotonic() - began


def test_a_dead_address_holds_nobody_up_for_longer_than_a_moment(
    monkeypatch: pytest.MonkeyPatch, dead: tuple[str, int], alive: tuple[str, int]
) -> None:
    name_of(monkeypatch, dead, dead, alive)
    address, seconds = reached()
    assert address == "127.0.0.1"
    assert seconds < 1.0


def test_after_a_refusal_the_next_address_is_tried_at_once(
    monkeypatch: pytest.MonkeyPatch, refusing: tuple[str, int], alive: tuple[str, int]
) -> None:
    monkeypatch.setattr(connecting, "NEXT_AFTER", 30.0)
    name_of(monkeypatch, refusing, alive)
    assert reached()[0] == "127.0.0.1"


def test_where_all_are_dead_it_ends_in_time(monkeypatch: pytest.MonkeyPatch, dead: tuple[str, int]) -> None:
    name_of(monkeypatch, dead, dead)
    began = time.monotonic()
    with pytest.raises(OSError, match="timed out"):
        reached(0.4)
    assert time.monotonic() - began < 1.0


def test_where_all_refuse_the_refusal_is_said(monkeypatch: pytest.MonkeyPatch, refusing: tuple[str, int]) -> None:
    name_of(monkeypatch, refusing, refusing)
    with pytest.raises(ConnectionRefusedError):
        reached()


def test_no_byte_goes_to_an_address_that_is_not_permitted(
    monkeypatch: pytest.MonkeyPatch, alive: tuple[str, int]
) -> None:
    with closing(socket.create_server(("127.0.0.4", 0))) as forbidden:
        forbidden.setblocking(False)
        name_of(monkeypatch, forbidden.getsockname(), alive)
        assert reached(is_permitted=lambda address: address != "127.0.0.4")[0] == "127.0.0.1"
        with pytest.raises(BlockingIOError):
            forbidden.accept()
        name_of(monkeypatch, forbidden.getsockname())
        with pytest.raises(OSError, match="no address that is to be spoken to"):
            reached(is_permitted=lambda address: address != "127.0.0.4")


def test_families_take_turns_the_first_one_first() -> None:
    sixes, fours = [(V6, (f"2001:db8::{n}", 443, 0, 0)) for n in range(3)], [(V4, ("192.0.2.1", 443))]
    assert alternating([*sixes, *fours]) == [sixes[0], fours[0], *sixes[1:]]
    assert alternating([*fours, *sixes]) == [*fours, *sixes]


def test_of_a_name_with_a_hundred_addresses_a_few_are_tried() -> None:
    assert len(alternating([(V4, ("192.0.2.1", 443))] * 100)) == connecting.MOST


def test_a_node_whose_first_address_is_dead_is_heard_within_the_time_of_a_live_check(
    monkeypatch: pytest.MonkeyPatch, dead: tuple[str, int]
) -> None:
    monkeypatch.setattr("node.wire.outbound.is_permitted", lambda address, _: address.startswith("127.0.0."))
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        name_of(monkeypatch, dead, listener.getsockname())
        began = time.monotonic()
        with pytest.raises(Unreachable, match="too slow"):
            Outbound("loopback").send("GET", f"http://127.0.0.1:{dead[1]}", "/", cap=10, deadline=1.0)
        connected, _ = listener.accept()
        with closing(connected):
            assert connected.recv(3) == b"GET"
        assert time.monotonic() - began < 1.5
