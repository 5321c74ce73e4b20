"""What is over goes though no other node vouches for the clock, and no clock that is set wrong makes it go sooner."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from node import jobs
from node.clocks import Stopwatch
from node.database import writing
from node.handle import Node
from node.members import coming, retention
from node.members.coming import Given
from node.models import Coming, KnownPeer, Run, Upkeep

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.taps import THURSDAY
from ...support.web_client import Phone, words

ENDS = datetime(2026, 6, 4, 18, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Alone:
    """A node whose only peers are gone. Its stopwatch counts what really passes, and its clock shows what it likes."""

    node: LocalNode
    passed: float = 0.0

    def start(self) -> Node:
        """Another process begins."""
        self.process = self.node.restarted(stopwatch=Stopwatch(lambda: self.passed))
        return self.process

    def run(self, time: timedelta) -> None:
        """Let the node run so long: its jobs go on each hour."""
        for _ in range(int(time / HOUR)):
            self.passed += 3600
            self.node.clock.tick(hours=1)
            for job in (jobs.count, jobs.tidy):
                job(self.process)

    def down(self, time: timedelta) -> None:
        """Let the node be down so long."""
        self.passed += time.total_seconds()
        self.node.clock.now += time
        self.start()

    @property
    def has_contact(self) -> bool:
        with self.node.session() as session:
            return session.scalars(select(Coming.emergency)).first() is not None


@pytest.fixture
def alone(federation: LocalFederation) -> Iterator[Alone]:
    """London, which others have answered once, and whose runner has left a contact. From now on nobody answers."""
    london = federation.add_chapter(LONDON)
    federation.add_chapter(BRISBANE)
    federation.settle()
    run = london.announce(a_run())
    jobs.tidy(london.handle)
    with london.session() as session:
        given = Given(name="Ada", emergency="my sister Jo")
        coming.say(session, london.settings, run.id, THURSDAY, given, london.clock())
    with london.session() as session, writing(session):
        for peer in session.scalars(select(KnownPeer)):
            peer.status_at = None
    made = Alone(london)
    made.start()
    return made


def to_the_end(alone: Alone) -> timedelta:
    """Until an emergency contact is over."""
    return ENDS + timedelta(hours=25) - alone.node.clock()


def test_a_contact_goes_after_its_day_though_nobody_vouches_for_the_clock(alone: Alone) -> None:
    alone.run(to_the_end(alone) - 4 * HOUR)
    assert alone.has_contact
    alone.run(6 * HOUR)
    assert not alone.has_contact


def test_a_clock_that_jumps_ahead_deletes_nothing_though_the_node_starts_again(alone: Alone) -> None:
    alone.run(2 * HOUR)
    alone.node.clock.now += timedelta(days=400)
    alone.run(2 * HOUR)
    alone.start()
    alone.run(2 * HOUR)
    assert alone.has_contact


def test_time_for_which_the_node_was_down_is_added_and_the_pages_say_that_the_sweep_is_late(alone: Alone) -> None:
    lead = Phone(alone.node).sign_in()
    alone.run(to_the_end(alone) - 10 * HOUR)
    assert "Deleting is late" not in words(Phone(alone.node).get("/privacy"))
    alone.down(20 * HOUR)
    alone.run(2 * HOUR)
    assert alone.has_contact
    for page in (Phone(alone.node).get("/privacy"), lead.get("/lead")):
        assert "Deleting is late on this site: data that should have gone since" in words(page)
    alone.run(10 * HOUR)
    assert not alone.has_contact


def test_once_somebody_vouches_again_the_sweep_catches_up(alone: Alone) -> None:
    alone.down(to_the_end(alone) + HOUR)
    alone.run(HOUR)
    assert alone.has_contact
    with alone.node.session() as session, writing(session):
        for peer in session.scalars(select(KnownPeer)):
            peer.status_at, peer.clock_off_seconds = alone.node.clock(), 0
    alone.run(HOUR)
    assert not alone.has_contact
    assert "Deleting is late" not in words(Phone(alone.node).get("/privacy"))


def test_a_clock_that_was_behind_at_a_start_does_not_hold_the_sweep_up_for_ever(alone: Alone) -> None:
    alone.run(2 * HOUR)
    right = alone.node.clock.now
    alone.node.clock.now = datetime(1970, 1, 2, tzinfo=UTC)
    alone.start()
    jobs.count(alone.process)
    jobs.tidy(alone.process)
    alone.node.clock.now = right
    alone.run(to_the_end(alone) + 2 * HOUR)
    assert not alone.has_contact


def test_a_node_that_starts_again_every_ten_minutes_counts_on(alone: Alone) -> None:
    with alone.node.session() as session:
        before = session.get_one(Upkeep, 1).swept_at
    for _ in range(6):
        alone.start()
        for _ in range(2):
            alone.passed += 290
            alone.node.clock.tick(seconds=290)
            jobs.count(alone.process)
    with alone.node.session() as session:
        assert before is not None
        assert session.get_one(Upkeep, 1).sure_at == before + timedelta(seconds=12 * 290)


def test_a_node_that_has_nobody_to_ask_goes_by_its_own_clock(london: LocalNode, run: Run) -> None:
    london.clock.tick(days=400)
    with london.session() as session:
        assert retention.late_since(session, london.clock()) is None
    jobs.tidy(london.handle)
    with london.session() as session:
        assert session.get_one(Upkeep, 1).sure_at == london.clock()
