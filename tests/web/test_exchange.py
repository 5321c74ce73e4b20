"""The federation's endpoints: statuses, caching, and answers in RFC 9457's form."""

import fcntl
import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cachetools import LRUCache
from sqlalchemy import select
from werkzeug.test import TestResponse

from federation.envelope import read, seal
from federation.keys import SigningKey
from node.chapter import dates, runs
from node.database import writing
from node.hq import registry
from node.models import HeldDocument, HeldRegistry, RelayItem
from node.wire.client import Peer
from node.wire.outbound import Answer
from web import exchange

from ..support.full_disk import full_disk
from ..support.network import BRISBANE, LONDON, Clock, LocalFederation, LocalNode, a_run
from ..support.processes import wait_until

NOBODY = "a" * 24


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFederation]:
    """London and Brisbane, which have read each other. Each test has a copy."""
    federation = LocalFederation(tmp_path_factory.mktemp("made"), Clock())
    london, _ = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    london.announce(a_run())
    federation.settle()
    yield federation
    federation.close()


@pytest.fixture
def two(made: LocalFederation, tmp_path: Path) -> Iterator[tuple[LocalFederation, LocalNode, LocalNode]]:
    """The nodes of London and Brisbane. Each has read the other."""
    federation = made.copied(tmp_path)
    yield federation, federation.nodes["london"], federation.nodes["brisbane"]
    federation.close()


Two = tuple[LocalFederation, LocalNode, LocalNode]


def ask(node: LocalNode, method: str, path: str, body: bytes | None = None, **kwargs: Any) -> TestResponse:
    kwargs.setdefault("content_type", "application/json" if body is not None else None)
    return node.app.test_client().open(
        f"/fed/v1{path}", method=method, base_url=node.settings.base_url, data=body, **kwargs
    )


def document(node: LocalNode) -> bytes:
    with node.session() as session:
        return session.get_one(HeldDocument, node.chapter_id).envelope or b""


def newer_document(federation: LocalFederation, node: LocalNode) -> bytes:
    """A document of `node` that no other node holds. It cancels a date of the run."""
    with node.session() as session:
        run = runs.all_runs(session)[0]
        dates.cancel(session, node.settings, run.id, date(2026, 6, 4), "weather", "", federation.clock.tick(seconds=9))
    return document(node)


def assert_problem(response: TestResponse, status: int, code: str) -> None:
    assert response.mimetype == "application/problem+json"
    assert (response.status_code, response.json["status"], response.json["code"]) == (status, status, code)
    assert {"type", "title", "detail"} <= response.json.keys()


def test_a_document_is_served_byte_by_byte_as_its_author_sealed_it(two: Two) -> None:
    _, london, brisbane = two
    response = ask(brisbane, "GET", f"/documents/{london.chapter_id}")
    assert response.data == document(london)
    assert response.headers["ETag"] == f'"{read(response.data).digest}"'


def test_a_known_etag_gets_304(two: Two) -> None:
    _, london, brisbane = two
    etag = ask(brisbane, "GET", f"/documents/{london.chapter_id}").headers["ETag"]
    response = ask(brisbane, "GET", f"/documents/{london.chapter_id}", headers={"If-None-Match": etag})
    assert (response.status_code, response.data) == (304, b"")


def test_a_new_document_is_204_the_same_again_200(two: Two) -> None:
    federation, london, brisbane = two
    newer = newer_document(federation, london)
    path = f"/documents/{london.chapter_id}"
    assert [ask(brisbane, "PUT", path, newer).status_code for _ in range(2)] == [204, 200]


def test_a_chapters_first_document_is_201(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    # HQ reads the document from the chapter's host when it lets the chapter in. Here the host has not given it.
    with federation.hq.session() as session, writing(session):
        session.delete(session.get_one(HeldDocument, london.chapter_id))
    assert ask(federation.hq, "PUT", f"/documents/{london.chapter_id}", document(london)).status_code == 201


def test_a_replay_moves_nothing_in_the_feed_and_is_not_passed_on(two: Two) -> None:
    federation, london, brisbane = two
    newer = newer_document(federation, london)
    ask(brisbane, "PUT", f"/documents/{london.chapter_id}", newer)
    feed = ask(brisbane, "GET", "/changes").data
    ask(brisbane, "PUT", f"/documents/{london.chapter_id}", newer)
    assert ask(brisbane, "GET", "/changes").data == feed
    with brisbane.session() as session:
        assert len(session.scalars(select(RelayItem).where(RelayItem.chapter == london.chapter_id)).all()) == 1


def test_another_spelling_of_the_held_envelope_changes_nothing(two: Two) -> None:
    _, london, brisbane = two
    spelled = json.dumps(json.loads(document(london)), indent=3).encode()
    assert ask(brisbane, "PUT", f"/documents/{london.chapter_id}", spelled).status_code == 200
    assert ask(brisbane, "GET", f"/documents/{london.chapter_id}").data == document(london)


def test_an_older_document_is_409_with_the_held_one_as_body(two: Two) -> None:
    federation, london, brisbane = two
    older, newer = document(london), newer_document(federation, london)
    ask(brisbane, "PUT", f"/documents/{london.chapter_id}", newer)
    response = ask(brisbane, "PUT", f"/documents/{london.chapter_id}", older)
    assert (response.status_code, response.data) == (409, newer)


def test_a_forged_document_is_403(two: Two) -> None:
    _, london, brisbane = two
    payload = read(document(london)).payload
    forged = seal("chapter", payload.replace("Monument", "Monumend"), [SigningKey.generate()]).to_bytes()
    assert_problem(ask(brisbane, "PUT", f"/documents/{london.chapter_id}", forged), 403, "wrong-signature")


def test_an_unknown_chapter_is_404_before_any_cryptography(two: Two) -> None:
    _, london, brisbane = two
    assert_problem(ask(brisbane, "PUT", f"/documents/{NOBODY}", document(london)), 404, "unknown-chapter")


def test_a_suspended_chapters_document_is_neither_taken_nor_served(two: Two) -> None:
    federation, london, brisbane = two
    with federation.hq.session() as session:
        now = federation.clock.tick(seconds=5)
        registry.set_status(session, federation.hq.settings, london.chapter_id, "suspended", now)
    federation.poll(brisbane)
    path = f"/documents/{london.chapter_id}"
    assert_problem(ask(brisbane, "PUT", path, newer_document(federation, london)), 403, "not-active")
    assert_problem(ask(brisbane, "GET", path), 403, "not-active")
    assert london.chapter_id.encode() not in ask(brisbane, "GET", "/changes").data


def test_the_held_document_of_a_suspended_chapter_is_refused_too(two: Two) -> None:
    federation, london, brisbane = two
    with federation.hq.session() as session:
        now = federation.clock.tick(seconds=5)
        registry.set_status(session, federation.hq.settings, london.chapter_id, "suspended", now)
    federation.poll(brisbane)
    response = ask(brisbane, "PUT", f"/documents/{london.chapter_id}", document(london))
    assert_problem(response, 403, "not-active")


def test_anothers_document_under_this_chapters_path_is_refused(two: Two) -> None:
    _, london, brisbane = two
    response = ask(brisbane, "PUT", f"/documents/{brisbane.chapter_id}", document(london))
    assert response.status_code == 403


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"payload":1}', b"\xff", b'{"a":1,"a":2}'])
def test_what_is_no_envelope_is_422(two: Two, body: bytes) -> None:
    _, london, brisbane = two
    assert_problem(ask(brisbane, "PUT", f"/documents/{london.chapter_id}", body), 422, "malformed")


def test_a_body_that_is_not_declared_as_json_is_415(two: Two) -> None:
    _, london, brisbane = two
    response = ask(brisbane, "PUT", f"/documents/{london.chapter_id}", document(london), content_type="text/plain")
    assert_problem(response, 415, "wrong-content-type")


def test_a_body_over_the_cap_is_413(two: Two) -> None:
    _, london, brisbane = two
    response = ask(brisbane, "PUT", f"/documents/{london.chapter_id}", b" " * (128 * 1024 + 1))
    assert_problem(response, 413, "too-large")


def test_a_root_after_the_newest_is_404(two: Two) -> None:
    _, london, brisbane = two
    assert_problem(ask(brisbane, "GET", f"/chapters/{london.chapter_id}/root/2"), 404, "not-found")


def test_roots_may_be_cached_for_a_year(two: Two) -> None:
    _, london, brisbane = two
    response = ask(brisbane, "GET", f"/chapters/{london.chapter_id}/root/1")
    assert "max-age=31536000" in response.headers["Cache-Control"]


def test_a_chapters_root_is_not_served_as_hqs(two: Two) -> None:
    _, london, brisbane = two
    assert_problem(ask(brisbane, "GET", f"/hq/{london.chapter_id}/root/1"), 404, "not-found")


def test_the_registry_is_relayed_by_any_node(two: Two) -> None:
    federation, _, brisbane = two
    with federation.hq.session() as session:
        held = session.get_one(HeldRegistry, 1)
        hq_id = json.loads(read(held.envelope).payload)["hq"]
        assert ask(brisbane, "GET", f"/hq/{hq_id}/registry").data == held.envelope


@pytest.mark.parametrize("cursor", ["aaaaaaaa.1", "zzzzzzzz.99999"])
def test_a_cursor_of_another_feed_is_410(two: Two, cursor: str) -> None:
    assert_problem(ask(two[2], "GET", f"/changes?after={cursor}"), 410, "unknown-cursor")


def test_a_cursor_from_the_future_is_410(two: Two) -> None:
    last = json.loads(ask(two[2], "GET", "/changes").data.splitlines()[-1])
    feed = last["cursor"].split(".")[0]
    assert_problem(ask(two[2], "GET", f"/changes?after={feed}.999"), 410, "unknown-cursor")


def test_a_cursor_that_is_none_is_422(two: Two) -> None:
    assert_problem(ask(two[2], "GET", "/changes?after=nonsense"), 422, "malformed")


def test_a_chapters_node_admits_nobody(two: Two) -> None:
    assert_problem(ask(two[2], "POST", "/admissions", b'{"secret":"x","root":"y"}'), 403, "not-active")


def test_an_unknown_invitation_is_403(federation: LocalFederation) -> None:
    response = ask(federation.hq, "POST", "/admissions", json.dumps({"secret": "f" * 64, "root": "{}"}).encode())
    assert_problem(response, 403, "invitation-refused")


def test_a_path_that_does_not_exist_is_a_problem_document_too(two: Two) -> None:
    assert_problem(ask(two[2], "GET", "/nothing"), 404, "not-found")


def test_those_who_hand_in_while_somebody_holds_the_write_lock_leave_threads_for_pages(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation, london, brisbane = two
    monkeypatch.setattr("node.database.PATIENCE", 20.0)
    path, body = f"/documents/{london.chapter_id}", newer_document(federation, london)
    with ThreadPoolExecutor(2) as threads, (brisbane.settings.data / "node.sqlite.lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = [threads.submit(ask, brisbane, "PUT", path, body) for _ in range(2)]
        places = brisbane.app.extensions["handing_in"]
        wait_until(lambda: not places._value, "both to be inside")
        third = ask(brisbane, "PUT", path, body)
        assert_problem(third, 429, "busy")
        assert third.headers["Retry-After"] == "1"
        fcntl.flock(other, fcntl.LOCK_UN)
        assert sorted(one.result(timeout=20).status_code for one in waiting) == [200, 204]
    assert ask(brisbane, "PUT", path, body).status_code == 200


class Relenting:
    """A wire that calls `relent` after the first answer."""

    def __init__(self, federation: LocalFederation, relent: Callable[[], object]) -> None:
        self.wire, self.relent, self.answers = federation.wire, relent, list[int]()

    def send(self, *args: Any, **options: Any) -> Answer:
        answer = self.wire.send(*args, **options)
        self.answers.append(answer.status)
        if len(self.answers) == 1:
            self.relent()
        return answer


def test_who_tells_of_a_cancellation_tries_again_where_too_many_are_handed_in(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation, london, brisbane = two
    monkeypatch.setattr("node.wire.deadlines.URGENT_AGAIN", (0.0, 0.0))
    body, places = newer_document(federation, london), brisbane.app.extensions["handing_in"]
    for _ in range(exchange.AT_ONCE):
        places.acquire()
    wire = Relenting(federation, lambda: [places.release() for _ in range(exchange.AT_ONCE)])
    assert Peer(wire, brisbane.settings.base_url).put_document(london.chapter_id, body, []).acknowledged
    assert wire.answers == [429, 204]


def test_a_node_that_cannot_write_says_so_to_other_nodes(two: Two) -> None:
    federation, london, brisbane = two
    path, body = f"/documents/{london.chapter_id}", newer_document(federation, london)
    with full_disk(brisbane):
        assert_problem(ask(brisbane, "PUT", path, body), 503, "cannot-write")
    assert ask(brisbane, "PUT", path, body).status_code == 204


def test_a_block_is_packed_once_for_all_who_read_it(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    federation, london, brisbane = two
    packed: list[int] = []
    pack = gzip.compress

    def counted(data: bytes, *args: Any, **options: Any) -> bytes:
        packed.append(len(data))
        return pack(data, *args, **options)

    monkeypatch.setattr(gzip, "compress", counted)
    gzipped = {"headers": {"Accept-Encoding": "gzip"}}
    first = ask(brisbane, "GET", "/changes", **gzipped)
    packed.clear()
    again, plain = ask(brisbane, "GET", "/changes", **gzipped), ask(brisbane, "GET", "/changes")
    assert not packed
    assert again.headers["Content-Encoding"] == "gzip"
    assert again.data == first.data
    assert gzip.decompress(again.data) == plain.data
    assert again.headers["ETag"] == f"W/{plain.headers['ETag']}"
    for answer in (again, plain):
        assert "Accept-Encoding" in answer.headers["Vary"]
    newer = newer_document(federation, london)
    assert ask(brisbane, "PUT", f"/documents/{london.chapter_id}", newer).status_code == 204
    assert newer in ask(brisbane, "GET", "/changes").data
    assert packed


def test_a_kept_block_holds_nothing_of_a_chapter_that_is_not_listed_any_more(two: Two) -> None:
    federation, london, _ = two
    assert london.chapter_id.encode() in ask(federation.hq, "GET", "/changes").data
    with federation.hq.session() as session:
        now = federation.clock.tick(seconds=5)
        registry.set_status(session, federation.hq.settings, london.chapter_id, "suspended", now)
    assert london.chapter_id.encode() not in ask(federation.hq, "GET", "/changes").data


def test_no_more_blocks_are_kept_than_there_is_room_for(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    room = LRUCache[Any, Any](3000, getsizeof=lambda page: len(page.packed))
    monkeypatch.setattr("node.directory.feed._cache", room)
    federation, london, brisbane = two
    for _ in range(5):
        newer = newer_document(federation, london)
        ask(brisbane, "PUT", f"/documents/{london.chapter_id}", newer)
        assert newer in ask(brisbane, "GET", "/changes").data
    assert 0 < room.currsize <= 3000
