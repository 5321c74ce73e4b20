"""The courier: whoever is to be told is told, whatever could not be written or sent before."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from node import database, jobs
from node.chapter import dates, publishing
from node.chapter.profile import ProfileInput
from node.database import writing
from node.directory import parsed
from node.models import HeldDocument, HeldRoot, RegistryChapter, RelayItem, RelayReceipt
from node.relay import queue
from node.relay.courier import Courier

from ...support.full_disk import full_disk
from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run, held_digests
from ...support.processes import wait_until

THURSDAY = date(2026, 6, 4)


@pytest.fixture
def london(federation: LocalFederation) -> LocalNode:
    """A chapter beside two others, each of which has all."""
    made = [federation.add_chapter(profile) for profile in (LONDON, PETERBOROUGH, BRISBANE)]
    federation.settle()
    return made[0]


@contextmanager
def courier(federation: LocalFederation, node: LocalNode) -> Iterator[Courier]:
    """One that goes on from round to round, as in a serving node."""
    context = node.restarted()
    carrying = jobs.courier(context)
    yield carrying
    carrying.close()


def told(carrying: Courier) -> list[bool]:
    """What became of one round."""
    return [future.result(timeout=10) for future in carrying.round()]


def cancel(federation: LocalFederation, node: LocalNode) -> None:
    run = node.announce(a_run())
    with node.session() as session:
        dates.cancel(session, node.settings, run.id, THURSDAY, "lead", "", federation.clock.tick(seconds=5))


def test_after_a_receipt_that_could_not_be_written_the_node_is_told_again(
    federation: LocalFederation, london: LocalNode, caplog: pytest.LogCaptureFixture
) -> None:
    cancel(federation, london)
    with courier(federation, london) as carrying:
        with full_disk(london):
            told(carrying)
        assert "could not be kept" in caplog.text
        federation.clock.tick(seconds=60)
        assert told(carrying) == [True, True, True]
    assert progress(federation, london) == queue.Progress(hq=True, acknowledged=2, of=2, done=True)


def test_of_all_answers_one_at_a_time_looks_for_the_write_lock(
    federation: LocalFederation, london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking: list[int] = []
    at_once: list[int] = []

    @contextmanager
    def watched(session: Session, **how: bool) -> Iterator[Session]:
        looking.append(get_ident())
        at_once.append(len(looking))
        try:
            with writing(session, **how):
                yield session
        finally:
            looking.remove(get_ident())

    cancel(federation, london)
    federation.wire.sent.clear()
    monkeypatch.setattr("node.handle.writing", watched)
    with courier(federation, london) as carrying:
        with london.session() as session, writing(session):
            begun = carrying.round()
            wait_until(lambda: len(federation.wire.sent) >= len(begun) and bool(looking), "all answers")
        assert [one.result(timeout=10) for one in begun] == [True, True, True]
    assert at_once == [1, 1, 1]


def test_while_no_receipt_can_be_written_nobody_is_told_without_end(
    federation: LocalFederation, london: LocalNode
) -> None:
    cancel(federation, london)
    with courier(federation, london) as carrying, full_disk(london):
        london.handle.queued.clear()
        carrying._begin("http://127.0.0.1:8201")
        carrying._begin("http://127.0.0.1:8201")
        carrying._end("http://127.0.0.1:8201", is_recorded=False)
        told(carrying)
        assert not london.handle.queued.is_set()


def test_an_address_is_free_again_where_no_thread_could_be_begun(
    federation: LocalFederation, london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "wanted_of", lambda others: min(others, 1))
    cancel(federation, london)
    with courier(federation, london) as carrying:
        with monkeypatch.context() as patch:
            patch.setattr("threading.Thread.start", refuse_to_start)
            with pytest.raises(RuntimeError, match="new thread"):
                carrying.round()
        assert told(carrying) == [True]


def refuse_to_start(*_: object) -> None:
    raise RuntimeError("can't start new thread")


def progress(federation: LocalFederation, node: LocalNode) -> queue.Progress | None:
    with node.session() as session:
        return queue.progress(session, node.settings, federation.clock())


@pytest.fixture
def two_wanted(federation: LocalFederation, london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> LocalNode:
    """London, which has cancelled a date while the seed does not answer, and wants two acknowledgements."""
    monkeypatch.setattr(queue, "wanted_of", lambda others: min(others, 2))
    federation.wire.down.add(federation.hq.settings.base_url)
    cancel(federation, london)
    return london


def test_where_the_seed_does_not_answer_no_more_have_it_than_were_told(
    federation: LocalFederation, two_wanted: LocalNode
) -> None:
    with courier(federation, two_wanted) as carrying:
        for _ in range(3):
            told(carrying)
            federation.clock.tick(seconds=60)
    assert progress(federation, two_wanted) == queue.Progress(hq=False, acknowledged=2, of=2, done=False)


def test_the_seed_is_told_once_it_is_back_though_enough_others_have_it(
    federation: LocalFederation, two_wanted: LocalNode
) -> None:
    with courier(federation, two_wanted) as carrying:
        for _ in range(3):
            told(carrying)
            federation.clock.tick(seconds=60)
        federation.wire.down.clear()
        federation.clock.tick(minutes=10)
        told(carrying)
    assert progress(federation, two_wanted) == queue.Progress(hq=True, acknowledged=2, of=2, done=True)
    assert held_digests(federation.hq)[two_wanted.chapter_id] == held_digests(two_wanted)[two_wanted.chapter_id]


def test_a_seed_that_never_answers_is_given_up_after_eight_tries(
    federation: LocalFederation, two_wanted: LocalNode
) -> None:
    with courier(federation, two_wanted) as carrying:
        for _ in range(12):
            told(carrying)
            federation.clock.tick(hours=1)
    assert progress(federation, two_wanted) == queue.Progress(hq=False, acknowledged=2, of=2, done=True)
    with two_wanted.session() as session:
        tries = select(RelayReceipt.tries).where(RelayReceipt.base_url == federation.hq.settings.base_url)
        assert max(session.scalars(tries)) == 8


def test_a_change_is_done_once_nobody_is_left_to_be_told(federation: LocalFederation, london: LocalNode) -> None:
    cancel(federation, london)
    with london.session() as session, writing(session):
        # As many as there were when it was queued; some have left since.
        session.scalars(select(RelayItem).where(RelayItem.done_at.is_(None))).one().wanted = 7
    with courier(federation, london) as carrying:
        told(carrying)
    found = progress(federation, london)
    assert found is not None
    assert found.done


def test_a_day_later_nothing_is_said_of_how_far_a_change_has_come(
    federation: LocalFederation, london: LocalNode
) -> None:
    cancel(federation, london)
    assert progress(federation, london) is not None
    federation.clock.tick(hours=25)
    assert progress(federation, london) is None


def passed_on(node: LocalNode, chapter: str) -> int:
    """How many documents of another chapter this node was to pass on at once."""
    with node.session() as session:
        return session.scalar(select(func.count()).where(RelayItem.chapter == chapter)) or 0


def test_s13_3_a_late_cancellation_of_a_date_that_was_moved_to_a_later_day_is_passed_on(
    federation: LocalFederation, london: LocalNode
) -> None:
    run, evening = london.announce(a_run()), datetime.combine(date(2026, 6, 12), time(19, 30))
    with london.session() as session:
        dates.move(session, london.settings, run.id, THURSDAY, evening, None, "", federation.clock.tick(seconds=5))
    federation.settle()
    federation.clock.now = datetime(2026, 6, 12, 17, 0, tzinfo=UTC)
    before = passed_on(federation.hq, london.chapter_id)
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "lead", "", federation.clock())
    federation.relay(london)
    assert passed_on(federation.hq, london.chapter_id) == before + 1


@pytest.mark.parametrize("timezone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_s13_3_what_only_passed_is_passed_on_in_no_zone(federation: LocalFederation, timezone: str) -> None:
    federation.add_chapter(BRISBANE)
    chapter = federation.add_chapter(ProfileInput("Far away", "Far away", "GB", timezone))
    run = chapter.announce(a_run(timezone=timezone))
    with chapter.session() as session:
        dates.confirm(session, chapter.settings, run.id, THURSDAY, federation.clock.tick(seconds=5))
    federation.settle()
    before = passed_on(federation.hq, chapter.chapter_id)
    federation.clock.now = datetime(2026, 6, 4, 18, 0, tzinfo=UTC)
    for _ in range(16):
        federation.clock.tick(hours=7)
        with chapter.session() as session, writing(session):
            publishing.publish(session, chapter.settings, federation.clock(), urgent=False)
        federation.relay(chapter)
    assert passed_on(federation.hq, chapter.chapter_id) == before
    with chapter.session() as session:
        document = parsed.document_of(session.get(HeldDocument, chapter.chapter_id))
    assert document is not None
    assert not document.listings[0].dates


def list_many(node: LocalNode, count: int = 300) -> None:
    """Other chapters of which nothing but a root is held, each at an address of its own, where nobody answers."""
    ids = ["".join(random.Random(number).choices("abcdefghijklmnopqrstuvwxyz234567", k=24)) for number in range(count)]
    entry = {"root_version": 1, "root_digest": "0" * 64, "status": "active", "since": node.clock()}
    with node.session() as session, writing(session):
        session.execute(insert(RegistryChapter), [entry | {"chapter": one} for one in ids])
        session.execute(
            insert(HeldRoot),
            [
                {"author": one, "version": 1, "digest": f"{number:064}", "envelope": b"x", "seq": 1000 + number}
                | {"base_url": f"http://127.0.0.1:{20000 + number}"}
                for number, one in enumerate(ids)
            ],
        )


def test_nobody_goes_through_all_nodes_while_others_wait_for_the_write_lock(
    federation: LocalFederation, london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    hq, under_the_lock, all_targets = federation.hq, [], queue.targets

    def targets(*asked: Any) -> list[str]:
        under_the_lock.append(any(database._lock_of(node.engine).is_mine for node in (london, hq)))
        return all_targets(*asked)

    run = london.announce(a_run())
    federation.settle()
    for node in (london, hq):
        list_many(node)
    monkeypatch.setattr(queue, "targets", targets)
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "lead", "", federation.clock.tick(seconds=5))
    with courier(federation, london) as carrying:
        told(carrying)
    assert passed_on(hq, london.chapter_id) == 1
    assert under_the_lock
    assert not any(under_the_lock)
    with hq.session() as session:
        item = session.scalars(select(RelayItem).where(RelayItem.chapter == london.chapter_id)).one()
    assert item.wanted == queue.wanted_of(302)


def test_a_change_is_not_done_while_somebody_is_left_who_was_never_told(
    federation: LocalFederation, london: LocalNode
) -> None:
    list_many(london)
    cancel(federation, london)
    with courier(federation, london) as carrying:
        told(carrying)
    seen = progress(federation, london)
    assert seen is not None
    assert not seen.done
    assert not seen.is_everybody
