"""From a rule to its dates: wall-clock time across changes of clocks, and rules that go far back."""

from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from federation.documents import DateState, Schedule
from node.recurrence import Occurs, known_zone, later, moved_into, next_start, occurrences, starts_of, zone

THURSDAYS = "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH"


def schedule(zone: str = "Europe/London", dtstart: str = "2026-01-01T18:30", **changes: Any) -> Schedule:
    values: dict[str, Any] = {"rrule": THURSDAYS, "duration_minutes": 60, "arrive_minutes_before": 10}
    return Schedule(timezone=zone, dtstart=dtstart, **values | changes)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def instants(found: list[Occurs]) -> list[str]:
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
    assert later(datetime(2026, 3, 29, 0, 30, tzinfo=tz), timedelta(hours=1)).time() == time(2, 30)


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


def test_an_unknown_zone_has_no_occurrence() -> None:
    run = schedule("Europe/Atlantis")
    assert not known_zone("Europe/Atlantis")
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
    assert moved_into(schedule(), [said], date(2026, 1, 1), date(2026, 1, 31)) == []


def test_a_date_that_was_moved_into_a_span_is_found_in_it() -> None:
    said = DateState("2026-01-08", "moved", "2026-01-02T09:00:00Z", starts="2026-01-10T10:00")
    found = moved_into(schedule(), [said], date(2026, 1, 9), date(2026, 1, 12))
    assert [one.day for one in found] == [date(2026, 1, 8)]


_WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
_INTERVALS = st.integers(1, 12)
_WEEKLY = st.builds(
    "FREQ=WEEKLY;INTERVAL={};BYDAY={}".format,
    _INTERVALS,
    st.lists(st.sampled_from(_WEEKDAYS), min_size=1, max_size=7).map(",".join),
)
_MONTHLY = st.builds(
    "FREQ=MONTHLY;INTERVAL={};BYDAY={}{}".format,
    _INTERVALS,
    st.sampled_from([1, 2, 3, 4, -1]),
    st.sampled_from(_WEEKDAYS),
)
_DATES = st.dates(date(2020, 1, 1), date(2032, 12, 31))


@given(_WEEKLY | _MONTHLY, _DATES, _DATES, st.integers(0, 200))
def test_the_days_are_those_of_rfc_5545_as_dateutil_reads_it(rule: str, first: date, start: date, length: int) -> None:
    end = start + timedelta(days=length)
    began = datetime.combine(first, time(18, 30))
    window = (datetime.combine(start, time.min), datetime.combine(end, time.max))
    expected = [moment.date().isoformat() for moment in rrulestr(rule, dtstart=began).between(*window, inc=True)]
    assert days(schedule(dtstart=f"{first}T18:30", rrule=rule), start, end) == expected
