"""Both Caddyfiles, each with the version of Caddy that it is for, before a node that comes and goes."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ..support.caddy import DEBIANS, NEW, Caddy
from ..support.processes import free_port_base

pytestmark = pytest.mark.processes


class Upstream:
    """What stands where the node does: it notes what reaches it, and answers, or hangs up instead."""

    def __init__(self) -> None:
        self.port = free_port_base(1)
        self.seen: list[tuple[str, str, bytes]] = []
        self.hang_ups = 0
        self._server: HTTPServer | None = None

    def start(self) -> None:
        upstream = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                upstream.seen.append((self.command, self.headers.get("X-Forwarded-For", ""), body))
                if upstream.hang_ups:
                    upstream.hang_ups -= 1
                    self.close_connection = True
                    return
                self.send_response(200)
                self.send_header("Connection", "close")
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"done")

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", self.port), Answer)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None
        self.seen.clear()
        self.hang_ups = 0


@pytest.fixture(scope="module")
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture(scope="module", params=[NEW, DEBIANS], ids=["newest", "debian"])
def caddy(
    request: pytest.FixtureRequest, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Caddy]:
    running = Caddy(tmp_path_factory.mktemp("caddy"), upstream.port, request.param)
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def quiet(upstream: Upstream) -> Iterator[None]:
    yield
    upstream.stop()


def ask(caddy: Caddy, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    with closing(caddy.connect(source="127.0.0.7", timeout=60)) as connection:
        connection.request(method, "/", body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()


FORM = b"note=" + b"x" * 100_000


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", FORM)])
def test_what_is_sent_while_the_node_is_down_reaches_it_whole_and_once(
    caddy: Caddy, upstream: Upstream, method: str, body: bytes
) -> None:
    with ThreadPoolExecutor(1) as visitor:
        answer = visitor.submit(ask, caddy, method, body or None)
        # The node is still down when Caddy first tries.
        with pytest.raises(TimeoutError):
            answer.result(timeout=0.6)
        upstream.start()
        assert answer.result(timeout=20) == (200, b"done")
    assert [(seen[0], seen[2]) for seen in upstream.seen] == [(method, body)]


def test_a_page_that_the_node_left_unanswered_is_asked_for_again(caddy: Caddy, upstream: Upstream) -> None:
    upstream.start()
    upstream.hang_ups = 1
    assert ask(caddy) == (200, b"done")
    assert len(upstream.seen) == 2


def test_a_form_that_the_node_left_unanswered_is_never_sent_twice(caddy: Caddy, upstream: Upstream) -> None:
    upstream.start()
    upstream.hang_ups = 1
    status, words = ask(caddy, "POST", FORM)
    assert (status, b"Please try again in a few minutes" in words) == (503, True)
    assert len(upstream.seen) == 1


def test_the_node_learns_who_asks_whatever_a_visitor_says(caddy: Caddy, upstream: Upstream) -> None:
    upstream.start()
    assert ask(caddy, X_Forwarded_For="192.0.2.1") == (200, b"done")
    assert upstream.seen[0][1] == "127.0.0.7"


def test_a_body_far_too_long_never_reaches_the_node_whole(caddy: Caddy, upstream: Upstream) -> None:
    upstream.start()
    with closing(caddy.connect()) as connection:
        try:
            connection.request("POST", "/", bytes(14 << 20))
            assert connection.getresponse().status in (413, 503)  # the latter is an older Caddy's
        except (BrokenPipeError, ConnectionResetError):
            pass  # hung up on while it still sends
    assert [len(seen[2]) for seen in upstream.seen if len(seen[2]) > 13 << 20] == []
