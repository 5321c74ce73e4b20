"""Relays that stand still, hold back or lie are found by asking somebody else (PROTOCOL.md §14.6)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from node.chapter import dates
from node.database import CannotWrite, writing
from node.hq import registry
from node.models import HeldDocument, HeldRegistry, KnownPeer
from node.sync import intake, neighbours
from node.sync.checks import Checks
from node.wire.outbound import Answer

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run, held_digests
from .test_hostile_peers import Lying

THURSDAY = date(2026, 6, 4)


@pytest.fixture
def pair(federation: LocalFederation) -> tuple[LocalNode, LocalNode]:
    london, brisbane = (federation.add_chapter(profile) for profile in (LONDON, BRISBANE))
    federation.settle()
    return london, brisbane


Pair = tuple[LocalNode, LocalNode]


def checks(node: LocalNode, wire: Any) -> Checks:
    return Checks(replace(node.handle, wire=wire))


def doubts(node: LocalNode) -> dict[str, str]:
    with node.session() as session:
        return {peer.base_url: peer.suspicion for peer in neighbours.suspected(session)}


def restated(federation: LocalFederation, node: LocalNode, change: Callable[[dict[str, Any]], object]) -> Lying:
    """A wire on which `node` says something else of itself."""
    status = federation.wire.send("GET", node.settings.base_url, "/fed/v1/status", cap=65_536)
    said = json.loads(status.body)
    change(said)
    answer = Answer(200, json.dumps(said).encode())
    return Lying(federation, node.settings.base_url, lambda path, _: answer if path.endswith("/status") else None)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda said: said["registry"].update(digest="0" * 64), "another registry"),
        (lambda said: said["registry"].update(version=said["registry"]["version"] - 90_000), "a day behind"),
        (lambda said: said["registry"].update(version=said["registry"]["version"] + 9), "does not give it"),
        (lambda said: said.update(clock="2026-06-01T08:00:00Z"), "minutes behind"),
        (lambda said: said["counts"].update(chapters=40, documents=3), "3 of its 40"),
    ],
)
def test_s14_6_a_node_whose_status_cannot_be_true_is_doubted(
    federation: LocalFederation, pair: Pair, change: Callable[[dict[str, Any]], object], finding: str
) -> None:
    london, brisbane = pair
    checks(london, restated(federation, brisbane, change)).compare()
    assert finding in doubts(london)[brisbane.settings.base_url]


def test_s14_6_an_honest_node_is_not_doubted(federation: LocalFederation, pair: Pair) -> None:
    london, _ = pair
    federation.clock.tick(seconds=30)
    checks(london, federation.wire).compare()
    checks(london, federation.wire).spot_check()
    assert doubts(london) == {}


def test_s14_6_a_registry_that_was_held_back_is_taken_from_who_gives_it(
    federation: LocalFederation, pair: Pair
) -> None:
    london, brisbane = pair
    with federation.hq.session() as session:
        now = federation.clock.tick(minutes=5)
        registry.set_status(session, federation.hq.settings, brisbane.chapter_id, "paused", now)
    federation.poll(brisbane)
    checks(london, federation.wire).compare()
    with london.session() as session, brisbane.session() as other:
        assert session.get_one(HeldRegistry, 1).digest == other.get_one(HeldRegistry, 1).digest
    assert doubts(london) == {}


def test_s14_6_a_relay_that_holds_a_cancellation_back_is_found_and_the_cancellation_taken(
    federation: LocalFederation, pair: Pair
) -> None:
    london, brisbane = pair
    run = london.announce(a_run())
    federation.settle()
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "weather", "", federation.clock.tick(seconds=5))
    federation.clock.tick(hours=3)
    checks(brisbane, federation.wire).spot_check()
    assert held_digests(brisbane)[london.chapter_id] == held_digests(london)[london.chapter_id]
    assert "an older document" in doubts(brisbane)[federation.hq.settings.base_url]
    assert london.settings.base_url not in doubts(brisbane)


def test_s14_6_a_host_that_serves_an_older_document_of_its_own_chapter_is_found(
    federation: LocalFederation, pair: Pair
) -> None:
    london, brisbane = pair
    with london.session() as session:
        old = session.get_one(HeldDocument, london.chapter_id).envelope
    london.announce(a_run())
    federation.settle()
    frozen = Lying(
        federation, london.settings.base_url, lambda path, _: Answer(200, old or b"") if "/documents/" in path else None
    )
    checks(brisbane, frozen).spot_check()
    assert "serves an older document" in doubts(brisbane)[london.settings.base_url]
    assert held_digests(brisbane)[london.chapter_id] == held_digests(london)[london.chapter_id]


def test_s14_6_a_host_whose_document_cannot_be_kept_now_stops_no_other_from_being_asked(
    federation: LocalFederation, pair: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hq, asked = federation.hq, []

    def full_at_first(*given: object) -> intake.Received:
        asked.append(given[-1])
        if len(asked) == 1:
            raise CannotWrite("the disk took nothing")
        return intake.receive(*given)  # type: ignore[arg-type]

    federation.clock.tick(minutes=5)
    monkeypatch.setattr("node.sync.checks.intake", SimpleNamespace(receive=full_at_first))
    checks(hq, federation.wire).spot_check()
    assert sorted(asked) == sorted(node.chapter_id for node in pair)
    assert "could not be kept" in caplog.text


def test_s14_6_hqs_node_comes_round_to_all_its_chapters(
    federation: LocalFederation, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.sync.checks.COMPARED_BY_HQ", 1)
    hq = federation.hq
    with hq.session() as session, writing(session):
        session.query(KnownPeer).update({KnownPeer.status_at: None})
    for _ in pair:
        federation.clock.tick(hours=1)
        checks(hq, federation.wire).compare()
    with hq.session() as session:
        heard = [session.get_one(KnownPeer, node.settings.base_url).status_at for node in pair]
    assert None not in heard
