"""Several nodes in one process: joining, reading each other, cancelling, going down and coming back."""

from datetime import date
from typing import Any

from sqlalchemy import delete, select

from federation.envelope import read, seal
from federation.keys import SigningKey
from node.chapter import dates
from node.database import writing
from node.directory import chapter_list, feed, listings
from node.hq import admissions, registry
from node.models import Chapter, HeldDocument, HeldListing, HeldRoot, KnownPeer, RelayItem, RunDate
from node.relay import queue

from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run, held_digests

THURSDAY = date(2026, 6, 4)


def three_chapters(federation: LocalFederation) -> tuple[LocalNode, LocalNode, LocalNode]:
    london, peterborough, brisbane = (federation.add_chapter(p) for p in (LONDON, PETERBOROUGH, BRISBANE))
    federation.settle()
    return london, peterborough, brisbane


def state_on(node: LocalNode, chapter: str, listing: str) -> str:
    with node.session() as session:
        return listings.listing(session, chapter, listing, node.clock()).coming[0].state


def cancel(node: LocalNode, run_id: str, day: date = THURSDAY) -> None:
    with node.session() as session:
        dates.cancel(session, node.settings, run_id, day, "weather", "", node.clock.tick(seconds=5))


def replace_document(node: LocalNode, **changes: Any) -> None:
    with node.session() as session, writing(session):
        for name, value in changes.items():
            setattr(session.get_one(HeldDocument, node.chapter_id), name, value)


def test_a_run_announced_in_london_is_found_on_brisbanes_node(federation: LocalFederation) -> None:
    london, _, brisbane = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    assert state_on(brisbane, london.chapter_id, run.id) == "unconfirmed"


def test_all_nodes_end_with_the_same_documents(federation: LocalFederation) -> None:
    nodes = three_chapters(federation)
    nodes[0].announce(a_run())
    federation.settle()
    assert all(held_digests(node) == held_digests(federation.hq) for node in nodes)
    assert len(held_digests(federation.hq)) == 3


def test_a_cancellation_reaches_every_node_by_one_relay_round_without_polling(federation: LocalFederation) -> None:
    london, peterborough, brisbane = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    cancel(london, run.id)
    federation.relay(london)
    others = (federation.hq, peterborough, brisbane)
    assert [state_on(node, london.chapter_id, run.id) for node in others] == ["cancelled"] * 3


def test_a_cancellation_reaches_the_others_while_hq_is_down(federation: LocalFederation) -> None:
    london, peterborough, brisbane = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    federation.wire.down.add(federation.hq.settings.base_url)
    cancel(london, run.id)
    federation.relay(london)
    assert [state_on(n, london.chapter_id, run.id) for n in (peterborough, brisbane)] == ["cancelled"] * 2
    with london.session() as session:
        progress = queue.progress(session, london.settings, federation.clock())
        assert progress == queue.Progress(hq=False, acknowledged=2, of=2, done=False)


def test_hq_gets_the_cancellation_by_polling_once_it_is_back(federation: LocalFederation) -> None:
    london, _, _ = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    federation.wire.down.add(federation.hq.settings.base_url)
    cancel(london, run.id)
    federation.relay(london)
    federation.wire.down.clear()
    federation.poll(federation.hq)
    assert state_on(federation.hq, london.chapter_id, run.id) == "cancelled"


def test_a_receiver_passes_an_urgent_change_on(federation: LocalFederation) -> None:
    london, peterborough, _ = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    cancel(london, run.id)
    federation.relay(london)
    with peterborough.session() as session:
        assert [item.chapter for item in session.scalars(select(RelayItem)) if item.done_at is None] == [
            london.chapter_id
        ]


def test_at_most_six_urgent_changes_an_hour_are_passed_on(federation: LocalFederation) -> None:
    london, peterborough, _ = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    for _ in range(5):
        cancel(london, run.id)
        federation.relay(london)
        with london.session() as session:
            dates.undo(session, london.settings, run.id, THURSDAY, london.clock.tick(seconds=5))
        federation.relay(london)
    with peterborough.session() as session:
        queued = session.scalars(select(RelayItem).where(RelayItem.chapter == london.chapter_id)).all()
    assert len(queued) == 6


def test_undo_of_a_cancellation_reaches_the_others_too(federation: LocalFederation) -> None:
    london, peterborough, _ = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    cancel(london, run.id)
    federation.relay(london)
    with london.session() as session:
        dates.undo(session, london.settings, run.id, THURSDAY, london.clock.tick(seconds=5))
    federation.relay(london)
    assert state_on(peterborough, london.chapter_id, run.id) == "unconfirmed"


def test_london_down_its_runs_are_still_found_with_their_age(federation: LocalFederation) -> None:
    london, peterborough, _ = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    federation.poll(peterborough, only=london)
    heard = federation.clock()
    federation.wire.down.add(london.settings.base_url)
    federation.clock.tick(hours=3)
    federation.settle()
    with peterborough.session() as session:
        view = listings.listing(session, london.chapter_id, run.id, federation.clock())
    assert view.freshness.heard_at == heard


def test_a_late_joiner_learns_londons_runs_from_brisbane_while_hq_and_london_are_down(
    federation: LocalFederation,
) -> None:
    london, peterborough, brisbane = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    with peterborough.session() as session, writing(session):
        session.execute(delete(HeldDocument).where(HeldDocument.chapter != peterborough.chapter_id))
        session.execute(delete(HeldListing))
        session.execute(delete(HeldRoot).where(HeldRoot.seq.is_not(None), HeldRoot.author != peterborough.chapter_id))
        session.execute(delete(KnownPeer))
    federation.wire.down |= {london.settings.base_url, federation.hq.settings.base_url}
    federation.poll(peterborough, only=brisbane)
    assert state_on(peterborough, london.chapter_id, run.id) == "unconfirmed"


def test_a_chapter_that_waits_is_shown_nowhere_until_a_person_admits_it(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    brisbane = federation.add_chapter(BRISBANE, admit=False)
    assert federation.join(brisbane, needs_a_person=True) == "waiting"
    federation.settle()
    assert brisbane.chapter_id not in held_digests(london)
    with federation.hq.session() as session:
        admissions.admit(session, federation.hq.settings, brisbane.chapter_id, federation.clock.tick(seconds=1))
    federation.settle()
    assert brisbane.chapter_id in held_digests(london)


def test_a_suspended_chapter_is_shown_nowhere_after_the_next_poll(federation: LocalFederation) -> None:
    london, peterborough, _ = three_chapters(federation)
    with federation.hq.session() as session:
        registry.set_status(
            session, federation.hq.settings, london.chapter_id, "suspended", federation.clock.tick(seconds=1)
        )
    federation.poll(peterborough)
    with peterborough.session() as session:
        assert london.chapter_id not in [one.id for one in chapter_list.page(session, federation.clock()).lines]


def test_one_forged_document_in_a_feed_never_blocks_the_rest(federation: LocalFederation) -> None:
    london, peterborough, brisbane = three_chapters(federation)
    run = london.announce(a_run())
    federation.relay(london)
    held = held_envelope(federation.hq, brisbane.chapter_id)
    forged = seal("chapter", read(held).payload.replace("Brisbane", "Brisbone"), [SigningKey.generate()])
    with federation.hq.session() as session, writing(session):
        row = session.get_one(HeldDocument, brisbane.chapter_id)
        row.envelope, row.digest, row.seq = forged.to_bytes(), forged.digest, next(feed.next_seqs(session, 1))
    report = federation.poll(peterborough, only=federation.hq)
    assert any("not signed" in trouble for trouble in report.troubles)
    assert state_on(peterborough, london.chapter_id, run.id) == "unconfirmed"
    assert held_envelope(peterborough, brisbane.chapter_id) == held


def held_envelope(node: LocalNode, chapter: str) -> bytes:
    with node.session() as session:
        return session.get_one(HeldDocument, chapter).envelope or b""


def test_a_second_round_stores_nothing_and_sends_only_the_registry_and_two_feeds(federation: LocalFederation) -> None:
    _, peterborough, _ = three_chapters(federation)
    federation.settle()
    federation.wire.sent.clear()
    assert federation.poll(peterborough).stored == 0
    assert len(federation.wire.sent) == 6  # two statuses, HQ's next root, its registry, two feeds


def test_a_restored_node_takes_its_own_cancellations_over(federation: LocalFederation) -> None:
    london, _, _ = three_chapters(federation)
    run = london.announce(a_run())
    federation.settle()
    with london.session() as session:
        before = session.get_one(HeldDocument, london.chapter_id)
        saved = {name: getattr(before, name) for name in ("version", "digest", "envelope", "issued")}
    cancel(london, run.id)
    federation.relay(london)
    replace_document(london, **saved)
    forget_cancellation(london, saved)
    federation.clock.tick(minutes=5)
    federation.poll(london, only=federation.hq)
    assert state_on(london, london.chapter_id, run.id) == "cancelled"


def forget_cancellation(node: LocalNode, saved: dict[str, Any]) -> None:
    with node.session() as session, writing(session):
        session.execute(delete(RunDate))
        chapter = session.get_one(Chapter, 1)
        chapter.last_version, chapter.last_digest = saved["version"], saved["digest"]
