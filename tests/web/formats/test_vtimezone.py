"""Time zones as calendars are told of them, against the zones themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from node.schedule.recurrence import zone
from web.formats.vtimezone import vtimezone

YEAR = 2026


@pytest.mark.parametrize(
    "name",
    [
        "Europe/London",
        "Europe/Dublin",
        "America/New_York",
        "America/Nuuk",
        "Asia/Jerusalem",
        "Australia/Sydney",
        "Australia/Lord_Howe",
        "Australia/Brisbane",
        "Africa/Cairo",
        "Africa/Casablanca",
        "America/Vancouver",
        "Asia/Gaza",
        "Asia/Kolkata",
        "UTC",
    ],
)
def test_a_zone_in_a_calendar_says_what_the_zone_says(name: str) -> None:
    # dateutil reads the rules of the calendar; it knows nothing of the zone by name.
    said: Any = vtimezone(name, YEAR).to_tz(lookup_tzid=False)
    real = zone(name)
    moment, end = datetime(YEAR, 1, 1, tzinfo=UTC), datetime(YEAR + 6, 1, 1, tzinfo=UTC)
    while moment < end:
        assert said.fromutc(moment.replace(tzinfo=said)).utcoffset() == moment.astimezone(real).utcoffset(), moment
        moment += timedelta(hours=7)


@pytest.mark.parametrize("name", ["Europe/London", "America/New_York", "Asia/Jerusalem", "America/Nuuk"])
def test_a_zone_that_changes_by_a_rule_has_two_yearly_rules(name: str) -> None:
    zone_ = vtimezone(name, YEAR)
    assert all("FREQ=YEARLY" in one["RRULE"].to_ical().decode() for one in zone_.subcomponents)
    assert sorted(one.name or "" for one in zone_.subcomponents) == ["DAYLIGHT", "STANDARD"]


def test_a_change_on_the_last_sunday_is_written_as_such() -> None:
    rules = [one["RRULE"].to_ical().decode() for one in vtimezone("Europe/London", YEAR).subcomponents]
    assert sorted(rules) == ["FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"]


def test_a_zone_whose_changes_follow_no_rule_names_each_of_them() -> None:
    gaza = vtimezone("Asia/Gaza", YEAR)
    assert len(gaza.subcomponents) > 20
    # ical.js reads no list of dates in a zone.
    assert not any("RRULE" in one or "RDATE" in one for one in gaza.subcomponents)


def test_a_zone_that_leaves_its_clocks_alone_has_one_offset() -> None:
    [only] = vtimezone("Australia/Brisbane", YEAR).subcomponents
    assert only["TZOFFSETTO"].to_ical() == only["TZOFFSETFROM"].to_ical() == "+1000"
