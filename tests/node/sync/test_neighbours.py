"""Whose turn it is to be read, and what other nodes say of themselves (PROTOCOL.md §14.1, §14.5)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from node import jobs
from node.database import writing
from node.models import HeldDocument, KnownPeer
from node.sync import neighbours

from ...support.federation_makers import NOW
from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, held_digests

OTHERS = {f"https://{number}.example.org" for number in range(60)}


def test_each_node_has_an_order_of_its_own_that_others_joining_do_not_change() -> None:
    one, other = (neighbours.ranked(f"https://{name}.example.org", OTHERS) for name in ("leeds", "york"))
    assert one != other
    more = OTHERS | {"https://new.example.org"}
    assert [url for url in neighbours.ranked("https://leeds.example.org", more) if url in OTHERS] == one


def test_nobody_is_the_neighbour_of_most_others() -> None:
    chosen = [url for node in OTHERS for url in neighbours.ranked(node, OTHERS - {node})[: neighbours.NEIGHBOURS]]
    assert max(chosen.count(url) for url in OTHERS) < 20


def test_a_neighbour_that_refuses_gives_its_place_to_the_next_and_comes_back(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    london, peterborough, brisbane = (federation.add_chapter(p) for p in (LONDON, PETERBOROUGH, BRISBANE))
    federation.settle()
    monkeypatch.setattr(neighbours, "NEIGHBOURS", 1)
    first = turn_of(london)
    with london.session() as session, writing(session):
        neighbours.note_failure(session, london.settings, first[0], federation.clock())
    second = turn_of(london)
    assert first[0] not in second
    assert {first[0], *second} == {peterborough.settings.base_url, brisbane.settings.base_url}
    federation.clock.tick(hours=1)
    assert first[0] in turn_of(london)


def turn_of(node: LocalNode) -> list[str]:
    with node.session() as session:
        return neighbours.due(session, node.settings, node.clock())


def test_the_seed_is_asked_at_least_every_eighth_round(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    london, _, _ = (federation.add_chapter(p) for p in (LONDON, PETERBOROUGH, BRISBANE))
    federation.settle()
    monkeypatch.setattr(neighbours, "NEIGHBOURS", 2)
    seed = federation.hq.settings.base_url
    assert seed not in turn_of(london)
    federation.clock.tick(seconds=8 * london.settings.poll_seconds)
    assert seed in turn_of(london)


def test_what_a_node_says_of_itself_is_kept(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    federation.poll(federation.hq, only=london)
    with federation.hq.session() as session:
        peer = session.get_one(KnownPeer, london.settings.base_url)
        assert peer.software.startswith("runtalkrun ")
        assert (peer.status_at, peer.clock_off_seconds) == (federation.clock(), 0)


def test_a_node_whose_clock_most_others_contradict_removes_nothing(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    federation.add_chapter(BRISBANE)
    federation.settle()
    with london.session() as session, writing(session):
        session.execute(update(HeldDocument).values(expires=NOW - timedelta(days=40)))
        for number in range(5):
            session.add(KnownPeer(base_url=f"https://{number}", status_at=london.clock(), clock_off_seconds=-660))
    context = london.restarted()
    jobs.tidy(context)
    assert None not in held_digests(london).values()
    with london.session() as session, writing(session):
        session.execute(update(KnownPeer).values(clock_off_seconds=-540))
        assert not neighbours.clock_is_doubtful(session, london.clock())
    jobs.tidy(context)
    assert list(held_digests(london).values()).count(None) == 1
