"""The search form: what was typed, and what it means."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from node.places import gazetteer, lookup
from node.places.choice import Resolution
from node.places.gazetteer import Place
from node.places.names import fold
from node.search.filters import ANY, Filters
from node.search.query import USUAL_DAYS, USUAL_RADIUS_M, Query

from ...http import page_cache
from ...language import _, country_of
from ...site import site
from ...words.texts import isolated
from ...words.times import METRES_PER_MILE
from ..days import read_written_day
from ..point import read_point
from . import beside, spans
from . import filters as wishes

_UNITS = {"km": 1000.0, "mi": METRES_PER_MILE}
#: The distance that is searched where none is typed, as the form shows it.
USUAL = {"km": str(USUAL_RADIUS_M // 1000), "mi": "30"}
_MOST_METRES = 1_000_000

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class TypedSearch:
    """The fields as they were typed. `place`: the id of a place that was chosen where `near` alone is not clear.

    `lacks_place`: only days, wishes or the like were typed where a place is asked for.
    """

    near: str = ""
    place: str = ""
    within: str = ""
    unit: str = "km"
    when: str = ""
    first: str = ""
    last: str = ""
    filters: Filters = ANY
    lacks_place: bool = False

    @property
    def asks_where(self) -> bool:
        """Whether a place is named, or was to be."""
        return bool(self.near.strip() or self.place or self.lacks_place)

    @property
    def lacks_days(self) -> bool:
        """Whether days should be given and were not."""
        return self.span == "days" and not (self.first or self.last)

    @property
    def span(self) -> str:
        """The name of the days. Typed days count before a chosen name."""
        return "days" if self.first or self.last else self.when

    @property
    def pairs(self) -> Pairs:
        """The fields of the address."""
        fields = [("near", self.near), ("place", self.place), ("within", self.within)]
        fields += [("unit", self.unit if self.within else ""), ("when", self.when)]
        fields += [("from", self.first), ("to", self.last)]
        return [(name, text) for name, text in fields if text] + wishes.pairs_of(self.filters)

    def address(self, endpoint: str = "listings.find", anchor: str = "found") -> str:
        """The address of this search: its page, or another form of it."""
        query = urlencode(self.pairs)
        return url_for(endpoint) + (f"?{query}" if query else "") + (f"#{anchor}" if anchor else "")

    def address_at(self, place: Place) -> str:
        """The address of the same search at another place."""
        return replace(self, place=str(place.id)).address()

    def address_without(self, field: str, value: str) -> str:
        """The address of the same search with a wish less."""
        if field == wishes.CONFIRMED:
            return replace(self, filters=replace(self.filters, only_confirmed=False)).address()
        wish = wishes.FIELDS[field]
        left: frozenset[str] = getattr(self.filters, wish) - {value}
        return replace(self, filters=replace(self.filters, **{wish: left})).address()  # type: ignore[arg-type]

    def without_distance(self) -> "TypedSearch":
        """The same search at a place whose border says how far it goes."""
        return replace(self, within="")

    def unfiltered(self) -> "TypedSearch":
        """The same search without any wish."""
        return replace(self, filters=ANY)


def clean(args: MultiDict[str, str], unit: str) -> Pairs:
    """The fields without those that are empty or say what holds anyway. `unit`: the unit of this site.

    A chosen place counts as empty once its name is gone. What stands beside the place becomes fields.
    """
    pairs = [
        (name, _dated(text) if name in ("from", "to") else text)
        for name, text in args.items(multi=True)
        if text.strip()
    ]
    near, fields = beside.apart(args.get("near", ""), home_country())
    if fields and near:
        pairs = [(name, near if name == "near" else text) for name, text in _joined(pairs, fields)]
        args = MultiDict(pairs)
    empty = {"place"} if "near" in args and not args["near"].strip() else set()
    if args.get("within", "").strip() in ("", USUAL.get(args.get("unit", unit))):
        # Only in the site's own unit: in the other one the usual distance is another one.
        empty |= {"unit", "within"} if args.get("unit", unit) == unit or not args.get("within") else set()
    return [pair for pair in dict.fromkeys(pairs) if pair[0] not in empty]


def read(args: MultiDict[str, str], unit: str) -> TypedSearch:
    """What was typed. `unit`: the unit of this site."""
    text = args.get("near", "")[: beside.MOST_NEAR]
    near, fields = beside.apart(text, home_country())
    args = MultiDict(_joined(args.items(multi=True), fields))
    return TypedSearch(
        near=near,
        place=args.get("place", "")[:20],
        within=args.get("within", "")[:20],
        unit=args.get("unit", unit) if args.get("unit", unit) in _UNITS else unit,
        when=args.get("when", "")[:10],
        first=_dated(args.get("from", "")),
        last=_dated(args.get("to", "")),
        filters=wishes.read(args),
        lacks_place=bool(text.strip()) and not near,
    )


def _joined(pairs: Iterable[tuple[str, str]], fields: list[beside.Field]) -> Pairs:
    """The fields of an address, and those that are typed beside the place. Of what a search has once, these count."""
    typed = {name for name, _value in fields} - wishes.FIELDS.keys()
    typed |= {"from", "to"} if "when" in typed else set()
    return [*(pair for pair in pairs if pair[0] not in typed), *fields]


def _dated(text: str) -> str:
    """A written day as the address has it; what is none, as it was typed."""
    day = read_written_day(text[:40])
    return day.isoformat() if day else text[:40]


def find_place(typed: TypedSearch, home: str) -> Resolution:
    """The place that was chosen or named, in the reader's country `home` or elsewhere. A choice counts only while the
    name stays the one that it was made for.
    """
    key = ("near", typed.near, home)
    meant = page_cache.once(key, lambda: _meant(typed.near, home)) if typed.near.strip() else None
    chosen = gazetteer.get(int(typed.place)) if typed.place.isdecimal() else None
    if meant is None:
        return Resolution(chosen)
    if chosen is not None and (chosen in meant.every or _is_named(chosen, typed.near)):
        # As it is called among the others: "Newport (Isle of Wight)".
        chosen = next((one for one in meant.every if one == chosen), chosen)
        return Resolution(chosen, [one for one in meant.every if one != chosen], dropped=meant.dropped)
    return meant


def _meant(near: str, home: str) -> Resolution:
    meant = lookup.resolve(_plain(near), home, home_point() if home == site().country else None)
    meant = replace(meant, dropped=_left_out(near, home, meant))
    point = meant.place
    if point is None or point.id or point.country:
        return meant
    # Nobody knows where "51.51, -0.09" is: the page names the town, too.
    town = gazetteer.town_at(point.lat_e4, point.lon_e4)
    return replace(meant, place=replace(point, name=f"{point.name} ({town})")) if town else meant


def _left_out(near: str, home: str, meant: Resolution) -> str:
    """The words that say nothing to us or to the search, each once, as they stand in the text."""
    words = [word for one in near.split() if (word := one.strip(",;()|/"))]
    called = {word for place in meant.every for word in fold(place.name).split()}
    unmet = {word for word in beside.not_understood(near, home).split() if fold(word) not in called}
    # "West" alone was read as a name, or as a slip in one.
    unmet = unmet if unmet != set(words) else set()
    return " ".join(dict.fromkeys(word for word in words if word in unmet | set(meant.dropped.split())))


def _is_named(place: Place, near: str) -> bool:
    """Whether the text is the whole name of the place, as a list of suggestions writes it into the field."""
    return fold(near) == fold(place.label)


def home_country() -> str:
    """The country that the reader is taken to be in: the chapter's own; at HQ, and where there is no chapter yet, the
    country that the browser names.
    """
    accepted = request.headers.get("Accept-Language", "")
    return (country_of(accepted) if site().is_hq or not site().is_founded else "") or site().country


def home_point() -> lookup.Point | None:
    """Where the chapter of this site is; None at HQ, which is nowhere in particular."""
    return None if site().is_hq else _point_of(site().place, site().country)


@lru_cache(maxsize=8)
def _point_of(place: str, country: str) -> lookup.Point | None:
    found = lookup.resolve(f"{place}, {country}", country).place
    return (found.lat_e4, found.lon_e4) if found else None


def _plain(near: str) -> str:
    """Coordinates as two numbers, however a map writes them. Any other text as it is."""
    point = read_point(near)
    return near if point is None else f"{point[0] / 10_000:.4f}, {point[1] / 10_000:.4f}"


def unknown_words(typed: TypedSearch) -> str:
    """What to change where `near` is no place that we know."""
    if typed.lacks_place:
        return _("Where would you like to run? Type a town, part of a city or a postcode.")
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
    query = Query(radius_m=radius, start=start, end=end, is_evening=typed.span == "tonight", filters=typed.filters)
    if place:
        query = (
            replace(query, country=place.country) if place.is_country else replace(around(query, place), by_day=True)
        )
    return query, problems | more


def around(query: Query, place: Place) -> Query:
    """The same query from the middle of a place: of a county as far as it reaches, also where that is more than the
    typed distance, or the usual one.
    """
    radius = max(query.radius_m or 0, place.radius_m) if place.radius_m else query.radius_m
    return replace(query, lat_e4=place.lat_e4, lon_e4=place.lon_e4, radius_m=radius, country="")


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


def _days(typed: TypedSearch, today: date) -> tuple[spans.Span, dict[str, str]]:
    if typed.span == "days":
        return spans.of_dates(typed.first, typed.last, today)
    return spans.named(typed.span, today), {}
