"""A clock that was ahead by 50 days, or behind: no stored time decides by that hour for ever (PROTOCOL.md §14.5)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from node import clocks, jobs
from node.chapter import dates, publishing
from node.database import Base, Instant, Past, writing
from node.directory import listings
from node.handle import Node
from node.hq import registry
from node.members import sign_in
from node.models import Chapter, HeldDocument, HeldListing, KnownPeer, PersonSession
from node.sync import neighbours
from node.sync.live_check import Checked

from ..support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run, held_digests

AHEAD = timedelta(days=50)
#: Times that others say, or that are bounded where they are read.
SAID_BY_OTHERS = {
    *("held_document.issued", "held_document.fresh_until", "held_document.expires", "held_listing.next_start"),
    *("held_registry.fresh_until", "registry_chapter.since"),
}
BOUNDED = {
    *("peer.try_after", "sign_in_link.expires_at", "issued_invitation.expires_at", "role_invitation.expires_at"),
    *("sign_in_code.expires_at", "challenge.expires_at", "letter.try_at", "letter.not_after"),
    "set_up.link_ends_at",
}


@pytest.fixture
def pair(federation: LocalFederation) -> tuple[LocalNode, LocalNode]:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    brisbane.announce(a_run())
    federation.settle()
    return london, brisbane


Pair = tuple[LocalNode, LocalNode]


def context_of(federation: LocalFederation, node: LocalNode) -> Node:
    return node.restarted()


class OwnClock:
    """A node's clock that is off."""

    def __init__(self, federation: LocalFederation) -> None:
        self.federation, self.off = federation, timedelta(0)

    def __call__(self) -> object:
        return self.federation.clock() + self.off


def wrong(federation: LocalFederation, node: LocalNode, off: timedelta) -> OwnClock:
    """Give the node a clock of its own, which is off."""
    made = OwnClock(federation)
    made.off = off
    node.clock = made  # type: ignore[assignment]
    node.app.config["NODE"] = node.handle
    return made


def all_jobs(federation: LocalFederation, node: LocalNode) -> None:
    context = context_of(federation, node)
    for job in (jobs.poll, jobs.sign, jobs.roll, jobs.mend, jobs.tidy):
        job(context)


def test_every_stored_time_says_whether_it_may_lie_ahead() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Instant) and not isinstance(column.type, Past)
    }
    assert found == SAID_BY_OTHERS | BOUNDED


def test_a_clock_that_jumps_ahead_removes_nothing_before_somebody_was_asked(
    federation: LocalFederation, pair: Pair
) -> None:
    london, _ = pair
    wrong(federation, london, AHEAD)
    before = held_digests(london)
    jobs.tidy(context_of(federation, london))
    assert held_digests(london) == before


def test_nor_after_others_have_said_that_it_is_wrong(federation: LocalFederation, pair: Pair) -> None:
    london, _ = pair
    before = held_digests(london)
    wrong(federation, london, AHEAD)
    all_jobs(federation, london)
    assert set(before) == set(held_digests(london))
    assert None not in held_digests(london).values()


def test_a_node_with_nobody_to_ask_still_tidies(london: LocalNode) -> None:
    with london.session() as session:
        assert neighbours.clock_is_vouched_for(session, london.settings, london.clock())


def test_once_the_clock_is_right_again_nothing_stored_lies_ahead(federation: LocalFederation, pair: Pair) -> None:
    london, _ = pair
    clock = wrong(federation, london, AHEAD)
    all_jobs(federation, london)
    clock.off = timedelta(0)
    federation.clock.tick(minutes=5)
    for _ in range(2):
        all_jobs(federation, london)
        federation.clock.tick(minutes=16)
    with london.session() as session:
        assert clocks.mend(session, federation.clock()) == 0
        assert not neighbours.clock_is_doubtful(session, federation.clock())


def test_nobody_is_shown_as_heard_by_a_clock_that_was_ahead(federation: LocalFederation, pair: Pair) -> None:
    london, brisbane = pair
    with london.session() as session, writing(session):
        session.get_one(HeldDocument, brisbane.chapter_id).heard_at = federation.clock() + AHEAD
    federation.clock.tick(hours=5)
    with london.session() as session:
        now = federation.clock()
        assert listings.chapter(session, brisbane.chapter_id, now).freshness.heard_at <= now - timedelta(hours=5)
        with writing(session):
            neighbours.note_answer(session, brisbane.settings.base_url, brisbane.chapter_id, now)
        assert session.get_one(HeldDocument, brisbane.chapter_id).heard_at is not None


def test_our_own_document_is_signed_again_though_it_was_signed_by_a_clock_that_was_ahead(
    federation: LocalFederation, pair: Pair
) -> None:
    london, _ = pair
    with london.session() as session:
        publishing.resign_if_due(session, london.settings, federation.clock() + AHEAD)
        assert publishing.resign_if_due(session, london.settings, federation.clock())
        held = session.get_one(HeldDocument, london.chapter_id)
        assert held.issued == federation.clock()
    federation.settle()
    assert len({held_digests(node)[london.chapter_id] for node in federation.wire.nodes.values()}) == 1


def test_so_is_hqs_registry(federation: LocalFederation, pair: Pair) -> None:
    with federation.hq.session() as session:
        assert registry.resign_if_due(session, federation.hq.settings, federation.clock() + AHEAD)
        assert registry.resign_if_due(session, federation.hq.settings, federation.clock())


def test_a_run_that_a_clock_moved_on_is_found_again(federation: LocalFederation, pair: Pair) -> None:
    london, brisbane = pair
    clock = wrong(federation, london, AHEAD)
    all_jobs(federation, london)
    query = select(HeldListing.next_start).where(HeldListing.chapter == brisbane.chapter_id)
    with london.session() as session:
        moved = session.scalar(query)
    assert moved is not None
    assert moved.date() > date(2026, 7, 1)
    clock.off = timedelta(0)
    all_jobs(federation, london)
    with london.session() as session:
        found = session.scalar(query)
    assert found is not None
    assert found.date() == date(2026, 6, 4)


def test_by_a_clock_that_is_behind_nothing_is_taken_back(federation: LocalFederation, pair: Pair) -> None:
    london, _ = pair
    run = london.announce(a_run())
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, date(2026, 6, 4), "lead", "", federation.clock.tick(seconds=5))
        signed = session.get_one(Chapter, 1).signed_at
    wrong(federation, london, -AHEAD)
    context = context_of(federation, london)
    for job in (jobs.mend, jobs.poll, jobs.mend, jobs.tidy):
        job(context)
    with london.session() as session:
        assert session.get_one(Chapter, 1).signed_at == signed
        assert neighbours.clock_is_doubtful(session, london.clock())


def test_a_peer_in_a_pause_that_a_wrong_clock_began_is_asked(federation: LocalFederation, pair: Pair) -> None:
    london, brisbane = pair
    with london.session() as session, writing(session):
        session.get_one(KnownPeer, brisbane.settings.base_url).try_after = federation.clock() + AHEAD
    with london.session() as session:
        assert brisbane.settings.base_url in neighbours.due(session, london.settings, federation.clock())


def test_a_link_made_by_a_clock_that_was_ahead_is_over(london: LocalNode) -> None:
    lead = london.add_lead()
    with london.session() as session:
        token = sign_in.make_link(session, lead.id, london.clock() + AHEAD)
        assert sign_in.peek_link(session, token, london.clock()) is None
        assert sign_in.use_link(session, token, "a phone", london.clock()) is None


def test_a_lead_is_not_signed_out_by_a_clock_that_jumped(federation: LocalFederation, pair: Pair) -> None:
    london, _ = pair
    lead = london.add_lead()
    with london.session() as session:
        token = sign_in.make_link(session, lead.id, london.clock())
        signed_in = sign_in.use_link(session, token, "a phone", london.clock())
    clock = wrong(federation, london, timedelta(days=100))
    all_jobs(federation, london)
    clock.off = timedelta(0)
    with london.session() as session:
        assert sign_in.find_session(session, signed_in or "", london.clock()) is not None
        assert session.scalars(select(PersonSession)).all()


def test_a_live_check_of_a_time_to_come_is_none(federation: LocalFederation) -> None:
    assert not Checked(federation.clock() + AHEAD, True).is_good(federation.clock())


def test_one_of_three_clocks_that_is_wrong_makes_no_doubt_and_two_do(federation: LocalFederation, pair: Pair) -> None:
    london, _ = pair
    now = federation.clock()
    for count, is_doubtful in ((1, False), (2, True)):
        with london.session() as session, writing(session):
            for number in range(3):
                off = 86_400 if number < count else 0
                session.merge(KnownPeer(base_url=f"https://{number}", status_at=now, clock_off_seconds=off))
            session.execute(KnownPeer.__table__.delete().where(KnownPeer.base_url.startswith("http:")))
        with london.session() as session:
            assert neighbours.clock_is_doubtful(session, now) == is_doubtful
