"""The search form: what was typed, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import request, url_for

from node.places import gazetteer, lookup
from node.places.choice import Resolution
from node.places.gazetteer import Place
from node.search.query import MAX_DAYS, USUAL_DAYS, Query

from ..http import page_cache
from ..language import _, country_of
from ..site import site
from ..words.texts import isolated
from ..words.times import METRES_PER_MILE, long_day
from .days import read_day
from .point import read_point

_UNITS = {"km": 1000.0, "mi": METRES_PER_MILE}
_MOST_METRES = 1_000_000
_SUNDAY = 6
#: Nobody plans further ahead.
_REACH = timedelta(days=730)


@dataclass(frozen=True)
class TypedSearch:
    """The fields as they were typed. `place`: the id of a place that was chosen where `near` alone is not clear."""

    near: str = ""
    place: str = ""
    within: str = ""
    unit: str = "km"
    when: str = ""
    first: str = ""
    last: str = ""

    @property
    def asks_where(self) -> bool:
        """Whether a place is named."""
        return bool(self.near.strip() or self.place)

    @property
    def lacks_days(self) -> bool:
        """Whether days should be given and were not."""
        return self.span == "days" and not (self.first or self.last)

    @property
    def span(self) -> str:
        """The name of the days. Typed days count before a chosen name."""
        return "days" if self.first or self.last else self.when

    def address_at(self, place: Place) -> str:
        """The address of the same search at another place."""
        fields: dict[str, Any] = {
            "near": self.near,
            "place": str(place.id),
            "within": self.within,
            "unit": self.unit,
            "when": self.when,
            "from": self.first,
            "to": self.last,
        }
        return url_for("listings.find", _anchor="found", **{name: text for name, text in fields.items() if text})


def filled(args: Mapping[str, str]) -> dict[str, str]:
    """The fields that are not empty. A chosen place counts as empty once its name is gone."""
    emptied = "near" in args and not args["near"].strip()
    return {name: text for name, text in args.items() if text.strip() and not (emptied and name == "place")}


def read(args: Mapping[str, str], unit: str) -> TypedSearch:
    """What was typed. `unit`: the unit of this site."""
    return TypedSearch(
        near=args.get("near", "")[:100],
        place=args.get("place", "")[:20],
        within=args.get("within", "")[:20],
        unit=args.get("unit", unit) if args.get("unit", unit) in _UNITS else unit,
        when=args.get("when", "")[:10],
        first=args.get("from", "")[:10],
        last=args.get("to", "")[:10],
    )


def find_place(typed: TypedSearch, home: str) -> Resolution:
    """The place that was chosen or named, in the reader's country `home` or elsewhere. A choice counts only while the
    name stays the one that it was made for.
    """
    key = ("near", typed.near, home)
    meant = page_cache.once(key, lambda: lookup.resolve(_plain(typed.near), home)) if typed.near.strip() else None
    chosen = gazetteer.get(int(typed.place)) if typed.place.isdecimal() else None
    if meant is None:
        return Resolution(chosen)
    if chosen is not None and chosen in meant.every:
        return Resolution(chosen, [one for one in meant.every if one != chosen], dropped=meant.dropped)
    return meant


def home_country() -> str:
    """The country that the reader is taken to be in: the chapter's own; at HQ the country that the browser names."""
    accepted = request.headers.get("Accept-Language", "")
    return (country_of(accepted) if site().is_hq else "") or site().country


def _plain(near: str) -> str:
    """Coordinates as two numbers, however a map writes them. Any other text as it is."""
    point = read_point(near)
    return near if point is None else f"{point[0] / 10_000:.4f}, {point[1] / 10_000:.4f}"


def unknown_words(typed: TypedSearch) -> str:
    """What to change where `near` is no place that we know."""
    if lookup.is_here(typed.near):
        return _("We can’t see where you are. Please type a town, part of a city or a postcode.")
    return _(
        "We couldn’t find a place called “%(name)s”. Check the spelling, or try a postcode, a bigger town"
        " nearby or part of a city, for example “Headingley, Leeds”.",
        name=isolated(typed.near or typed.place),
    )


def query_of(typed: TypedSearch, place: Place | None, today: date) -> tuple[Query, dict[str, str]]:
    """The query, and what to change by field. The query leaves out what could not be read."""
    radius, problems = _radius(typed)
    (start, end), more = _days(typed, today)
    lat, lon = (place.lat_e4, place.lon_e4) if place else (None, None)
    if place and place.radius_m:
        # All of a county, also where that is more than the typed distance, or the usual one.
        radius = max(radius or 0, place.radius_m)
    return Query(lat, lon, radius, start, end), problems | more


def _radius(typed: TypedSearch) -> tuple[int | None, dict[str, str]]:
    text = typed.within.strip().replace(",", ".")
    if not text:
        return None, {}
    try:
        metres = float(text) * _UNITS[typed.unit]
    except ValueError:
        metres = -1.0
    if not 1 <= metres <= _MOST_METRES:
        most = _("1000 km") if typed.unit == "km" else _("620 miles")
        return None, {"within": _("Enter a distance, for example 5. We can search up to %(most)s away.", most=most)}
    return round(metres), {}


def days_of(query: Query, today: date) -> tuple[date, date]:
    """The first and the last day of the search."""
    first = query.start or today
    return first, query.end or first + timedelta(days=USUAL_DAYS - 1)


def is_within_reach(day: date, today: date) -> bool:
    """Whether a search reaches that day, ahead or back."""
    return abs(day - today) <= _REACH


def _days(typed: TypedSearch, today: date) -> tuple[tuple[date | None, date | None], dict[str, str]]:
    if typed.span == "days":
        return _typed_days(typed, today)
    if typed.span in ("today", "week", "weekend"):
        return _named_days(typed.span, today), {}
    return (None, None), {}


def _named_days(name: str, today: date) -> tuple[date, date]:
    sunday = today + timedelta(days=_SUNDAY - today.weekday())
    if name == "today":
        return today, today
    if name == "week":
        return today, sunday
    return max(today, sunday - timedelta(days=1)), sunday


def _typed_days(typed: TypedSearch, today: date) -> tuple[tuple[date | None, date | None], dict[str, str]]:
    if not (typed.first or typed.last):  # "on a day" was chosen while the fields for it were folded away
        return (None, None), {}
    first, last = read_day(typed.first), read_day(typed.last)
    problems = _unread(typed, first, last)
    if not problems:
        problems = _unfit(first or today, last or first or today, today)
    return ((None, None) if problems else (first, last or first)), problems


def _unread(typed: TypedSearch, first: date | None, last: date | None) -> dict[str, str]:
    problems = {}
    if typed.first and first is None:
        problems["from"] = _("Enter a date, for example 2026-06-04.")
    if typed.last and last is None:
        problems["to"] = _("Enter a date, for example 2026-06-11, or leave it empty for one day.")
    return problems


def _unfit(first: date, last: date, today: date) -> dict[str, str]:
    if first - today > _REACH:
        return {"from": _("We can only search two years ahead, until %(day)s.", day=long_day(today + _REACH, today))}
    if last < today and last >= first:
        return {"from": _("Those dates have passed.")}
    if last < first:
        return {"to": _("The end date is before the start date.")}
    if (last - first).days >= MAX_DAYS:
        return {"to": _("That’s a long time. We can search up to %(days)s days at once.", days=MAX_DAYS)}
    return {}
