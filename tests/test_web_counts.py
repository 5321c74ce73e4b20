"""The counts behind every budget: each visitor's own, for a minute, and then forgotten."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import time_machine

from web.counts import Counts

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_each_key_is_counted_for_itself() -> None:
    counts = Counts()
    assert [counts.incr("a", 60), counts.incr("a", 60), counts.incr("b", 60), counts.incr("a", 60, 3)] == [1, 2, 1, 5]
    assert [counts.get(key) for key in ("a", "b", "c")] == [5, 1, 0]


def test_a_window_opens_with_the_first_and_is_over_after_its_seconds() -> None:
    counts = Counts()
    with time_machine.travel(NOON, tick=False) as clock:
        counts.incr("a", 60)
        clock.shift(59)
        assert counts.incr("a", 60) == 2
        assert counts.get_expiry("a") == NOON.timestamp() + 60
        clock.shift(1)
        assert counts.get("a") == 0
        assert counts.incr("a", 60) == 1


def test_a_key_whose_window_is_over_is_not_held_long() -> None:
    counts = Counts()
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(1000):
            counts.incr(f"visitor {number}", 60)
        clock.shift(55)
        counts.incr("late", 60)
        assert len(counts) == 1001
        clock.shift(15)
        counts.incr("late", 60)
        assert len(counts) == 1


def test_no_count_is_lost_between_threads_and_none_is_started() -> None:
    counts, before = Counts(), threading.active_count()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counts.incr("a", 60), range(4000)))
    assert counts.get("a") == 4000
    assert threading.active_count() == before


def test_what_is_cleared_begins_again() -> None:
    counts = Counts()
    for key in "ab":
        counts.incr(key, 60)
    counts.clear("a")
    assert [counts.get(key) for key in "ab"] == [0, 1]
    assert counts.reset() == 1
    assert counts.get("b") == 0
