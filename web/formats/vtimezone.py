"""A time zone as calendars want it: what its clocks do in each year, as rules (RFC 5545 §3.6.5).

The rules are read off the zone's own data: each change of its clocks in 28 years. After 28 years weekdays and leap
years come again in the same order, so that a change by a rule has then been on each day that it can be on.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from federation.words import WEEKDAYS
from node.schedule.recurrence import zone

if TYPE_CHECKING:
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_YEARS = 28
#: Of changes by no rule those of so many years are named. A calendar asks again long before they are over.
_YEARS_BY_NAME = 10
_WEEK = 7


#: The parts of an RRULE.
Rule = dict[str, list[int] | list[str] | str]


class Change(NamedTuple):
    """What clocks are set to: the offset from UTC before and after, and the name of the time after."""

    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=64)
def vtimezone(name: str, year: int) -> "Timezone":
    """The zone of that name from the year `year` on. Its caller changes nothing in it."""
    from icalendar import Timezone

    tz = zone(name)
    if tz is None:
        raise ValueError(f"no zone {name}")
    made = Timezone()
    made.add("TZID", name)
    for change, onsets in changes_of(tz, year).items():
        rule = rule_of(onsets)
        # One by one, and not as an RDATE: ical.js reads no list of dates in a zone.
        for onset in onsets[:1] if rule else [one for one in onsets if one.year < year + _YEARS_BY_NAME]:
            made.add_component(_observance(change, onset, rule))
    return made


def changes_of(tz: ZoneInfo, year: int) -> dict[Change, list[datetime]]:
    """Each change with its onsets (naive, on the clocks as they were before it), from the year before `year` on."""
    begin = datetime(year - 1, 1, 1, tzinfo=UTC)
    found: dict[Change, list[datetime]] = {}
    for moment in _moments(tz, begin, _YEARS):
        before, after = _offset(tz, moment - timedelta(seconds=1)), _offset(tz, moment)
        change = Change(before, after, moment.astimezone(tz).tzname() or name_of(after))
        found.setdefault(change, []).append((moment + before).replace(tzinfo=None))
    if all(moments[0].year >= year for moments in found.values()):
        still = Change(_offset(tz, begin), _offset(tz, begin), begin.astimezone(tz).tzname() or "")
        found[still] = [begin.replace(tzinfo=None)]
    return found


def rule_of(onsets: list[datetime]) -> Rule | None:
    """The yearly rule that has all `onsets` and no other, as the parts of an RRULE; None if there is none."""
    first = onsets[0]
    same = {(one.month, one.weekday(), one.time()) for one in onsets}
    if len(same) > 1 or [one.year for one in onsets] != list(range(first.year, first.year + len(onsets))):
        return None
    if len(onsets) < _YEARS - 1:
        return None
    days, weekday = sorted({one.day for one in onsets}), WEEKDAYS[first.weekday()]
    yearly: Rule = {"FREQ": "YEARLY", "BYMONTH": [first.month]}
    if days[-1] - days[0] >= _WEEK:
        return None
    if all(_from_end(one) <= _WEEK for one in onsets):
        return yearly | {"BYDAY": [f"-1{weekday}"]}
    if days[0] % _WEEK == 1:
        return yearly | {"BYDAY": [f"{days[-1] // _WEEK}{weekday}"]}
    return yearly | {"BYMONTHDAY": list(range(days[0], days[-1] + 1)), "BYDAY": [weekday]}


def _observance(change: Change, onset: datetime, rule: Rule | None) -> "TimezoneStandard | TimezoneDaylight":
    from icalendar import TimezoneDaylight, TimezoneStandard

    made = TimezoneDaylight() if change.after > change.before else TimezoneStandard()
    made.add("DTSTART", onset)
    made.add("TZOFFSETFROM", change.before)
    made.add("TZOFFSETTO", change.after)
    made.add("TZNAME", change.name)
    if rule:
        made.add("RRULE", rule)
    return made


def _moments(tz: ZoneInfo, begin: datetime, years: int) -> Iterator[datetime]:
    """The moments (UTC) at which the clocks change."""
    day = begin
    while day.year < begin.year + years:
        later = day + timedelta(days=1)
        if _offset(tz, day) != _offset(tz, later):
            yield _between(tz, day, later)
        day = later


def _between(tz: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """The second in which the clocks change."""
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (middle, late) if _offset(tz, middle) == _offset(tz, early) else (early, middle)
    return late


def _offset(tz: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(tz).utcoffset() or timedelta(0)


def name_of(offset: timedelta) -> str:
    """ "+0200": a name for a time that has none."""
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _from_end(onset: datetime) -> int:
    """1 for the last day of a month, 2 for the day before it."""
    following = date(onset.year + onset.month // 12, onset.month % 12 + 1, 1)
    return (following - onset.date()).days
