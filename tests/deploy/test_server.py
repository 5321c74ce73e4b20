"""The server as readers meet it, over real connections: kept pages, connections that stay open, and its limits."""

import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import requests
from flask import Flask, request_started
from sqlalchemy import select

from deploy.server import MAX_BODY
from node.chapter import dates, identity
from node.members import sign_in
from node.models import Run
from web import MAX_REQUEST

from ..support.network import LONDON, Clock, LocalNode, a_run, free_ports, served
from ..support.web_client import Phone

JSON = {"Content-Type": "application/json"}
GZIP = "Accept-Encoding: gzip\r\n"


@pytest.fixture
def node(tmp_path: Path, clock: Clock) -> Iterator[LocalNode]:
    """A chapter's node behind its port."""
    made = LocalNode(tmp_path / "london", clock, free_ports(1)[0])
    made.found_chapter(LONDON)
    made.announce(a_run())
    with served(made):
        yield made
    made.close()


@pytest.fixture
def threads(node: LocalNode) -> Iterator[list[str]]:
    """The name of the thread that drew each answer which was drawn."""
    names: list[str] = []

    def note(app: Flask, **_: object) -> None:
        names.append(threading.current_thread().name)

    request_started.connect(note, node.app)
    yield names
    request_started.disconnect(note, node.app)


@dataclass(frozen=True)
class Got:
    """One answer; `fields` by their names in small letters."""

    status: int
    fields: dict[str, str]
    body: bytes


class Line:
    """One connection to `node`, and what has come over it and was not read yet."""

    def __init__(self, node: LocalNode) -> None:
        self.host = f"127.0.0.1:{node.settings.port}"
        self._socket = socket.create_connection(("127.0.0.1", node.settings.port), timeout=20)
        self._held = b""

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, *paths: str, headers: str = "", method: str = "GET", version: str = "1.1") -> None:
        """Ask for all of `paths` in one go."""
        asked = [f"{method} {path} HTTP/{version}\r\nHost: {self.host}\r\n{headers}\r\n" for path in paths]
        self._socket.sendall("".join(asked).encode())

    def read(self, has_body: bool = True) -> Got:
        """The next answer."""
        while b"\r\n\r\n" not in self._held:
            self._more()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(fields.get("content-length", 0)) if has_body else 0
        while len(self._held) < length:
            self._more()
        body, self._held = self._held[:length], self._held[length:]
        return Got(int(first.split()[1]), fields, body)

    def get(self, path: str, headers: str = "") -> Got:
        """Ask, and read the answer."""
        self.send(path, headers=headers)
        return self.read()

    def is_over(self) -> bool:
        """Whether the server has hung up; waits for it."""
        return not self._held and not self._socket.recv(1)

    def _more(self) -> None:
        came = self._socket.recv(65536)
        assert came, "the server hung up"
        self._held += came


def test_a_kept_page_is_the_very_answer_that_was_drawn(node: LocalNode, threads: list[str]) -> None:
    with Line(node) as line:
        drawn, kept = line.get("/runs", GZIP), line.get("/runs", GZIP)
    assert len(threads) == 1
    dates = [got.fields.pop("date") for got in (drawn, kept)]
    assert kept == drawn
    assert all(re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", sent) for sent in dates)


def test_unchanged_is_said_before_a_connection_ends_that_is_to_end(node: LocalNode) -> None:
    with Line(node) as line:
        tag = line.get("/help").fields["etag"]
        unchanged = line.get("/help", f"If-None-Match: {tag}\r\nConnection: close\r\n")
        assert (unchanged.status, unchanged.fields["connection"]) == (304, "close")
        assert line.is_over()


def test_head_says_how_long_the_page_is_and_does_not_send_it(node: LocalNode) -> None:
    with Line(node) as line:
        length = len(line.get("/help").body)
        for _ in range(2):
            line.send("/help", method="HEAD")
            assert line.read(has_body=False).fields["content-length"] == str(length)
        assert len(line.get("/help").body) == length


@pytest.mark.parametrize(
    ("version", "headers", "is_over"),
    [
        ("1.1", "Connection: close\r\n", True),
        ("1.0", "", True),
        ("1.1", "Connection: keep-alive\r\n", False),
        ("1.0", "Connection: keep-alive\r\n", False),
    ],
)
def test_a_connection_ends_where_its_reader_wants_it_to(
    node: LocalNode, version: str, headers: str, is_over: bool
) -> None:
    with Line(node) as warm, Line(node) as line:
        body = warm.get("/help").body
        line.send("/help", headers=headers, version=version)
        assert line.read().body == body
        if is_over:
            assert line.is_over()
        else:
            assert line.get("/help").body == body


def _title(got: Got) -> bytes:
    found = re.search(rb"<title>.*</title>", got.body)
    assert found is not None
    return found[0]


def test_what_was_asked_in_one_go_is_answered_in_its_order(node: LocalNode) -> None:
    with Line(node) as line:
        known = {path: _title(line.get(path)) for path in ("/help", "/runs", "/privacy")}
        # Two are drawn anew: a page's links to its other languages keep what the address asks.
        paths = ["/help", "/runs", "/privacy?a=1", "/help", "/help", "/privacy?a=2", "/runs", "/nothing", "/help"]
        line.send(*paths)
        got = {at: line.read() for at in range(len(paths))}
    assert got.pop(7).status == 404
    wanted = {at: known[path.partition("?")[0]] for at, path in enumerate(paths) if path != "/nothing"}
    assert {at: _title(answer) for at, answer in got.items()} == wanted


def test_a_head_larger_than_any_browsers_is_refused_before_the_page_is_looked_up(node: LocalNode) -> None:
    with Line(node) as line, Line(node) as other:
        line.get("/help")
        tags = ", ".join(f'"{number}"' for number in range(2000))
        line.send("/help", headers=f"If-None-Match: {tags}\r\n")
        assert line.read().status == 431
        assert other.get("/help").status == 200


@pytest.mark.parametrize("size", [MAX_REQUEST + 1, MAX_BODY - 1])
def test_what_is_somewhat_too_long_is_answered_in_our_own_words(node: LocalNode, size: int) -> None:
    here, body = node.settings.base_url, b"x" * size
    form = {"Origin": here, "Content-Type": "application/x-www-form-urlencoded"}
    with requests.Session() as lead:
        lead.post(f"{here}/signin/{Phone(node).link(node.add_lead().id)}", headers=form, timeout=5)
        page = lead.post(f"{here}/lead/runs/new", data=body, headers=form, timeout=5)
        problem = lead.put(f"{here}/fed/v1/documents/x", data=body, headers=JSON, timeout=5)
    assert (page.status_code, "That was too long" in page.text) == (413, True)
    assert problem.headers["Content-Type"] == "application/problem+json"


def test_a_form_is_never_taken_for_the_page_of_its_address(node: LocalNode) -> None:
    with Line(node) as line:
        line.get("/help")
        line.send("/help", method="POST", headers="Content-Length: 0\r\n")
        assert line.read().status == 405


def test_who_does_not_read_holds_nobody_up_and_misses_nothing(node: LocalNode) -> None:
    with Line(node) as other, Line(node) as slow:
        body = other.get("/help").body
        for _ in range(20):
            slow.send(*["/help"] * 100)
        assert other.get("/help").body == body
        assert all(slow.read().body == body for _ in range(2000))


def test_a_signed_in_leads_page_is_drawn(node: LocalNode, threads: list[str]) -> None:
    name = sign_in.cookie_name(node.settings)
    cookie = Phone(node).sign_in().client.get_cookie(name, domain="127.0.0.1")
    assert cookie
    with Line(node) as line:
        line.get("/runs")
        threads.clear()
        line.get("/runs", f"Cookie: {name}={cookie.value}\r\n")
    assert len(threads) == 1


def test_a_budget_that_is_used_up_is_used_up_for_kept_pages_too(node: LocalNode) -> None:
    node.app.config["RATELIMIT_ENABLED"] = True
    with Line(node) as line:
        assert [line.get("/privacy").status for _ in range(121)] == [200] * 120 + [429]


def test_a_host_that_is_not_ours_gets_no_kept_page(node: LocalNode) -> None:
    with Line(node) as line:
        line.get("/help")
        line.host = "evil.example"
        assert line.get("/help").status == 400


def test_what_goes_wrong_in_the_loop_is_answered_for_by_a_thread(
    node: LocalNode, caplog: pytest.LogCaptureFixture
) -> None:
    def rename(before: str, after: str) -> None:
        with closing(sqlite3.connect(node.settings.database)) as connection:
            connection.execute(f"ALTER TABLE {before} RENAME TO {after}")

    with Line(node) as line, Line(node) as other:
        body = line.get("/help").body
        rename("revision", "elsewhere")
        assert line.get("/help").status == 500
        rename("elsewhere", "revision")
        assert other.get("/help").body == body
    assert "127.0.0.1" not in caplog.text


def test_a_cancellation_is_in_the_very_next_answer(node: LocalNode) -> None:
    with node.session() as session:
        run = session.scalars(select(Run)).one()
        path = f"/runs/{identity.own(session).id}/{run.id}"
    with Line(node) as line:
        assert all(b"Not confirmed yet" in line.get(path).body for _ in range(2))
        with node.session() as session:
            dates.cancel(session, node.settings, run.id, date(2026, 6, 4), "weather", "", node.clock())
        assert b"because of the weather" in line.get(path).body
