"""What search engines read of a page: the vocabulary of schema.org, written as JSON-LD 1.1 in a data block.

A search engine shows its copy for days. So no event says that a lead will be there; each says where to look before one
sets off. A date that this node cannot read is left out: it is neither scheduled nor cancelled.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from markupsafe import Markup

from federation.documents import MeetingPoint
from federation.encodings import from_local
from federation.text import tidy, tidy_line
from node.directory.listings import ChapterView, ListingView, Occurrence
from node.schedule.recurrence import local_to_instant, zone

from ..site import site_name
from ..words.calendars import name_words
from ..words.listings import has_pin
from ..words.shared import date_words
from ..words.states import is_off

Node = dict[str, Any]
_VOCABULARY = "https://schema.org"
#: What would end the element, begin a comment in it, or end a line of an older JavaScript. JSON has other words for it.
_ESCAPED = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


def data_block(nodes: Iterable[Node]) -> Markup | None:
    """The content of a `<script type="application/ld+json">`. No text in it can end the element. None for no nodes."""
    every = [{"@context": _VOCABULARY, **node} for node in nodes]
    if not every:
        return None
    text = msgspec.json.encode(every[0] if len(every) == 1 else every).decode()
    return Markup(text.translate(_ESCAPED))  # noqa: S704 - escaped in the line above


def events(view: ListingView, page: Callable[[Occurrence], str], picture: str) -> list[Node]:
    """An Event for each coming date of a run. `page`: the address of a date. `picture`: the address of an image."""
    organizer = _organizer(view.chapter_name, view.base_url)
    told = [one for one in view.coming if one.state != "unclear"]
    return [_event(one, page(one), view.country) | {"image": picture, "organizer": organizer} for one in told]


def organization(chapter: ChapterView) -> Node:
    """A chapter as an Organization."""
    address = {"addressLocality": tidy_line(chapter.place), "addressCountry": chapter.country}
    return _organizer(chapter.name, chapter.base_url) | _without_empty(
        {"address": {"@type": "PostalAddress", **address}, "description": tidy(chapter.about)}
    )


def movement(name: str, address: str) -> Node:
    """HQ as an Organization."""
    return {"@type": "Organization", "name": tidy_line(name), "url": f"{address}/"}


def _organizer(name: str, base_url: str | None) -> Node:
    url = f"{base_url}/" if base_url else ""
    return _without_empty({"@type": "Organization", "@id": url, "name": tidy_line(site_name(name)), "url": url})


def _event(one: Occurrence, page: str, country: str) -> Node:
    before = _former_start(one)
    return _without_empty(
        {
            "@type": "Event",
            "@id": page,
            "url": page,
            "name": tidy_line(name_words(one.listing, one.chapter_name)),
            "description": date_words(one),
            "startDate": one.starts.isoformat(),
            "endDate": one.ends.isoformat(),
            "eventStatus": f"{_VOCABULARY}/{_status(one, before)}",
            "previousStartDate": before,
            "inLanguage": one.listing.languages or "",
            "eventAttendanceMode": f"{_VOCABULARY}/OfflineEventAttendanceMode",
            "location": _place(one.meeting_point, one.place, country),
        }
    ) | {"isAccessibleForFree": one.listing.free_of_charge}


def _status(one: Occurrence, before: str) -> str:
    if is_off(one):
        return "EventCancelled"
    return "EventRescheduled" if before else "EventScheduled"


def _former_start(one: Occurrence) -> str:
    """When people knew that a moved date starts: an instant, or a day alone of an earlier rule. Empty if not moved."""
    if not one.new_time or is_off(one):
        return ""
    if one.moved_from and one.day not in one.moved_from:
        return one.moved_from[0].isoformat()
    if one.day.isoformat() < (one.listing.changes_on or ""):
        return one.day.isoformat()  # the rule has the hour of a change to come
    before = _by_rule(one, one.day)
    return before.isoformat() if before and before != one.starts else ""


def _by_rule(one: Occurrence, day: date) -> datetime | None:
    schedule = one.listing.schedule
    tz = zone(schedule.timezone)
    return local_to_instant(datetime.combine(day, from_local(schedule.dtstart).time()), tz) if tz else None


def _place(point: MeetingPoint, town: str, country: str) -> Node:
    address = {"streetAddress": tidy_line(point.address), "addressLocality": tidy_line(town), "addressCountry": country}
    place = {
        "@type": "Place",
        "name": tidy_line(point.name),
        "address": {"@type": "PostalAddress", **_without_empty(address)},
    }
    if has_pin(point):
        degrees = {"latitude": point.lat_e4 / 10_000, "longitude": point.lon_e4 / 10_000}
        place["geo"] = {"@type": "GeoCoordinates", **degrees}
    return place


def _without_empty(node: Node) -> Node:
    return {name: value for name, value in node.items() if value != ""}
