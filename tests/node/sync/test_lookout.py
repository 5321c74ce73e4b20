"""A node looks at another chapter's host when it is asked to, and says what visitors would meet there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from federation.errors import FederationError, Malformed, NotActive, UnknownChapter
from node.errors import Busy, NotFound
from node.hq import registry
from node.models import HeldRoot, Hq
from node.sync import Sync
from node.sync.lookout import A_MINUTE, Lookout
from node.wire.looks import Look, ask_for_look
from node.wire.outbound import Answer, Unreachable, Wire

from ...support.network import BRISBANE, LONDON, Clock, LocalFederation, LocalNode

NOW = "2026-06-01T09:00:00Z"


@pytest.fixture
def two(tmp_path: Path, clock: Clock) -> Iterator[LocalFederation]:
    """HQ, London and Brisbane, each of which has read HQ's registry."""
    made = LocalFederation(tmp_path, clock)
    made.london, made.brisbane = made.add_chapter(LONDON), made.add_chapter(BRISBANE)  # type: ignore[attr-defined]
    for node in (made.london, made.brisbane):  # type: ignore[attr-defined]
        Sync(node.handle).round()
    yield made
    made.close()


def look(by: LocalNode, at: str, wire: Wire | None = None) -> Look:
    node = replace(by.handle, wire=wire) if wire else by.handle
    with by.session() as session:
        return Lookout(node).look(session, at)


class Says:
    """A wire on which every host answers with this status, or fails so."""

    def __init__(self, body: bytes = b"", fails: Exception | None = None, until: datetime | None = None) -> None:
        self._body, self._fails, self._until = body, fails, until
        self.asked: list[str] = []

    def send(self, method: str, base_url: str, path: str, **_: Any) -> Answer:
        self.asked.append(f"{method} {base_url}{path}")
        if self._fails:
            raise self._fails
        return Answer(200, self._body, media_type="application/json", certificate_until=self._until)


def status(chapter: str | None, hq: str | None = None) -> bytes:
    named = ",".join(f'"{name}":"{value}"' for name, value in (("chapter", chapter), ("hq", hq)) if value)
    counts = '"counts":{"chapters":0,"documents":0,"listings":0}'
    return f'{{{named}{"," if named else ""}"clock":"{NOW}","software":"x",{counts}}}'.encode()


def test_a_host_that_is_the_chapters_own_answers(two: LocalFederation) -> None:
    found = look(two.hq, two.london.chapter_id)
    assert (found.seen, found.chapter, found.at, found.clock) == ("answers", two.london.chapter_id, NOW, NOW)
    assert found.milliseconds is not None


def test_a_chapters_node_looks_at_hqs_host_too(two: LocalFederation) -> None:
    with two.hq.session() as session:
        hq = session.get_one(Hq, 1).id
    assert look(two.london, hq).seen == "answers"


def test_the_end_of_the_certificate_is_told(two: LocalFederation) -> None:
    wire = Says(status(two.london.chapter_id), until=datetime(2026, 8, 1, tzinfo=UTC))
    assert look(two.hq, two.london.chapter_id, wire).certificate_until == "2026-08-01T00:00:00Z"


@pytest.mark.parametrize("body", [status("aaaaaaaaaaaaaaaaaaaaaaaa"), status(None)])
def test_a_host_that_speaks_for_another_chapter_is_another_node(two: LocalFederation, body: bytes) -> None:
    assert look(two.hq, two.london.chapter_id, Says(body)).seen == "another-node"


def test_an_answer_that_is_no_nodes_is_told_as_such(two: LocalFederation) -> None:
    assert look(two.hq, two.london.chapter_id, Says(b"<h1>Parked</h1>")).seen == "no-node"


@pytest.mark.parametrize("kind", ["no-address", "refused", "too-slow", "certificate-expired", "unreachable"])
def test_a_failure_is_told_in_its_word(two: LocalFederation, kind: Any) -> None:
    found = look(two.hq, two.london.chapter_id, Says(fails=Unreachable("no", kind)))
    assert (found.seen, found.milliseconds, found.clock, found.certificate_until) == (kind, None, None, None)


def test_only_the_status_at_the_address_of_the_held_root_is_asked(two: LocalFederation) -> None:
    wire = Says(status(two.london.chapter_id))
    look(two.hq, two.london.chapter_id, wire)
    assert wire.asked == [f"GET {two.london.settings.base_url}/fed/v1/status"]


def test_a_chapter_that_is_not_listed_is_not_looked_at(two: LocalFederation) -> None:
    wire = Says(status(two.london.chapter_id))
    with pytest.raises(UnknownChapter):
        look(two.hq, "a" * 24, wire)
    with two.hq.session() as session:
        registry.set_status(session, two.hq.settings, two.london.chapter_id, "suspended", two.clock())
    with pytest.raises(NotActive):
        look(two.hq, two.london.chapter_id, wire)
    assert wire.asked == []


def test_a_node_does_not_look_at_itself(two: LocalFederation) -> None:
    with pytest.raises(NotFound):
        look(two.london, two.london.chapter_id)


def test_the_same_host_is_looked_at_once_a_minute(two: LocalFederation) -> None:
    wire = Says(status(two.london.chapter_id))
    lookout = Lookout(replace(two.hq.handle, wire=wire))
    with two.hq.session() as session:
        first = lookout.look(session, two.london.chapter_id)
        two.clock.tick(seconds=59)
        assert lookout.look(session, two.london.chapter_id) == first
        two.clock.tick(seconds=1)
        assert lookout.look(session, two.london.chapter_id) != first
    assert len(wire.asked) == 2


def test_one_look_is_taken_at_a_time(two: LocalFederation) -> None:
    begun, go_on = Event(), Event()

    class Slow(Says):
        def send(self, method: str, base_url: str, path: str, **more: Any) -> Answer:
            begun.set()
            go_on.wait(10)
            return super().send(method, base_url, path, **more)

    lookout = Lookout(replace(two.hq.handle, wire=Slow(status(two.london.chapter_id))))

    def first() -> None:
        with two.hq.session() as session:
            lookout.look(session, two.london.chapter_id)

    thread = Thread(target=first)
    thread.start()
    begun.wait(10)
    with two.hq.session() as session, pytest.raises(Busy):
        lookout.look(session, two.brisbane.chapter_id)  # type: ignore[attr-defined]
    go_on.set()
    thread.join()


def test_only_so_many_looks_begin_within_a_minute(two: LocalFederation, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Says(status(two.london.chapter_id))
    monkeypatch.setattr("node.sync.lookout.KEPT", two.clock() - two.clock())
    lookout = Lookout(replace(two.hq.handle, wire=wire))
    with two.hq.session() as session:
        for _ in range(A_MINUTE):
            lookout.look(session, two.london.chapter_id)
        with pytest.raises(Busy):
            lookout.look(session, two.london.chapter_id)
        two.clock.tick(seconds=60)
        assert lookout.look(session, two.london.chapter_id)
    assert len(wire.asked) == A_MINUTE + 1


def test_a_node_asks_another_by_http_and_reads_the_look(two: LocalFederation) -> None:
    found = ask_for_look(two.wire, two.hq.settings.base_url, two.london.chapter_id)
    assert (found.seen, found.chapter) == ("answers", two.london.chapter_id)


def test_a_host_that_is_down_is_told_by_http(two: LocalFederation) -> None:
    two.wire.down.add(two.london.settings.base_url)
    assert ask_for_look(two.wire, two.hq.settings.base_url, two.london.chapter_id).seen == "unreachable"


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"chapter":"x","at":"2026-06-01T09:00:00Z","seen":"answers"}', b"{"])
def test_an_answer_that_is_no_look_is_malformed(body: bytes) -> None:
    with pytest.raises(FederationError):
        ask_for_look(Says(body), "http://127.0.0.1:8101", "a" * 24)


def test_a_look_at_another_chapter_is_malformed() -> None:
    body = f'{{"chapter":"{"b" * 24}","at":"{NOW}","seen":"answers"}}'.encode()
    with pytest.raises(Malformed):
        ask_for_look(Says(body), "http://127.0.0.1:8101", "a" * 24)


def test_the_address_comes_from_the_newest_root(two: LocalFederation) -> None:
    """A request has no address in it, and a former root's address is not asked any more."""
    wire = Says(status(two.london.chapter_id))
    with two.hq.handle.writing() as transaction:
        former = transaction.get_one(HeldRoot, (two.london.chapter_id, 1))
        values = {column.key: getattr(former, column.key) for column in HeldRoot.__table__.c}
        transaction.add(HeldRoot(**values | {"version": 2, "base_url": "http://127.0.0.1:8999", "seq": 10_000}))
    look(two.hq, two.london.chapter_id, wire)
    assert wire.asked == ["GET http://127.0.0.1:8999/fed/v1/status"]
