"""What goes into the log: one printable line of bounded length, and a peer's trouble once."""

import json
import logging

import pytest

from node.sync import Sync
from node.sync.report import MAX_TROUBLE, Report, log_well

from .network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, a_run
from .test_node_hostile_peers import Lying, block

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
        Sync(london.sessions, london.settings, lying, federation.clock).round(brisbane.settings.base_url)
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
