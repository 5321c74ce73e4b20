"""Anybody's runs: the search, a run's page, the chapters. Our own are shown by the same road."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from babel import Locale
from flask import Blueprint, render_template, request

from node import directory, listings, search
from node.listings import Occurrence
from node.places import Place
from node.recurrence import zone
from node.search import Found, Query, Results

from . import asking, limits
from .asking import Where
from .board import read_day
from .context import now, session
from .language import locale
from .site import site

bp = Blueprint("listings", __name__)
limits.pages(bp)

#: How far somebody may still go when the run they came for is cancelled.
_INSTEAD_M = 40_000
_INSTEAD_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class Day:
    """The runs of one day, each in its own zone."""

    day: date
    found: list[Found]


@bp.get("/runs")
def find() -> str:
    """Runs near a place, on a day or days; without a place everything soon."""
    typed = asking.read(request.args, site().unit)
    where = asking.find_place(typed)
    query, problems = asking.understand(typed, where.place, _today(where.place))
    results = None
    if not problems and (where.place or not typed.asks_where):
        results = search.search(session(), query, now())
    return _search_page(typed, where, query, problems, results)


@bp.get("/runs/<chapter_id>/<listing_id>")
def show(chapter_id: str, listing_id: str) -> str:
    """One run; `?date=` picks one of its dates."""
    view = listings.listing(session(), chapter_id, listing_id, now())
    asked = request.args.get("date", "")
    picked = next((one for one in view.coming if asked and one.day == read_day(asked)), None)
    date_missed = bool(asked) and picked is None
    shown = picked or (view.coming[0] if view.coming else None)
    return render_template(
        "listings/run.html",
        view=view,
        shown=shown,
        date_missed=date_missed,
        instead=_instead_of(shown) if shown and not shown.is_on else None,
        is_ours=view.chapter == directory.own_id(session()),
    )


@bp.get("/chapters")
def chapters() -> str:
    """Every chapter, by country."""
    found = listings.chapters(session(), now())
    return render_template("listings/chapters.html", countries=_by_country(found))


@bp.get("/chapters/<chapter_id>")
def chapter(chapter_id: str) -> str:
    """One chapter and its runs."""
    view = listings.chapter(session(), chapter_id, now())
    is_ours = view.id == directory.own_id(session())
    return render_template("listings/chapter.html", chapter=view, country=_country(view.country), is_ours=is_ours)


def _search_page(
    typed: asking.Typed, where: Where, query: Query, problems: dict[str, str], results: Results | None
) -> str:
    return render_template(
        "listings/find.html",
        typed=typed,
        where=where,
        query=query,
        problems=problems,
        results=results,
        days=_by_day(results.found) if results else [],
        usual_m=search.USUAL_RADIUS_M,
        today=_today(where.place),
    )


def _by_day(found: list[Found]) -> list[Day]:
    """The runs' own days, the first first; within a day by start."""
    ordered = sorted(found, key=lambda one: (one.occurrence.starts.date(), one.occurrence.starts))
    return [Day(day, list(group)) for day, group in groupby(ordered, key=lambda one: one.occurrence.starts.date())]


def _today(place: Place | None) -> date:
    """The day it is at the place, or where this node is at home."""
    tz = zone(place.timezone) if place and place.timezone else zone(site().timezone)
    return now().astimezone(tz).date()


def _instead_of(missed: Occurrence) -> Found | None:
    """The nearest run that is on: on that day if one can still get there, else within a week, else the nearest."""
    point = missed.meeting_point
    query = Query(point.lat_e4, point.lon_e4, _INSTEAD_M, missed.starts.date(), missed.starts.date() + _INSTEAD_DAYS)
    results = search.search(session(), query, now())
    on = [one for one in results.found if one.occurrence.is_on]
    if on:
        return min(on, key=lambda one: (one.occurrence.starts.date(), one.distance_m or 0))
    elsewhere = results.nearest or _nearest_anywhere(missed)
    return elsewhere[0] if elsewhere else None


def _nearest_anywhere(missed: Occurrence) -> list[Found]:
    """Everything near is cancelled: look on until something is on."""
    point = missed.meeting_point
    query = Query(point.lat_e4, point.lon_e4, 400_000, missed.starts.date(), missed.starts.date() + timedelta(weeks=8))
    found = search.search(session(), query, now()).found
    return sorted((one for one in found if one.occurrence.is_on), key=lambda one: one.distance_m or 0)


def _by_country(found: list[listings.ChapterView]) -> list[tuple[str, list[listings.ChapterView]]]:
    named = sorted(found, key=lambda one: (_country(one.country), one.name))
    return [(country, list(group)) for country, group in groupby(named, key=lambda one: _country(one.country))]


def _country(code: str) -> str:
    language: Locale = locale()
    return str(language.territories.get(code, code))
