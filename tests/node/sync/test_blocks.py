"""What of a reading goes on side by side: fetched, verified and stored, each a block ahead of the other."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploy.demo.corpus import make_chapters
from node.database import writing
from node.directory import held
from node.hq.registry import sign_registry
from node.models import HeldDocument, KnownPeer
from node.sync import Sync, neighbours
from node.sync.blocks import BATCH, one_ahead, parts
from node.wire.outbound import Answer, Unreachable

from ...support.network import BRISBANE, LONDON, START, LocalFederation
from .test_hostile_peers import Lying, block


def test_the_next_one_is_made_while_one_is_worked_with_and_no_other() -> None:
    made: list[int] = []
    second, third = threading.Event(), threading.Event()

    def numbers() -> Iterator[int]:
        for number, event in enumerate((threading.Event(), second, third)):
            made.append(number)
            event.set()
            yield number

    with one_ahead(numbers()) as ahead:
        assert next(ahead) == 0
        assert second.wait(10)
        assert made == [0, 1]
        assert [next(ahead), third.wait(10), *ahead] == [1, True, 2]


def test_what_goes_wrong_ahead_is_raised_in_its_turn() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise Unreachable("gone")

    with one_ahead(failing()) as ahead:
        assert next(ahead) == 1
        with pytest.raises(Unreachable):
            next(ahead)


def test_who_leaves_early_leaves_no_thread_behind() -> None:
    with one_ahead(iter(range(9))) as ahead:
        next(ahead)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_a_part_has_so_many_documents_and_each_chapters_root_before_its_document(
    federation: LocalFederation,
) -> None:
    hq = federation.hq
    chapters = list(make_chapters(BATCH + 1, 1, START, at=lambda _: "http://127.0.0.1:8190"))
    envelopes = [*(one.document for one in chapters), *(one.root for one in chapters)]
    with hq.session() as session:
        with writing(session) as transaction:
            listed = {one.id: one.entry(START) for one in chapters}
            sign_registry(transaction, hq.settings, listed, federation.clock.tick(seconds=5))
        cut = parts(held.prepare(session, hq.settings, envelopes, federation.clock()))
    assert [sum(one.document is not None for one in part) for part in cut] == [BATCH, 1]
    order = [(one.chapter, one.envelope.kind) for part in cut for one in part]
    assert all(order.index((one.id, "chapter-root")) < order.index((one.id, "chapter")) for one in chapters)


def test_a_peer_that_breaks_off_goes_on_where_it_was_though_nothing_of_it_was_new(federation: LocalFederation) -> None:
    london, brisbane = (federation.add_chapter(profile) for profile in (LONDON, BRISBANE))
    federation.settle()
    with london.session() as session, writing(session):
        neighbours.note_cursor(session, brisbane.settings.base_url, "")

    def breaks_off(path: str, asked: int) -> Answer | None:
        if path.endswith("after="):
            return block("aaaaaaaa.500")
        if path.endswith("after=aaaaaaaa.500"):
            raise Unreachable("gone")
        return None

    wire = Lying(federation, brisbane.settings.base_url, breaks_off)
    Sync(replace(london.handle, wire=wire)).round(brisbane.settings.base_url)
    with london.session() as session:
        peer = session.get_one(KnownPeer, brisbane.settings.base_url)
        assert (peer.cursor, peer.failures) == ("aaaaaaaa.500", 1)


def test_a_chapter_heard_within_the_minute_is_not_noted_again(federation: LocalFederation) -> None:
    london, brisbane = (federation.add_chapter(profile) for profile in (LONDON, BRISBANE))
    federation.settle()

    def heard() -> object:
        federation.poll(london, only=brisbane)
        with london.session() as session:
            return session.get_one(HeldDocument, brisbane.chapter_id).heard_at

    federation.clock.tick(minutes=5)
    first = heard()
    assert first == federation.clock()
    federation.clock.tick(seconds=59)
    assert heard() == first
    federation.clock.tick(seconds=1)
    assert heard() == federation.clock()
