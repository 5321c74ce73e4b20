"""Two readers of calendars that share no line of code: Python's icalendar, and ical.js, which Thunderbird has."""

import json
import subprocess
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event

from .npm import tool

_READER = Path(__file__).with_name("ical.cjs")


class Shown(NamedTuple):
    """A date as a calendar shows it."""

    starts: datetime
    minutes: float
    title: str


def by_ical_js(text: str, start: datetime, end: datetime) -> list[Shown]:
    """The dates that ical.js shows between two instants."""
    command = ["node", str(_READER), str(tool("ical.js")), start.isoformat(), end.isoformat()]
    answer = subprocess.run(command, input=text.encode(), check=True, capture_output=True)
    assert answer.stderr == b""
    read = [json.loads(line) for line in answer.stdout.splitlines()]
    return sorted(Shown(datetime.fromisoformat(one["starts"]), one["minutes"], one["title"]) for one in read)


def by_icalendar(text: str, start: datetime, end: datetime) -> list[Shown]:
    """The dates that icalendar and dateutil show between two instants, by the zones that the file itself describes."""
    calendar = Calendar.from_ical(text)
    zones = {str(one["TZID"]): one.to_tz(lookup_tzid=False) for one in calendar.walk("VTIMEZONE")}
    events = calendar.walk("VEVENT")
    found: list[Shown] = []
    for event in events:
        if "RECURRENCE-ID" in event:
            continue
        others = {one["RECURRENCE-ID"].dt.replace(tzinfo=None): one for one in events if _overrides(one, event)}
        moments = _moments(event, zones, end)
        assert others.keys() <= moments, "an override of a date that the rule does not have"
        found += [_shown(others[one], None, zones) for one in moments if one in others]
        found += [_shown(event, one, zones) for one in moments if one not in others]
    return sorted(one for one in found if start <= one.starts < end)


def by_both(text: str, start: date, end: date) -> list[Shown]:
    """The dates that both readers show on the days `start`..`end`. They must agree."""
    begin = datetime(start.year, start.month, start.day, tzinfo=UTC)
    stop = datetime(end.year, end.month, end.day, tzinfo=UTC) + timedelta(days=1)
    python, javascript = by_icalendar(text, begin, stop), by_ical_js(text, begin, stop)
    assert python == javascript
    return python


def _overrides(one: Any, event: Any) -> bool:
    return "RECURRENCE-ID" in one and str(one["UID"]) == str(event["UID"])


def _moments(event: Event, zones: dict[str, tzinfo], end: datetime) -> set[datetime]:
    """The dates of the rule, on the clocks of its zone."""
    first = event["DTSTART"].dt.replace(tzinfo=None)
    if "RRULE" not in event:
        return {first}
    rule = dict(event["RRULE"])
    until = rule.pop("UNTIL", [end + timedelta(days=400)])[0]
    tz = zones[event["DTSTART"].params["TZID"]]
    last = until.astimezone(tz).replace(tzinfo=None)
    text = ";".join(f"{name}={','.join(map(str, values))}" for name, values in rule.items())
    gaps = [leaf.dt.replace(tzinfo=None) for leaf in getattr(event.get("EXDATE"), "dts", [])]
    return set(rrulestr(text, dtstart=first).between(first, last, inc=True)) - set(gaps)


def _shown(event: Any, moment: datetime | None, zones: dict[str, tzinfo]) -> Shown:
    starts = event["DTSTART"]
    local, minutes = moment or starts.dt.replace(tzinfo=None), event["DURATION"].dt / timedelta(minutes=1)
    tz = zones[starts.params["TZID"]] if "TZID" in starts.params else UTC
    return Shown(_instant(local, tz), minutes, str(event["SUMMARY"]))


def _instant(local: datetime, tz: tzinfo) -> datetime:
    """The instant of a time on the clocks: of two the first, and a skipped one by the offset before (§3.3.5)."""
    candidates = []
    for near in (local - timedelta(hours=12), local + timedelta(hours=12)):
        offset = tz.fromutc(near.replace(tzinfo=tz)).utcoffset()
        assert offset is not None
        candidates.append((local - offset).replace(tzinfo=UTC))
    right = [one for one in candidates if tz.fromutc(one.replace(tzinfo=tz)).replace(tzinfo=None) == local]
    return min(right) if right else candidates[0]


def events(text: str) -> list[Any]:
    """The events of a calendar."""
    return list(Calendar.from_ical(text).walk("VEVENT"))
