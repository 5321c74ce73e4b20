"""The counts behind every budget: each visitor's own, for a minute, and then forgotten."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import time_machine

from web.http import counts as counts_module
from web.http.counts import Counts

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_each_key_is_counted_for_itself() -> None:
    counts = Counts()
    assert [counts.add(key) for key in ("a", "a", "b", "a")] == [1, 2, 1, 3]


def test_a_minute_begins_with_the_first_time() -> None:
    counts = Counts()
    with time_machine.travel(NOON, tick=False) as clock:
        counts.add("a")
        clock.shift(59)
        assert counts.add("a") == 2
        assert counts.end("a") == NOON.timestamp() + 60
        clock.shift(1)
        assert counts.add("a") == 1


def test_a_key_whose_minute_is_over_is_not_held_long() -> None:
    counts = Counts()
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(1000):
            counts.add(f"visitor {number}")
        clock.shift(55)
        counts.add("late")
        assert len(counts) == 1001
        clock.shift(15)
        counts.add("late")
        assert len(counts) == 1


def test_no_count_is_lost_between_threads_and_none_is_started() -> None:
    counts, before = Counts(), threading.active_count()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counts.add("a"), range(4000)))
    assert counts.add("a") == 4001
    assert threading.active_count() == before


def test_a_flood_of_visitors_is_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts_module, "MOST", 100)
    counts = Counts()
    for number in range(1000):
        counts.add(f"visitor {number}")
    assert len(counts) <= 100
