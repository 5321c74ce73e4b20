"""A chapter that names another's host in its root (PROTOCOL.md §14.5): that host's answers are not the chapter's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from federation.documents import ChapterRoot
from federation.envelope import Envelope, seal
from federation.keys import SigningKey
from federation.payloads import write_document
from node.database import writing
from node.directory import held, listings, roots
from node.models import HeldDocument
from node.sync import Sync, neighbours
from node.sync.checks import Checks
from node.sync.live_check import Checker

from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run
from ..sync.test_checks import restated

Trio = tuple[LocalNode, LocalNode, LocalNode]


@pytest.fixture
def trio(federation: LocalFederation) -> Trio:
    """London, Brisbane, and Peterborough, whose newest root names London's host."""
    london, brisbane, peterborough = (federation.add_chapter(p) for p in (LONDON, BRISBANE, PETERBOROUGH))
    peterborough.announce(a_run())
    federation.settle()
    for node in (london, brisbane, federation.hq):
        with node.session() as session, writing(session):
            root = moved(peterborough, london)
            held.receive(session, node.settings, root, federation.clock(), peterborough.chapter_id)
            row = session.get(HeldDocument, peterborough.chapter_id)
            assert row is not None
            row.heard_at = None
    federation.wire.down.add(peterborough.settings.base_url)
    return london, brisbane, peterborough


def moved(chapter: LocalNode, host: LocalNode) -> Envelope:
    with chapter.session() as session:
        [first] = roots.chain_of(session, chapter.chapter_id)
    root = ChapterRoot(
        version=2,
        chapter=chapter.chapter_id,
        root_keys=first.document.root_keys,
        root_threshold=1,
        signing_keys=[*first.document.signing_keys, SigningKey.generate().public],
        base_url=host.settings.base_url,
    )
    return seal("chapter-root", write_document(root), [chapter.root_key])


def heard(reader: LocalNode, chapter: LocalNode) -> timedelta:
    """How long ago the chapter is said to have been heard."""
    with reader.session() as session:
        view = listings.chapter(session, chapter.chapter_id, reader.clock())
        return reader.clock() - view.freshness.heard_at


def test_another_chapters_host_that_answers_is_no_hearing(federation: LocalFederation, trio: Trio) -> None:
    london, brisbane, peterborough = trio
    federation.clock.tick(hours=5)
    federation.poll(brisbane, only=london)
    assert heard(brisbane, london) == timedelta(0)
    assert heard(brisbane, peterborough) >= timedelta(hours=5)


def test_nor_in_a_spot_check_and_no_suspicion_falls_on_it(federation: LocalFederation, trio: Trio) -> None:
    london, brisbane, peterborough = trio
    with london.session() as session, writing(session):
        # What London holds of it is behind.
        row = session.get_one(HeldDocument, peterborough.chapter_id)
        row.envelope = b"{}"
    federation.clock.tick(hours=5)
    Checks(brisbane.handle).spot_check()
    with brisbane.session() as session:
        assert [peer.base_url for peer in neighbours.suspected(session)] == []
    assert heard(brisbane, peterborough) >= timedelta(hours=5)


def test_a_live_check_has_no_answer_from_it(federation: LocalFederation, trio: Trio) -> None:
    _, brisbane, peterborough = trio
    checker = Checker(brisbane.handle)
    checker.ask(peterborough.chapter_id, federation.clock())
    checker.close()
    known = checker.ask(peterborough.chapter_id, federation.clock())
    assert known is None or not known.answered


def test_a_chapter_that_moved_is_heard_once_its_new_host_says_whose_it_is(
    federation: LocalFederation, trio: Trio
) -> None:
    london, brisbane, peterborough = trio
    moved_in = restated(federation, london, lambda said: said.update(chapter=peterborough.chapter_id))
    federation.clock.tick(hours=5)
    Sync(replace(brisbane.handle, wire=moved_in)).round(london.settings.base_url)
    assert heard(brisbane, peterborough) == timedelta(0)
    assert heard(brisbane, london) >= timedelta(hours=5)
