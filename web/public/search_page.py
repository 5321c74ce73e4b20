"""The page of a search: what was typed, what it found, what filters would leave, and where to go instead."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, partial
from itertools import groupby
from urllib.parse import urlencode

from flask import render_template, request, url_for

from node import help_lines, search
from node.directory import listing_words
from node.errors import InvalidInput
from node.places.choice import Resolution
from node.places.gazetteer import Place
from node.schedule.recurrence import zone
from node.search.filters import Tally
from node.search.query import USUAL_RADIUS_M, Found, Query, Results

from ..alternatives import FARTHEST_M, farthest_to, nearest_to, next_in
from ..context import now, session
from ..forms.find import filters as wishes
from ..forms.find import search as search_form
from ..forms.find.search import TypedSearch
from ..http import page_cache
from ..language import _
from ..maps import runs as maps
from ..maps.drawing import Here, Map
from ..maps.view import area
from ..sharing import heads
from ..site import site, this_page
from ..words.countries import in_country
from ..words.states import is_off, may_take_place
from ..words.texts import isolated
from ..words.times import span_words


@dataclass(frozen=True)
class Asked:
    """One search: the fields, the place that they mean, the query, and what to change by field."""

    typed: TypedSearch
    where: Resolution
    query: Query
    problems: dict[str, str]

    @property
    def is_clear(self) -> bool:
        """Whether it is known where and when to look."""
        is_placed = self.where.place is not None or not self.typed.asks_where
        return is_placed and self.problems.keys() <= {"within"}

    @cached_property
    def today(self) -> date:
        """Today at the place, or in the zone of this site."""
        return _today(self.where.place)


@dataclass(frozen=True)
class _Answer:
    """What a search found. `by_words`: whether the typed words are no place, but words of the runs. `lost`: whether the
    wanted page of the list is not there, and this is the first page. `tally`: of the runs without the filters.
    """

    results: Results
    by_words: bool = False
    lost: bool = False
    tally: Tally | None = None


def asked() -> Asked:
    """The search of this request's address."""
    typed = search_form.read(request.args, site().unit)
    where = search_form.find_place(typed, search_form.home_country())
    if where.place and where.place.is_country:
        typed = typed.without_distance()
    query, problems = search_form.query_of(typed, where.place, _today(where.place))
    if typed.asks_where and not (where.place or where.choices):
        problems = {"near": search_form.unknown_words(typed)} | problems
    return Asked(typed, where, query, problems)


def draw() -> str:
    """The page."""
    one = asked()
    answer = _answer(one)
    problems = one.problems
    if answer and answer.by_words:
        problems = {field: words for field, words in problems.items() if field != "near"}
    results, tally = (answer.results, answer.tally) if answer else (None, None)
    is_empty = results is not None and not results.found
    is_filtered_out = is_empty and bool(one.typed.filters and tally and tally.runs)
    is_all_off = results is not None and _is_all_off(results)
    leads_on = is_all_off or (is_empty and not is_filtered_out)
    nearest, is_there = _instead(one) if leads_on else ([], False)
    country = one.where.place.country if one.where.place else ""
    return render_template(
        "public/find.html",
        page_head=heads.of_site(_("Find a run"), url_for("listings.find"), *_feeds(one)),
        typed=one.typed,
        where=one.where,
        problems=problems,
        results=results,
        by_words=answer is not None and answer.by_words,
        lost=answer is not None and answer.lost,
        more=_address_after(results.cursor) if results and results.cursor else "",
        days=_by_day(results.found) if results else [],
        span=span_words(*search_form.days_of(one.query, one.today), one.today, is_evening=one.query.is_evening),
        within=one.typed.within or search_form.USUAL[one.typed.unit],
        radius_m=one.query.radius_m or USUAL_RADIUS_M,
        **_filters(one, tally),
        is_filtered_out=is_filtered_out,
        is_all_off=is_all_off,
        nearest=nearest,
        is_there=is_there,
        in_country=in_country(one.query.country) if one.query.country else "",
        farthest_m=farthest_to(one.query),
        map=_map(one, [*results.found, *nearest], is_empty and not is_there) if results else None,
        listener=help_lines.listener(country or site().country),
        help_country=country,
        today=one.today,
    )


def _filters(one: Asked, tally: Tally | None) -> dict[str, object]:
    """What the page shows of filters, by the names in its template."""
    return {
        "groups": partial(wishes.groups_of, one.typed.filters, tally),
        "groups_key": (_key("groups", one.query), one.typed.filters, tally is None),
        "chosen": wishes.chosen_of(one.typed.filters) if one.typed.filters else [],
        "tally": tally,
    }


def _answer(one: Asked) -> _Answer | None:
    """What the search finds. What is no place is looked for in the words of the runs; never is the world listed."""
    if one.is_clear:
        return _search_and_tally(one.query)
    words, unclear = one.typed.near, one.where.choices
    if unclear or one.problems.keys() - {"near", "within"} or not listing_words.has_words(words):
        return None
    answer = _search(replace(one.query, text=words))
    return replace(answer, by_words=True) if answer.results.found else None


def _is_all_off(results: Results) -> bool:
    """Whether dates were found, and nobody should go to any of them. Another page may have others, and so may a run
    whose dates this site cannot tell.
    """
    is_whole = not (results.cursor or results.undated or "after" in request.args)
    return is_whole and bool(results.found) and all(is_off(one.occurrence) for one in results.found)


def _search_and_tally(query: Query) -> _Answer:
    """The first page of all runs comes from the reading that counts them, where they are not counted yet."""
    if query.filters or "after" in request.args:
        return replace(_search(query), tally=_tally(query, lambda: search.tally_of(session(), query, now())))
    read: list[Results] = []

    def count() -> Tally:
        results, tally = search.search_and_tally(session(), query, now())
        read.append(results)
        return tally

    tally = _tally(query, count)
    return _Answer(read[0] if read else search.search(session(), query, now()), tally=tally)


def _search(query: Query) -> _Answer:
    after = request.args.get("after", "")
    try:
        return _Answer(search.search(session(), replace(query, after=after), now()))
    except InvalidInput:
        return _Answer(search.search(session(), query, now()), lost=True)


def _tally(query: Query, count: Callable[[], Tally]) -> Tally:
    return page_cache.once(_key("tally", query), count)


def _key(what: str, query: Query) -> tuple[object, ...]:
    return what, query.point, query.radius_m, query.country, query.start, query.end, query.is_evening


def name_of(one: Asked) -> str:
    """What a search is called in a list of calendars: "Runs near Leeds: Thursday", "Runs in Germany"."""
    place, chosen = one.where.place, wishes.chosen_words(one.typed.filters)
    name = _("Runs near %(place)s", place=isolated(place.name)) if place else _("Runs")
    if one.query.country:
        name = _("Runs %(in_country)s", in_country=in_country(one.query.country))
    return f"{name}: {', '.join(chosen)}" if chosen else name


def _feeds(one: Asked) -> list[heads.Feed]:
    """The same search in other forms."""
    if not one.is_clear or one.problems:
        return []
    name, kinds = name_of(one), [(heads.CALENDAR, "searches.calendar"), (heads.ATOM, "searches.feed")]
    return [heads.Feed(kind, name, one.typed.address(endpoint, "")) for kind, endpoint in kinds]


def _instead(one: Asked) -> tuple[list[Found], bool]:
    """Where to go instead, and whether that is in the country that was asked for."""
    place = one.where.place
    if place is None or not place.is_country:
        return nearest_to(one.query) if place else [], False
    if there := next_in(one.query):
        return there, True
    beyond = replace(search_form.around(one.query, place), radius_m=place.radius_m + FARTHEST_M)
    # How far these are from the middle of a country helps nobody.
    return [found._replace(distance_m=None) for found in nearest_to(beyond)], False


def _map(one: Asked, found: list[Found], has_none: bool) -> Map | None:
    """A town has a ring. A country that has no run is shown whole."""
    place = one.where.place
    if place is None or place.is_country:
        return maps.of_search(one.query, found, around=area(place) if place and has_none else ())
    here = Here(place.name, (place.lat_e4 / 10_000, place.lon_e4 / 10_000))
    return maps.of_search(one.query, found, here, around=[here.point])


def _address_after(cursor: str) -> str:
    # Not url_for(**request.args): it would obey an "_external" or a "_scheme" that a stranger wrote.
    fields = [pair for pair in request.args.items(multi=True) if pair[0] != "after"]
    return f"{this_page()}?{urlencode([*fields, ('after', cursor)])}#found"


def _by_day(found: list[Found]) -> list[tuple[date, list[Found]]]:
    """The runs by their own days, each in its own zone. Of a day the nearest comes first, and what is off last."""
    ordered = sorted(found, key=_place_in_list)
    return [(day, list(group)) for day, group in groupby(ordered, key=lambda one: one.day)]


def _place_in_list(one: Found) -> tuple[date, bool, int, datetime]:
    # By whole kilometres, as they are shown: of runs that are equally far the first comes first.
    return one.day, not may_take_place(one.occurrence), round((one.distance_m or 0) / 1000), one.occurrence.starts


def _today(place: Place | None) -> date:
    tz = zone(place.timezone) if place and place.timezone else zone(site().timezone)
    return now().astimezone(tz).date()
