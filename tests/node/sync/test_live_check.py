"""Asking a chapter's own node before a run: never waiting, and never more often than §13.4 allows."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from node.chapter import dates
from node.directory import listings
from node.sync import live_check
from node.sync.live_check import Checked, Checker
from node.wire import deadlines

from ...support.full_disk import full_disk
from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...web.http.test_page_cache import revision

THURSDAY = date(2026, 6, 4)
PROTOCOL = Path(live_check.__file__).parents[2] / "federation" / "PROTOCOL.md"


class ByHand(Executor):
    """Runs what was submitted when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []

    def submit(self, act: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.waiting.append(lambda: act(*args, **kwargs))
        return Future()

    def work(self) -> int:
        """Do all that waits; how much it was."""
        acts, self.waiting = self.waiting, []
        for act in acts:
            act()
        return len(acts)


class World:
    """Brisbane's node, which holds London's run and may ask London about it."""

    def __init__(self, federation: LocalFederation) -> None:
        self.federation, self.clock = federation, federation.clock
        self.london, self.brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
        self.run = self.london.announce(a_run())
        federation.settle()
        self.pool = ByHand()
        self.checker = checker_of(self.brisbane, self.pool)
        federation.wire.sent.clear()

    def ask(self, chapter: str = "") -> Checked | None:
        return self.checker.ask(chapter or self.london.chapter_id, self.clock())

    def state(self) -> str:
        with self.brisbane.session() as session:
            found = listings.on_day(session, self.london.chapter_id, self.run.id, THURSDAY, self.clock())
        assert found
        return found.state

    def cancel(self) -> None:
        with self.london.session() as session:
            dates.cancel(session, self.london.settings, self.run.id, THURSDAY, "weather", "", self.clock())


def checker_of(node: LocalNode, pool: Executor | None = None) -> Checker:
    assert node.wire
    return Checker(node.handle, pool)


@pytest.fixture
def world(federation: LocalFederation) -> Iterator[World]:
    made = World(federation)
    yield made
    made.checker.close()


def test_the_first_question_is_answered_at_once_with_nothing(world: World) -> None:
    assert world.ask() is None
    assert world.federation.wire.sent == []
    assert world.pool.work() == 1
    assert world.ask() == Checked(world.clock(), True)


def test_a_cancellation_that_nobody_told_comes_with_the_check(world: World) -> None:
    world.cancel()
    assert world.state() == "unconfirmed"
    world.ask()
    world.pool.work()
    assert world.state() == "cancelled"


def test_an_urgent_find_is_passed_on(world: World) -> None:
    world.cancel()
    world.ask()
    world.pool.work()
    assert world.federation.relay(world.brisbane) > 0


def test_an_answer_without_news_writes_nothing(world: World) -> None:
    before = revision(world.brisbane)
    world.ask()
    world.pool.work()
    assert revision(world.brisbane) == before


def test_who_does_not_answer_is_said_not_to(world: World) -> None:
    world.federation.wire.down.add(world.london.settings.base_url)
    world.ask()
    world.pool.work()
    assert world.ask() == Checked(world.clock(), False)


def test_a_host_that_hands_out_another_chapters_document_has_not_answered(world: World) -> None:
    world.federation.wire.nodes[world.london.settings.base_url] = world.federation.hq
    world.cancel()
    world.ask()
    world.pool.work()
    assert world.state() == "unconfirmed"


def test_a_node_that_sends_rubbish_has_not_answered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from node.wire.outbound import Answer

    monkeypatch.setattr(world.federation.wire, "send", lambda *_, **__: Answer(200, b"{]"))
    world.ask()
    world.pool.work()
    assert world.ask() == Checked(world.clock(), False)


def test_our_own_node_is_not_asked(world: World) -> None:
    world.ask(world.brisbane.chapter_id)
    world.pool.work()
    assert world.federation.wire.sent == []


def test_s13_4_nobody_is_asked_twice_within_a_minute_answer_or_not(world: World) -> None:
    for is_down in (False, True):
        if is_down:
            world.federation.wire.down.add(world.london.settings.base_url)
        for _ in range(100):
            world.ask()
            world.pool.work()
            world.clock.tick(seconds=0.5)
        assert len(world.federation.wire.sent) == (1 if is_down else 2)  # its status, and its document
        world.federation.wire.sent.clear()
        world.clock.tick(seconds=61)


def test_s13_4_of_one_chapter_one_check_is_under_way(world: World) -> None:
    for _ in range(100):
        world.ask()
        world.clock.tick(seconds=70)
    assert len(world.pool.waiting) == 1


def test_s13_4_two_checks_are_under_way_at_most(world: World) -> None:
    for number in range(100):
        world.ask(f"chapter{number}")
    assert len(world.pool.waiting) == 2


def test_s13_4_thirty_checks_begin_in_a_minute_at_most(world: World) -> None:
    begun = 0
    for number in range(590):
        world.ask(f"chapter{number}")
        begun += world.pool.work()
        world.clock.tick(seconds=0.1)
    assert begun == 30
    world.clock.tick(seconds=2)
    world.ask("another")
    assert world.pool.work() == 1


def test_s13_4_the_limits_are_those_of_the_protocol() -> None:
    section = PROTOCOL.read_text().partition("### §13.4")[2].partition("## §14")[0]
    found = re.search(r"gives it (\d+) seconds.*within (\d+) seconds.*most (\d+) checks at once and (\d+) a", section)
    assert found
    limits = [deadlines.LIVE_CHECK, live_check.KEPT / timedelta(seconds=1), live_check.AT_ONCE]
    assert [int(number) for number in found.groups()] == [*limits, live_check.A_MINUTE]


def test_what_is_known_of_many_chapters_is_bounded(world: World) -> None:
    for number in range(600):
        world.ask(f"chapter{number}")
        world.pool.work()
        world.clock.tick(seconds=3)
    assert len(world.checker._known) == 500


def test_a_closed_checker_says_what_it_knows_and_begins_nothing(world: World) -> None:
    world.ask()
    world.pool.work()
    world.checker.close()
    world.clock.tick(seconds=100)
    assert world.ask()
    assert world.pool.waiting == []


def test_with_its_own_threads_a_check_ends_when_the_checker_is_closed(world: World) -> None:
    checker = checker_of(world.brisbane)
    checker.ask(world.london.chapter_id, world.clock())
    checker.close()
    assert len(world.federation.wire.sent) <= 2


def test_where_no_thread_can_be_begun_the_page_is_shown_and_the_next_one_asks(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(world.pool, "submit", refuse_to_start)
        assert world.ask() is None
    assert "can't start new thread" in caplog.text
    world.ask()
    assert world.pool.work() == 1


def refuse_to_start(*_: object) -> None:
    raise RuntimeError("can't start new thread")


def test_what_a_check_could_not_write_is_logged_and_asked_for_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.cancel()
    world.ask()
    with full_disk(world.brisbane):
        world.pool.work()
    assert "failed" in caplog.text
    world.clock.tick(seconds=61)
    world.ask()
    world.pool.work()
    assert world.state() == "cancelled"
