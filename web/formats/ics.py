"""Calendars (RFC 5545, RFC 7986): runs in, bytes out.

What big calendars do wrong decides some of it. One hides an event whose status is CANCELLED, so a cancelled date stays
visible and its title says so first. Some look for an override by the time of the rule alone, so a RECURRENCE-ID is
always the time that the rule gives on that day, and a date on any other day is an event of its own.

SEQUENCE is the version of the chapter's document, counted from 2026 on. It never falls (PROTOCOL.md §8.2), and it is
the same on each node. DTSTAMP is when the document was signed, so that an unchanged calendar has the same bytes.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from federation.documents import MeetingPoint
from federation.text import tidy_line
from node.schedule.occurrences import DatedListing, Occurrence
from node.schedule.recurrence import local_to_instant, zone
from node.schedule.series import Series, is_odd

from ..language.days import breakable
from ..words.calendars import name_words, title_words, told_words, untold_words
from ..words.listings import has_pin
from ..words.times import clock_time
from .vtimezone import vtimezone

if TYPE_CHECKING:
    from icalendar import Event

_MAKER = "-//Run Talk Run//runtalkrun//EN"
#: How often a calendar is asked to ask again.
_REFRESH = timedelta(hours=1)
#: A version is the second in which it was signed, or more. An INTEGER has 31 bits (RFC 5545 §3.3.8): as many seconds as
#: there are from 2026 to 2094.
_FIRST_VERSION, _MOST_SEQUENCE = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), 2**31 - 1


class Pages(NamedTuple):
    """What events say of this site. `of`: the address of a run's page, on one of its dates or on the next one.
    `instead`: words on the run to go to instead of a cancelled date; empty for none.
    """

    of: Callable[[str, str, date | None], str]
    instead: Callable[[Occurrence], str]


class CalendarEvent(NamedTuple):
    """One VEVENT, and the zone that its times name."""

    event: "Event"
    timezone: str


def calendar(name: str, source: str, events: Iterable[CalendarEvent], home: tuple[str, int]) -> bytes:
    """A whole calendar. `source`: its own address, unless that is a secret. `home`: the zone of this
    site and the year, for a calendar without events: it would else have no component, and be none (RFC 5545 §3.6).
    """
    from icalendar import Calendar, vDuration

    made = Calendar()
    made.add("PRODID", _MAKER)
    made.add("VERSION", "2.0")
    for label in ("NAME", "X-WR-CALNAME"):
        made.add(label, tidy_line(name))
    if source:
        made.add("SOURCE", source, parameters={"VALUE": "URI"})
    made.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"})
    made.add("X-PUBLISHED-TTL", vDuration(_REFRESH))
    every = list(events)
    for timezone in sorted({one.timezone for one in every} or {home[0]}):
        made.add_component(vtimezone(timezone, home[1] - 1))
    for one in every:
        made.add_component(one.event)
    return bytes(made.to_ical())


def events_of(series: Series, pages: Pages) -> list[CalendarEvent]:
    """A run's series: its rule, the dates of which more is said, and the dates on other days."""
    dated, found = series.dated, []
    if series.first and dated.listing.schedule.rrule is None and series.told:
        found.append(_date(dated, series.told[0], pages, _name(dated)))
    elif series.first:
        found.append(_rule(series, series.first, pages))
        found += [_override(series, one, pages) for one in series.told]
    return [CalendarEvent(event, dated.listing.schedule.timezone) for event in found] + [
        event_of(dated, one, pages) for one in series.apart
    ]


def event_of(dated: DatedListing, one: Occurrence, pages: Pages, day: date | None = None) -> CalendarEvent:
    """One date as an event of its own. `day`: the day for which people know it, if not the rule's."""
    event = _date(dated, one, pages, _name(dated, day or one.day))
    return CalendarEvent(event, dated.listing.schedule.timezone)


def _rule(series: Series, first: datetime, pages: Pages) -> "Event":
    from icalendar import vRecur

    dated, listing = series.dated, series.dated.listing
    schedule, page = listing.schedule, pages.of(dated.held.chapter, listing.id, None)
    arrive = clock_time(first - timedelta(minutes=schedule.arrive_minutes_before))
    event = _event(dated, _name(dated), first, name_words(listing, dated.held.name))
    if schedule.rrule:
        rule = vRecur.from_ical(schedule.rrule)
        event.add("RRULE", rule | ({"UNTIL": [_until(schedule.timezone, series.last)]} if series.last else {}))
    if series.left_out:
        event.add("EXDATE", [series.at(day) for day in series.left_out], parameters={"TZID": schedule.timezone})
    _say(event, listing.meeting_point, untold_words(listing, arrive, page), page)
    event.add("STATUS", "TENTATIVE")
    return event


def _override(series: Series, one: Occurrence, pages: Pages) -> "Event":
    event = _date(series.dated, one, pages, _name(series.dated))
    event.add("RECURRENCE-ID", series.at(one.day), parameters={"TZID": series.dated.listing.schedule.timezone})
    return event


def _date(dated: DatedListing, occurrence: Occurrence, pages: Pages, name: str) -> "Event":
    # That it has begun is said by the page alone: a calendar is not asked again in time.
    one = msgspec.structs.replace(occurrence, begun=False)
    # Of an hour that the clocks show twice some programs take the second.
    starts = one.starts.astimezone(UTC) if is_odd(one.starts) else one.starts.replace(tzinfo=None)
    event = _event(dated, name, starts, title_words(one))
    page = pages.of(one.chapter, one.listing.id, one.day)
    instead = pages.instead(one) if one.state == "cancelled" else ""
    _say(event, one.meeting_point, told_words(dated, one, page, instead), page)
    if one.is_on:
        event.add("STATUS", "CONFIRMED" if one.state == "confirmed" else "TENTATIVE")
    else:
        event.add("TRANSP", "TRANSPARENT")
    return event


def _event(dated: DatedListing, name: str, starts: datetime, title: str) -> "Event":
    from icalendar import Event

    held, schedule = dated.held, dated.listing.schedule
    event = Event()
    event.add("UID", name)
    event.add("SEQUENCE", min(max(held.version - _FIRST_VERSION, 0), _MOST_SEQUENCE))
    event.add("DTSTAMP", dated.freshness.signed_at.astimezone(UTC))
    event.add("LAST-MODIFIED", dated.freshness.signed_at.astimezone(UTC))
    event.add("DTSTART", starts, parameters={} if starts.tzinfo else {"TZID": schedule.timezone})
    event.add("DURATION", timedelta(minutes=schedule.duration_minutes))
    event.add("SUMMARY", breakable(title))
    return event


def _say(event: "Event", point: MeetingPoint, words: str, page: str) -> None:
    event.add("LOCATION", ", ".join(tidy_line(part) for part in (point.name, point.address) if part))
    if has_pin(point):
        event.add("GEO", (point.lat_e4 / 10_000, point.lon_e4 / 10_000))
    event.add("DESCRIPTION", breakable(words))
    event.add("URL", page)


def _name(dated: DatedListing, day: date | None = None) -> str:
    """A UID: the same on each node, and each time."""
    listing = dated.listing.id if day is None else f"{dated.listing.id}-{day.isoformat()}"
    return f"{listing}@{dated.held.chapter}"


def _until(timezone: str, last: date) -> datetime:
    """The end of the last day, in UTC: so it must be beside a time of a zone (RFC 5545 §3.3.10)."""
    tz = zone(timezone)
    midnight = datetime.combine(last, datetime.max.time().replace(microsecond=0))
    return local_to_instant(midnight, tz).astimezone(UTC) if tz else midnight.replace(tzinfo=UTC)
