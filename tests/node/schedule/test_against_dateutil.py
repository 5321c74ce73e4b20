"""The rules of any listing, against another program's reading of them."""

from datetime import UTC, date, datetime, time, timedelta
from importlib import resources

import pytest
from dateutil import tz
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.documents import DateState, Listing, MeetingPoint, Schedule
from node.directory.listing_rows import CLOCKS_CHANGE_S, is_weekly, next_of
from node.schedule.recurrence import (
    add_elapsed,
    dates_shown,
    next_start,
    occurrences,
    starts_of,
    zone,
)

from .test_recurrence import at, days, schedule

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


#: "Factory" is the zone of a machine that nobody has set up.
_ZONES = sorted({*(resources.files("tzdata") / "zones").read_text().split()} - {"Factory"})


def by_dateutil(run: Schedule, start: date, end: date) -> list[datetime]:
    """The same instants, by dateutil's rules and by its own reading of gaps."""
    began = datetime.fromisoformat(run.dtstart)
    found = rruleset()
    if run.rrule is None:
        found.rdate(began)
    else:
        until = f";UNTIL={run.until.replace('-', '')}T235959" if run.until else ""
        found.rrule(rrulestr(run.rrule + until, dtstart=began))
    for day in run.exdates:
        found.exdate(datetime.combine(date.fromisoformat(day), began.time()))
    moments = found.between(datetime.combine(start, time.min), datetime.combine(end, time.max), inc=True)
    zone_ = zone(run.timezone)
    return [tz.resolve_imaginary(moment.replace(tzinfo=zone_)).astimezone(UTC) for moment in moments]


def by_us(run: Schedule, start: date, end: date) -> list[datetime]:
    # In UTC: Python finds a doubled time of one zone object equal to none of another.
    return [one.starts.astimezone(UTC) for one in occurrences(run, start, end)]


_EXDATES = st.lists(st.integers(0, 200), max_size=5)


@settings(max_examples=1000)
@given(
    st.sampled_from(_ZONES),
    st.none() | _WEEKLY | _MONTHLY,
    st.datetimes(datetime.fromisoformat("2019-01-01"), datetime.fromisoformat("2026-12-31")),
    st.integers(-100, 400),
    st.none() | st.integers(0, 400),
    _EXDATES,
)
def test_in_every_zone_the_instants_are_those_of_dateutil(
    name: str, rule: str | None, first: datetime, ahead: int, until: int | None, gaps: list[int]
) -> None:
    start = first.date() + timedelta(days=ahead)
    run = schedule(
        name,
        first.strftime("%Y-%m-%dT%H:%M"),
        rrule=rule,
        until=(first.date() + timedelta(days=until)).isoformat() if until is not None else None,
        exdates=sorted({(start + timedelta(days=gap)).isoformat() for gap in gaps}),
    )
    end = start + timedelta(days=200)
    assert by_us(run, start, end) == by_dateutil(run, start, end)


@pytest.mark.parametrize("clock", ["00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "23:30"])
def test_through_a_year_of_every_zone_daylight_saving_and_all(clock: str) -> None:
    every_day = "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR,SA,SU"
    start, end = date(2025, 1, 1), date(2025, 12, 31)
    wrong = []
    for name in _ZONES:
        run = schedule(name, f"2025-01-01T{clock}", rrule=every_day)
        if by_us(run, start, end) != by_dateutil(run, start, end):
            wrong.append(name)
    assert wrong == []


def test_where_runs_count_as_weekly_no_clock_changes_by_more_than_search_reckons_with() -> None:
    days_ahead = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(5 * 365)]
    for name in _ZONES:
        run = schedule(name, "2026-01-01T18:30", rrule="FREQ=WEEKLY;INTERVAL=1;BYDAY=TH")
        offsets = {day.astimezone(zone(name)).utcoffset() or timedelta() for day in days_ahead}
        changes = (max(offsets) - min(offsets)).total_seconds()
        assert is_weekly(Listing("a" * 8, "Run", "run", run, MeetingPoint("Here", "", "", 0, 0))) == (
            changes <= CLOCKS_CHANGE_S
        ), name


_ANY_DAY = st.dates(date(1, 1, 1), date(9999, 12, 31)) | st.dates(date(2026, 5, 1), date(2026, 7, 1))


_SAID = st.builds(
    lambda day, state, starts: DateState(f"{day:%Y-%m-%d}".zfill(10), state, "2026-01-02T09:00:00Z", starts=starts),
    _ANY_DAY,
    st.sampled_from(["confirmed", "cancelled", "moved"]),
    st.none() | _ANY_DAY.map(lambda day: f"{day:%Y-%m-%d}".zfill(10) + "T18:30"),
)


@given(
    st.sampled_from(["Pacific/Kiritimati", "Pacific/Niue", "Europe/London"]),
    st.none() | _WEEKLY | _MONTHLY,
    _ANY_DAY,
    st.none() | _ANY_DAY,
    st.lists(_ANY_DAY, max_size=60, unique=True),
    st.lists(_SAID, max_size=20, unique_by=lambda said: said.date),
)
def test_whatever_a_peer_says_is_read_and_nothing_lies_before_the_next_start(
    name: str, rule: str | None, first: date, until: date | None, gaps: list[date], said: list[DateState]
) -> None:
    def text(day: date) -> str:
        return f"{day:%Y-%m-%d}".zfill(10)

    run = schedule(
        name,
        text(first) + "T18:30",
        rrule=rule,
        until=text(until) if until else None,
        exdates=[text(gap) for gap in gaps],
    )
    now = at("2026-06-01 12:00")
    listing = Listing("a" * 8, "Run", "run", run, MeetingPoint("Here", "", "", 0, 0), dates=said)
    by_day = {one.date: one for one in said}
    found = dates_shown(run, said, date(2026, 5, 31), date(2026, 7, 27))
    starts = [starts_of(one, by_day.get(text(one.day))) for one in found]
    left = [one.astimezone(UTC) for one in starts if add_elapsed(one, timedelta(minutes=60)) > now]
    earliest = next_of(listing, now)
    assert not left or (earliest is not None and earliest <= min(left))


@given(st.integers(-3600, 4 * 3600), st.sampled_from(["Europe/London", "Asia/Kathmandu"]), st.integers(5, 180))
def test_at_each_second_the_next_start_is_the_first_that_has_not_ended(off: int, zone: str, minutes: int) -> None:
    run = schedule(zone, duration_minutes=minutes, exdates=["2026-06-11"])
    every = [one.starts for one in occurrences(run, date(2026, 6, 4), date(2026, 7, 1))]
    now = every[0].astimezone(UTC) + timedelta(seconds=off)
    assert next_start(run, now) == next(
        starts for starts in every if add_elapsed(starts, timedelta(minutes=minutes)) > now
    )
