"""From a rule to its dates: wall-clock time across changes of clocks, and rules that go far back."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from federation.documents import DateState, Listing, MeetingPoint, Schedule
from node.directory.listing_rows import next_of
from node.schedule.recurrence import (
    RuleDate,
    add_elapsed,
    dates_shown,
    next_start,
    occurrences,
    planned_gaps,
    starts_of,
    zone,
)

THURSDAYS = "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH"


def schedule(zone: str = "Europe/London", dtstart: str = "2026-01-01T18:30", **changes: Any) -> Schedule:
    values: dict[str, Any] = {"rrule": THURSDAYS, "duration_minutes": 60, "arrive_minutes_before": 10}
    return Schedule(timezone=zone, dtstart=dtstart, **values | changes)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def instants(found: list[RuleDate]) -> list[str]:
    return [one.starts.astimezone(UTC).strftime("%m-%d %H:%M") for one in found]


def days(of: Schedule, start: date, end: date) -> list[str]:
    return [one.day.isoformat() for one in occurrences(of, start, end)]


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        ("Europe/London", date(2026, 3, 26), ["03-26 18:30", "04-02 17:30"]),
        ("Europe/London", date(2026, 10, 22), ["10-22 17:30", "10-29 18:30"]),
        ("America/New_York", date(2026, 3, 5), ["03-05 23:30", "03-12 22:30"]),
        ("America/New_York", date(2026, 10, 29), ["10-29 22:30", "11-05 23:30"]),
        ("Australia/Brisbane", date(2026, 3, 26), ["03-26 08:30", "04-02 08:30"]),
        ("Australia/Brisbane", date(2026, 10, 29), ["10-29 08:30", "11-05 08:30"]),
    ],
)
def test_half_past_six_stays_half_past_six_when_the_clocks_change(zone: str, start: date, expected: list[str]) -> None:
    found = occurrences(schedule(zone), start, start + timedelta(days=7))
    assert [one.starts.time() for one in found] == [time(18, 30)] * 2
    assert instants(found) == expected


def test_a_time_that_spring_skips_moves_forward() -> None:
    run = schedule(dtstart="2026-03-29T01:30", rrule="FREQ=WEEKLY;INTERVAL=1;BYDAY=SU")
    (found,) = occurrences(run, date(2026, 3, 29), date(2026, 3, 29))
    assert (found.day, found.starts.time()) == (date(2026, 3, 29), time(2, 30))
    assert instants([found]) == ["03-29 01:30"]


def test_of_a_time_that_autumn_doubles_the_first_counts() -> None:
    run = schedule(dtstart="2026-03-29T01:30", rrule="FREQ=WEEKLY;INTERVAL=1;BYDAY=SU")
    assert instants(occurrences(run, date(2026, 10, 25), date(2026, 10, 25))) == ["10-25 00:30"]


def test_an_hour_is_an_hour_when_the_clocks_go_forward() -> None:
    tz = zone("Europe/London")
    assert add_elapsed(datetime(2026, 3, 29, 0, 30, tzinfo=tz), timedelta(hours=1)).time() == time(2, 30)


def test_a_run_in_the_night_of_the_change_ends_after_its_hour() -> None:
    run = schedule(dtstart="2026-03-29T00:30", rrule="FREQ=WEEKLY;INTERVAL=1;BYDAY=SU")
    assert next_start(run, at("2026-03-29 01:29")) == at("2026-03-29 00:30")
    assert next_start(run, at("2026-03-29 01:30")) == at("2026-04-04 23:30")


def test_until_is_the_last_day() -> None:
    run = schedule(until="2026-01-15")
    assert days(run, date(2026, 1, 1), date(2026, 2, 1)) == ["2026-01-01", "2026-01-08", "2026-01-15"]


def test_exdates_are_left_out() -> None:
    run = schedule(exdates=["2026-01-08"])
    assert days(run, date(2026, 1, 1), date(2026, 1, 15)) == ["2026-01-01", "2026-01-15"]


def test_nothing_is_held_before_the_first_date() -> None:
    assert days(schedule(), date(2025, 12, 1), date(2026, 1, 1)) == ["2026-01-01"]


def test_every_other_week_keeps_its_rhythm_from_the_first_week() -> None:
    run = schedule(rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH")
    assert days(run, date(2026, 1, 5), date(2026, 1, 31)) == ["2026-01-13", "2026-01-15", "2026-01-27", "2026-01-29"]


def test_the_first_sunday_of_each_month() -> None:
    run = schedule(dtstart="2026-01-04T09:00", rrule="FREQ=MONTHLY;INTERVAL=1;BYDAY=1SU")
    assert days(run, date(2026, 2, 1), date(2026, 4, 30)) == ["2026-02-01", "2026-03-01", "2026-04-05"]


def test_the_last_friday_of_every_third_month() -> None:
    run = schedule(dtstart="2025-10-01T09:00", rrule="FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR")
    assert days(run, date(2026, 1, 1), date(2026, 12, 31)) == ["2026-01-30", "2026-04-24", "2026-07-31", "2026-10-30"]


def test_the_rules_of_a_zone_are_the_pinned_ones_whatever_the_machine_has(tmp_path: Path) -> None:
    (tmp_path / "Europe").mkdir()
    tokyo = resources.files("tzdata.zoneinfo").joinpath("Asia/Tokyo").read_bytes()
    (tmp_path / "Europe/London").write_bytes(tokyo)
    code = (
        "from datetime import datetime; from zoneinfo import ZoneInfo; from node.schedule.recurrence import zone\n"
        "for one in (ZoneInfo('Europe/London'), zone('Europe/London')): print(datetime(2026, 6, 4, tzinfo=one))"
    )
    environ = os.environ | {"PYTHONTZPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert done.stdout.split() == ["2026-06-04", "00:00:00+09:00", "2026-06-04", "00:00:00+01:00"]


def test_no_zone_is_read_by_another_road() -> None:
    root = Path(__file__).parents[3]
    sources = [path for name in ("federation", "node", "web", "deploy") for path in (root / name).rglob("*.py")]
    assert len(sources) > 100
    assert [path for path in sources if "ZoneInfo(" in path.read_text()] == []


def test_every_zone_of_the_package_is_known() -> None:
    names = resources.files("tzdata").joinpath("zones").read_text().split()
    assert [name for name in names if zone(name) is None] == ["Factory"]


def test_an_unknown_zone_has_no_occurrence() -> None:
    run = schedule("Europe/Atlantis")
    assert zone("Europe/Atlantis") is None
    assert occurrences(run, date(2026, 1, 1), date(2026, 2, 1)) == []
    assert next_start(run, at("2026-01-01 00:00")) is None


def test_a_span_that_ends_before_it_starts_is_empty() -> None:
    assert occurrences(schedule(), date(2026, 2, 1), date(2026, 1, 1)) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2026-03-26 19:29", "2026-03-26 18:30"), ("2026-03-26 19:30", "2026-04-02 17:30")],
)
def test_the_next_start_is_across_the_change_once_this_one_has_ended(now: str, expected: str) -> None:
    assert next_start(schedule(), at(now)) == at(expected)


def test_a_run_past_midnight_is_still_on() -> None:
    late = schedule(dtstart="2026-01-01T23:30")
    assert next_start(late, at("2026-01-09 00:15")) == at("2026-01-08 23:30")


def test_a_run_that_is_over_has_no_next_start() -> None:
    assert next_start(schedule(until="2026-01-15"), at("2026-01-15 20:00")) is None


def test_the_day_of_a_run_in_brisbane_is_brisbanes() -> None:
    run = schedule("Australia/Brisbane", dtstart="2026-01-01T06:00")
    assert next_start(run, at("2026-01-07 12:00")) == at("2026-01-07 20:00")


@pytest.mark.parametrize("dtstart", ["0001-01-01T00:00", "0001-01-04T18:30", "9999-12-31T23:59"])
@pytest.mark.parametrize("rule", [THURSDAYS, "FREQ=MONTHLY;INTERVAL=12;BYDAY=-1FR"])
def test_a_first_date_at_the_ends_of_the_calendar_costs_nothing(dtstart: str, rule: str) -> None:
    run = schedule("Pacific/Kiritimati", dtstart=dtstart, rrule=rule)
    began = perf_counter()
    for _ in range(20):
        next_start(run, at("2026-06-01 09:00"))
    assert perf_counter() - began < 1  # walking there took 0.2 s each


def test_a_moved_date_starts_where_it_was_moved_to() -> None:
    (usual,) = occurrences(schedule(), date(2026, 1, 8), date(2026, 1, 8))
    said = DateState("2026-01-08", "moved", "2026-01-02T09:00:00Z", starts="2026-01-10T10:00")
    assert starts_of(usual, said).astimezone(UTC) == at("2026-01-10 10:00")


@pytest.mark.parametrize("starts", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_move_to_the_ends_of_the_calendar_is_not_believed(starts: str) -> None:
    (usual,) = occurrences(schedule(), date(2026, 1, 8), date(2026, 1, 8))
    said = DateState("2026-01-08", "moved", "2026-01-02T09:00:00Z", starts=starts)
    assert starts_of(usual, said) == usual.starts
    assert {one.day.day for one in dates_shown(schedule(), [said], date(2026, 1, 1), date(2026, 1, 31))} == {
        1,
        8,
        15,
        22,
        29,
    }


def test_a_date_that_was_moved_into_a_span_is_found_in_it() -> None:
    said = DateState("2026-01-08", "moved", "2026-01-02T09:00:00Z", starts="2026-01-10T10:00")
    found = dates_shown(schedule(), [said], date(2026, 1, 9), date(2026, 1, 12))
    assert [one.day for one in found] == [date(2026, 1, 8)]


def test_a_run_without_a_rule_is_held_once() -> None:
    once = schedule(dtstart="2026-01-03T09:00", rrule=None)
    assert days(once, date(2025, 1, 1), date(2027, 1, 1)) == ["2026-01-03"]
    assert next_start(once, at("2026-01-03 11:00")) is None


def test_a_planned_gap_is_no_occurrence_but_is_shown() -> None:
    run = schedule(exdates=["2026-01-08", "2026-01-09"])  # a Friday is no day of it
    assert days(run, date(2026, 1, 1), date(2026, 1, 15)) == ["2026-01-01", "2026-01-15"]
    assert [gap.day for gap in planned_gaps(run, date(2026, 1, 1), date(2026, 1, 15))] == [date(2026, 1, 8)]
    every = dates_shown(run, [], date(2026, 1, 1), date(2026, 1, 15))
    assert {one.day.day: one.planned_gap for one in every} == {1: False, 8: True, 15: False}


def said_moved(day: str, starts: str) -> DateState:
    return DateState(day, "moved", "2026-01-02T09:00:00Z", starts=starts)


@pytest.mark.parametrize(("start", "end"), [("2026-01-07", "2026-01-07"), ("2026-01-08", "2026-01-08")])
def test_s7_4_a_day_of_an_earlier_rule_leads_to_the_run_that_takes_its_place(start: str, end: str) -> None:
    said = said_moved("2026-01-07", "2026-01-08T18:30")  # it was on Wednesdays
    (found,) = dates_shown(schedule(), [said], date.fromisoformat(start), date.fromisoformat(end))
    assert (found.day, found.off_rule) == (date(2026, 1, 8), False)
    assert found.known_for == (date(2026, 1, 7),)


def test_s7_4_a_day_of_an_earlier_rule_without_a_successor_stands_alone() -> None:
    said = DateState("2026-01-07", "cancelled", "2026-01-02T09:00:00Z")
    found = dates_shown(schedule(), [said], date(2026, 1, 6), date(2026, 1, 7))
    assert [(one.day, one.off_rule) for one in found] == [(date(2026, 1, 7), True)]


def test_s7_4_a_day_that_the_rule_does_not_have_cannot_be_confirmed() -> None:
    said = DateState("2026-01-07", "confirmed", "2026-01-02T09:00:00Z")
    assert dates_shown(schedule(), [said], date(2026, 1, 6), date(2026, 1, 7)) == []


def test_a_date_that_was_moved_far_ahead_from_a_day_that_is_over_brings_nothing_forward() -> None:
    moved = DateState("2026-01-08", "moved", "2026-01-02T09:00:00Z", starts="2026-02-20T18:30")
    listing = Listing("a" * 8, "Run", "run", schedule(), MeetingPoint("Here", "", "", 0, 0), dates=[moved])
    assert next_of(listing, at("2026-01-13 12:00")) == at("2026-01-15 18:30")
    assert next_of(listing, at("2026-01-07 12:00")) == at("2026-01-08 18:30")
