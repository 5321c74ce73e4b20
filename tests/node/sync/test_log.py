"""What goes into the log: one printable line of bounded length, and a peer's trouble once."""

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from node.database import CannotWrite, writing
from node.logs import log_well
from node.models import HeldDocument, KnownPeer
from node.sync import Sync
from node.sync.report import MAX_TROUBLE, Report
from node.wire.outbound import Answer

from ...support.network import (
    BRISBANE,
    LONDON,
    PETERBOROUGH,
    LocalFederation,
    LocalNode,
    LocalWire,
    a_run,
    held_digests,
)
from .test_hostile_peers import Lying, block

NASTY = "\x1b[2J\r\nERROR forged\u202e\x00"


def test_a_healthy_federation_logs_nothing(federation: LocalFederation, caplog: pytest.LogCaptureFixture) -> None:
    nodes = [federation.add_chapter(profile) for profile in (LONDON, PETERBOROUGH, BRISBANE)]
    federation.settle()
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            federation.clock.tick(minutes=15)
            for node in nodes:
                node.announce(a_run())
            for reader in (*nodes, federation.hq):
                for other in (*nodes, federation.hq):
                    if other is not reader:
                        federation.poll(reader, only=other)
    assert [record.getMessage() for record in caplog.records] == []


def test_all_refused_documents_of_a_block_are_one_line_of_the_log(
    federation: LocalFederation, caplog: pytest.LogCaptureFixture
) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    lines = [json.dumps({"payload": NASTY * 50, "number": number}).encode() for number in range(400)]
    lying = Lying(
        federation,
        brisbane.settings.base_url,
        lambda path, _: block("aaaaaaaa.400", *lines, more=False) if "/changes" in path else None,
    )
    with caplog.at_level(logging.WARNING):
        Sync(replace(london.handle, wire=lying)).round(brisbane.settings.base_url)
    [line] = [record.getMessage() for record in caplog.records]
    assert "400 refused" in line
    assert len(line) < MAX_TROUBLE * 2
    assert line.isprintable()


def test_a_peers_trouble_is_said_once_and_once_that_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    url = "https://trouble.example.org"
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            Report().trouble(url, ValueError("too slow"))
        for _ in range(2):
            log_well(url)
        Report().trouble(url, ValueError("too slow"))
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"{url}: too slow", f"{url}: well again", f"{url}: too slow"]


def test_how_many_were_refused_makes_no_new_trouble_and_an_end_of_it_is_an_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    url, report = "https://trouble.example.org", Report()

    def refuse(count: int) -> None:
        for _ in range(count):
            report.refused("a line", ValueError("not JSON"))
        report.tell_refused(url)

    with caplog.at_level(logging.INFO):
        refuse(3)
        refuse(2)
        refuse(1)
        log_well(url)
        refuse(3)
    three = f"{url}: 3 refused, the first: a line: not JSON"
    assert [record.getMessage() for record in caplog.records] == [three, f"{url}: well again", three]


def lacking(federation: LocalFederation) -> LocalNode:
    """London's node, which lacks Brisbane's document, though it has read all feeds."""
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    federation.settle()
    with london.session() as session, writing(session):
        session.delete(session.get_one(HeldDocument, brisbane.chapter_id))
    return london


def test_a_peer_that_fails_only_where_it_is_asked_by_name_is_not_well_in_between(
    federation: LocalFederation, caplog: pytest.LogCaptureFixture
) -> None:
    london, seed = lacking(federation), federation.hq.settings.base_url
    page = Answer(502, b"<h1>Bad gateway</h1>", media_type="text/html")
    lying = Lying(federation, seed, lambda path, _: page if "/documents/" in path else None)
    with caplog.at_level(logging.INFO, logger="node.logs"):
        for _ in range(4):
            Sync(replace(london.handle, wire=lying)).round(seed)
            federation.clock.tick(minutes=15)
        assert len([one for one in caplog.records if seed in one.getMessage()]) == 1
        Sync(london.handle).round(seed)
    assert [record.getMessage() for record in caplog.records][1:] == [f"{seed}: well again"]


def test_the_trouble_of_an_address_that_begins_like_another_one_is_not_its_own() -> None:
    report = Report()
    report.trouble("https://a.org.uk", ValueError("too slow"))
    assert "https://a.org" not in report.troubled


def test_what_this_node_cannot_write_is_counted_against_no_peer(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    federation.settle()
    london.announce(a_run())

    def store(*_: object) -> None:
        raise CannotWrite("the write lock was not free in time")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("node.directory.held.take", store)
        federation.poll(brisbane, only=london)
    with brisbane.session() as session:
        assert session.get_one(KnownPeer, london.settings.base_url).failures == 0
    federation.poll(brisbane, only=london)
    assert held_digests(brisbane) == held_digests(london)


def test_a_line_that_is_too_deep_for_any_reader_stops_no_feed(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    federation.settle()
    brisbane.announce(a_run())
    deep = b'{"payload":"x","payloadType":"y","more":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"

    class Deep(LocalWire):
        def send(self, *asked: Any, **rest: Any) -> Answer:
            answer = federation.wire.send(*asked, **rest)
            return replace(answer, body=deep + answer.body) if "/changes" in asked[2] else answer

    report = Sync(replace(london.handle, wire=Deep())).round(brisbane.settings.base_url)
    assert report.answered == [brisbane.settings.base_url]
    assert held_digests(london)[brisbane.chapter_id] == held_digests(brisbane)[brisbane.chapter_id]
