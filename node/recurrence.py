"""A schedule's occurrences: wall-clock time in the run's zone (RFC 5545 rules), right across daylight saving. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from federation.documents import Schedule
from federation.encodings import from_date, from_local

_LOOK_AHEAD = timedelta(days=800)


@dataclass(frozen=True)
class Occurs:
    """One occurrence: its `day` in the rule, and when it `starts` (aware, in the run's zone)."""

    day: date
    starts: datetime


def known_zone(name: str) -> bool:
    """Whether this node's time-zone data has `name`."""
    return zone(name) is not None


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """The IANA zone, or None if this node does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def local_to_instant(local: datetime, tz: ZoneInfo) -> datetime:
    """`local` (naive) read in `tz`: a time that a spring gap skips moves forward, of a doubled one the first counts."""
    aware = local.replace(tzinfo=tz, fold=0)
    # A skipped time does not survive the way through UTC; coming back moves it forward by the gap (RFC 5545 §3.3.5).
    return aware.astimezone(UTC).astimezone(tz)


def occurrences(schedule: Schedule, start: date, end: date) -> list[Occurs]:
    """Every occurrence whose day lies in `start`..`end` (inclusive, in the run's zone); none in an unknown zone."""
    tz = zone(schedule.timezone)
    if tz is None or end < start:
        return []
    days = _days(schedule, start, end)
    return [Occurs(moment.date(), local_to_instant(moment, tz)) for moment in days]


def next_start(schedule: Schedule, now: datetime) -> datetime | None:
    """When the next occurrence that has not ended starts (UTC), or None."""
    tz = zone(schedule.timezone)
    if tz is None:
        return None
    today = now.astimezone(tz).date()
    length = timedelta(minutes=schedule.duration_minutes)
    for moment in _moments(schedule, today - timedelta(days=1), today + _LOOK_AHEAD):
        starts = local_to_instant(moment, tz)
        if starts + length > now:
            return starts.astimezone(UTC)
    return None


def _days(schedule: Schedule, start: date, end: date) -> list[datetime]:
    return list(_moments(schedule, start, end))


def _moments(schedule: Schedule, start: date, end: date) -> Iterator[datetime]:
    """Naive local times, exdates left out, `until` included."""
    last = min(end, from_date(schedule.until)) if schedule.until else end
    left_out = set(schedule.exdates)
    first = datetime.combine(start, time.min)
    for moment in _rule(schedule.rrule, schedule.dtstart).xafter(first, inc=True):
        if moment.date() > last:
            return
        if moment.date().isoformat() not in left_out:
            yield moment


@lru_cache(maxsize=4096)
def _rule(text: str, dtstart: str) -> rrule:
    rule = rrulestr(text, dtstart=from_local(dtstart))
    assert isinstance(rule, rrule)  # noqa: S101 - the grammar has no EXRULE or RDATE, so no set comes back
    return rule
