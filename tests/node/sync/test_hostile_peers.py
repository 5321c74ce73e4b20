"""Peers that never end, stand still, break off or lie: a round always ends, and the others are read all the same."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import msgspec
import pytest
from sqlalchemy import select

from federation.documents import ChapterDocument
from federation.envelope import read, seal
from federation.feed import BLOCK, read_block
from federation.payloads import write_document
from node import jobs
from node.chapter import dates, publishing, take_over
from node.database import writing
from node.directory import listings, parsed
from node.handle import Node
from node.keys import load_signing_key
from node.models import Counter, Evidence, HeldDocument, HeldRoot, KnownPeer, Retry
from node.sync import Sync, intake, restored_folder
from node.sync.own_document import Inquiry
from node.wire.client import Peer
from node.wire.outbound import Answer

from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run, held_digests

THURSDAY = date(2026, 6, 4)


class Lying:
    """A wire on which one node answers as `lie` says; None: as it really does."""

    def __init__(self, federation: LocalFederation, base_url: str, lie: Callable[[str, int], Answer | None]) -> None:
        self.wire, self.base_url, self.lie, self.asked = federation.wire, base_url, lie, 0

    def send(self, method: str, base_url: str, path: str, **rest: object) -> Answer:
        if base_url == self.base_url:
            self.asked += 1
            assert self.asked < 1000, "asked without end"
            answer = self.lie(path, self.asked)
            if answer is not None:
                return answer
        return self.wire.send(method, base_url, path, **rest)  # type: ignore[arg-type]


def block(cursor: str, *envelopes: bytes, more: bool = True) -> Answer:
    lines = [*envelopes, json.dumps({"cursor": cursor, "more": more}).encode()]
    return Answer(200, b"".join(line + b"\n" for line in lines))


def problem(status: int, code: str) -> Answer:
    """A refusal as the protocol spells it."""
    return Answer(status, json.dumps({"status": status, "code": code}).encode(), media_type="application/problem+json")


def endless(path: str, asked: int) -> Answer | None:
    return block(f"aaaaaaaa.{asked * 500}") if "/changes" in path else None


def standing_still(path: str, asked: int) -> Answer | None:
    return block("aaaaaaaa.500") if "/changes" in path else None


def always_another_feed(path: str, asked: int) -> Answer | None:
    letter = "abcdefghijklmnop"[asked % 16]
    return block(f"{letter * 8}.{asked * 500}") if "/changes" in path else None


def forgetting(path: str, asked: int) -> Answer | None:
    if "/changes" not in path:
        return None
    return problem(410, "unknown-cursor") if asked % 2 else block(f"aaaaaaaa.{asked * 500}")


def deep_refusal(path: str, asked: int) -> Answer | None:
    return Answer(500, b"[" * 100_000)


def end_of_the_calendar(path: str, asked: int) -> Answer | None:
    payload = {"chapter": "a" * 24, "root_version": 1, "version": 1, "issued": "9999-12-31T23:59:59Z"}
    payload |= {"fresh_until": "9999-12-31T23:59:59Z", "expires": "9999-12-31T23:59:59Z", "listings": []}
    payload["profile"] = {"name": "x", "place": "x", "country": "GB"}
    signature = {"keyid": "0" * 16, "sig": "A" * 86 + "=="}
    envelope = {
        "payload": json.dumps(payload),
        "payloadType": "application/vnd.runtalkrun.chapter.v1+json",
        "signatures": [signature],
    }
    return block("aaaaaaaa.1", json.dumps(envelope).encode(), more=False) if "/changes" in path else None


@pytest.fixture
def three(federation: LocalFederation) -> tuple[LocalNode, LocalNode, LocalNode]:
    london, peterborough, brisbane = (federation.add_chapter(p) for p in (LONDON, PETERBOROUGH, BRISBANE))
    federation.settle()
    return london, peterborough, brisbane


Three = tuple[LocalNode, LocalNode, LocalNode]


@pytest.mark.parametrize(
    "lie", [endless, standing_still, always_another_feed, forgetting, deep_refusal, end_of_the_calendar]
)
def test_a_round_with_a_lying_peer_ends_and_reads_the_others(
    federation: LocalFederation, three: Three, lie: Callable[[str, int], Answer | None]
) -> None:
    london, peterborough, brisbane = three
    run = london.announce(a_run())
    lying = Lying(federation, brisbane.settings.base_url, lie)
    sync = Sync(replace(peterborough.handle, wire=lying))
    for _ in range(4):
        federation.clock.tick(seconds=5)
        sync.round()
    with peterborough.session() as session:
        assert listings.listing(session, london.chapter_id, run.id, federation.clock()).coming
        asked = [peer.asked_at for peer in session.scalars(select(KnownPeer))]
    assert lying.asked
    assert None not in asked


def test_a_peer_that_has_every_root_is_asked_256_times_at_most(federation: LocalFederation, three: Three) -> None:
    london, peterborough, brisbane = three
    with peterborough.session() as session, writing(session):
        session.delete(session.get_one(HeldDocument, london.chapter_id))
        root = session.get_one(HeldRoot, (london.chapter_id, 1)).envelope
    lying = Lying(
        federation, brisbane.settings.base_url, lambda path, _: Answer(200, root) if "/root/" in path else None
    )
    Sync(replace(peterborough.handle, wire=lying)).round(brisbane.settings.base_url)
    assert lying.asked < 20


def test_while_hq_is_down_a_peer_cannot_send_its_roots_without_end(federation: LocalFederation, three: Three) -> None:
    _, peterborough, brisbane = three
    with federation.hq.session() as session:
        root = session.scalars(select(HeldRoot.envelope).where(HeldRoot.seq.is_(None))).one()
    federation.wire.down.add(federation.hq.settings.base_url)
    lying = Lying(federation, brisbane.settings.base_url, lambda path, _: Answer(200, root) if "/hq/" in path else None)
    Sync(replace(peterborough.handle, wire=lying)).round(brisbane.settings.base_url)
    assert lying.asked <= 300


def test_a_document_refused_as_suspended_is_asked_for_once_its_chapter_is_listed_again(
    federation: LocalFederation, three: Three
) -> None:
    london, peterborough, brisbane = three
    run = london.announce(a_run())
    federation.settle()
    federation.set_status(london, "suspended")
    federation.poll(brisbane)
    federation.set_status(london, "active")
    federation.poll(peterborough)
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "weather", "", federation.clock.tick(seconds=5))
    federation.poll(peterborough, only=london)
    federation.wire.down.add(federation.hq.settings.base_url)
    federation.poll(brisbane, only=peterborough)
    federation.wire.down.clear()
    federation.poll(brisbane, only=peterborough)
    assert held_digests(brisbane)[london.chapter_id] == held_digests(london)[london.chapter_id]


def test_a_peer_that_is_behind_does_not_answer_what_was_asked(federation: LocalFederation, three: Three) -> None:
    london, peterborough, brisbane = three
    with peterborough.session() as session, writing(session):
        session.add(Retry(chapter=london.chapter_id, since=federation.clock()))
    federation.poll(peterborough, only=brisbane)
    with peterborough.session() as session:
        assert session.get(Retry, london.chapter_id) is not None


def test_a_feed_block_ends_where_its_envelopes_would_fill_a_readers_memory(
    federation: LocalFederation, three: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    brisbane = three[2]
    monkeypatch.setattr("node.directory.feed.MAX_BLOCK", 2000)
    wire = federation.wire
    found, cursor, more = [], "", True
    while more:
        part = Peer(wire, brisbane.settings.base_url).changes(cursor)
        assert part is not None
        assert sum(map(len, part.envelopes)) <= 4000
        found += part.envelopes
        cursor, more = str(part.cursor), part.more
    assert len(found) == 6
    assert len({read(line).digest for line in found}) == 6


def test_a_block_of_empty_lines_is_refused_before_it_is_split() -> None:
    with pytest.raises(Exception, match="lines in a block"):
        read_block(b"\n" * (BLOCK + 2))


def test_evidence_of_a_chapter_that_signs_thousands_stays_small(federation: LocalFederation, three: Three) -> None:
    london, peterborough, _ = three
    document, signing = held_document(peterborough, london.chapter_id), load_signing_key(london.settings)
    with peterborough.session() as session:
        for number in range(50):
            profile = msgspec.structs.replace(document.profile, about=str(number))
            other = seal("chapter", write_document(msgspec.structs.replace(document, profile=profile)), [signing])
            intake.put_document(session, peterborough.settings, london.chapter_id, other.to_bytes(), federation.clock())
        assert 1 < len(session.scalars(select(Evidence)).all()) <= 8


def held_document(node: LocalNode, chapter: str) -> ChapterDocument:
    with node.session() as session:
        document = parsed.document_of(session.get(HeldDocument, chapter))
    assert document is not None
    return document


def test_a_restored_node_takes_over_before_it_signs(federation: LocalFederation, three: Three) -> None:
    london, _, _ = three
    run = london.announce(a_run())
    with london.session() as session:
        dates.confirm(session, london.settings, run.id, THURSDAY, federation.clock.tick(seconds=5))
    federation.settle()
    copy = sqlite3.connect(":memory:")
    copy_database(london, copy)
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "lead", "", federation.clock.tick(seconds=5))
        feed = session.get_one(Counter, 1).feed
    federation.relay(london)
    copy_database(london, copy, back=True)
    assert Inquiry(london.handle).ask()
    with london.session() as session:
        publishing.resign_if_due(session, london.settings, federation.clock.tick(hours=21))
        document = parsed.document_of(session.get(HeldDocument, london.chapter_id))
        assert document is not None
        assert [said.state for said in document.listings[0].dates] == ["cancelled"]
        assert session.get_one(Counter, 1).feed != feed


def copy_database(node: LocalNode, copy: sqlite3.Connection, *, back: bool = False) -> None:
    """Copy the node's database, or put it back, as a backup does."""
    live = sqlite3.connect(node.settings.database)
    source, target = (copy, live) if back else (live, copy)
    source.backup(target)
    live.close()
    if back:
        copy.close()


def test_nobody_answering_leaves_the_question_open(federation: LocalFederation, three: Three) -> None:
    london = three[0]
    federation.wire.down |= {node.settings.base_url for node in federation.wire.nodes.values()}
    assert not Inquiry(london.handle).ask()


def sign_after(node: LocalNode, context: Node) -> bool:
    """Whether the job has signed our document by itself, a day later."""
    before = held_digests(node)[node.chapter_id]
    node.clock.tick(hours=21)
    jobs.sign(context)
    return held_digests(node)[node.chapter_id] != before


def context_of(federation: LocalFederation, node: LocalNode) -> Node:
    """As after a start: others have been asked what they hold of us, and nobody has answered yet."""
    with node.session() as session:
        restored_folder.open_question(session, node.settings, node.clock())
    return node.restarted()


def test_while_nobody_answers_a_node_signs_nothing_by_itself_and_then_it_does(
    federation: LocalFederation, three: Three
) -> None:
    london = three[0]
    federation.wire.down |= {node.settings.base_url for node in federation.wire.nodes.values()}
    federation.clock.tick(seconds=5)
    context = context_of(federation, london)
    assert not sign_after(london, context)
    federation.wire.down.clear()
    assert sign_after(london, context)


def test_a_lead_who_says_something_lets_a_lonely_node_sign_on(federation: LocalFederation, three: Three) -> None:
    london = three[0]
    run = london.announce(a_run())
    federation.wire.down |= {node.settings.base_url for node in federation.wire.nodes.values()}
    context = context_of(federation, london)
    with london.session() as session:
        dates.confirm(session, london.settings, run.id, THURSDAY, federation.clock.tick(seconds=5))
    assert sign_after(london, context)


def test_a_confirmation_that_the_newer_document_lacks_is_not_promised_again(
    federation: LocalFederation, three: Three
) -> None:
    london = three[0]
    run = london.announce(a_run())
    with london.session() as session:
        newer = parsed.document_of(session.get(HeldDocument, london.chapter_id))
        assert newer is not None
        dates.confirm(session, london.settings, run.id, THURSDAY, federation.clock.tick(seconds=5))
        with writing(session):
            take_over.take_over(session, newer, federation.clock())
        assert publishing.build(session, federation.clock()).listings[0].dates == []


def test_a_run_withdrawn_after_the_backup_stays_withdrawn_and_a_newer_one_comes_back(
    federation: LocalFederation, three: Three
) -> None:
    london = three[0]
    run = london.announce(a_run())
    with london.session() as session:
        with_run = parsed.document_of(session.get(HeldDocument, london.chapter_id))
        assert with_run is not None
        without = msgspec.structs.replace(with_run, listings=[])
        with writing(session):
            take_over.take_over(session, without, federation.clock())
        assert publishing.build(session, federation.clock()).listings == []
        with writing(session):
            take_over.take_over(session, with_run, federation.clock())
        assert [one.id for one in publishing.build(session, federation.clock()).listings] == [run.id]
