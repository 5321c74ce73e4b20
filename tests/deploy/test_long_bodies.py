"""Photos are long, few at a time, and nothing else is."""

import gc
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.long_bodies import MAX_LONG_BODY, PLACES, Parser
from deploy.server import MAX_BODY

from ..support.network import LONDON, Clock, LocalNode, free_ports, served

_LONG = 2_000_000


@pytest.fixture
def node(tmp_path: Path, clock: Clock) -> Iterator[LocalNode]:
    made = LocalNode(tmp_path / "london", clock, free_ports(1)[0])
    made.found_chapter(LONDON)
    with served(made):
        yield made
    made.close()


def opened(node: LocalNode, path: str, length: int) -> socket.socket:
    """A connection that has sent a head, and half of the body."""
    line = socket.create_connection(("127.0.0.1", node.settings.port), timeout=10)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{node.settings.port}\r\nContent-Length: {length}\r\n"
    line.sendall(f"{head}Origin: {node.settings.base_url}\r\n\r\n".encode())
    return line


def status(line: socket.socket, rest: int = 0) -> int:
    if rest:
        line.sendall(b"\0" * rest)
    answer = line.recv(4096)
    line.close()
    return int(answer.split(b" ")[1])


PHOTOS = "/lead/runs/abc/first-time/photos"


def test_a_photo_reaches_the_application_which_asks_for_a_sign_in(node: LocalNode) -> None:
    assert status(opened(node, PHOTOS, _LONG), _LONG) == 401


def test_a_photo_longer_than_any_is_refused_unread(node: LocalNode) -> None:
    assert status(opened(node, PHOTOS, MAX_LONG_BODY + 1)) == 413


@pytest.mark.parametrize("path", ["/lead/runs/abc/first-time", "/lead/runs/abc/first-time/photosx", "/x" + PHOTOS])
def test_no_other_address_takes_a_long_body(node: LocalNode, path: str) -> None:
    assert status(opened(node, path, MAX_BODY + 1)) == 413


def test_there_are_few_places_and_each_is_free_again(node: LocalNode) -> None:
    waiting = [opened(node, PHOTOS, _LONG) for _ in range(PLACES)]
    for line in waiting:
        line.sendall(b"\0" * 100_000)
    refused = [status(opened(node, PHOTOS, _LONG))]
    for line in waiting:
        assert status(line, _LONG - 100_000) == 401
    gc.collect()
    assert refused == [413]
    assert status(opened(node, PHOTOS, _LONG), _LONG) == 401


def test_the_places_outlast_whoever_hangs_up() -> None:
    for _ in range(3 * PLACES):
        parser = Parser(_Adjustments())
        parser.received(f"POST {PHOTOS} HTTP/1.1\r\nContent-Length: {_LONG}\r\n\r\n".encode())
        assert parser.error is None
        del parser
        gc.collect()


class _Adjustments:
    max_request_header_size, max_request_body_size, inbuf_overflow, url_scheme = 8192, MAX_BODY, MAX_BODY, "http"
