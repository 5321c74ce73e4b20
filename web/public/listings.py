"""Anybody's runs: the search, a run's page, the chapters. Our own runs are shown in the same way."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node import help_lines, search
from node.directory import chapter_list, listing_words, listings
from node.directory.chapters import own_id
from node.directory.listings import ChapterLine, ListingView, Occurrence
from node.errors import InvalidInput
from node.members import first_time
from node.places.choice import Resolution
from node.places.gazetteer import Place
from node.schedule.recurrence import zone
from node.search.query import USUAL_RADIUS_M, Found, Query, Results

from ..alternatives import alternative_to, farthest_to, nearest_to
from ..context import now, session
from ..forms import search as search_form
from ..forms.base import CHAPTER_SEARCH_LIMIT
from ..forms.days import read_day
from ..http import limits
from ..language import _
from ..maps import runs as maps
from ..maps.drawing import Here
from ..sharing import heads
from ..site import site
from ..words.countries import countries_like, country_name, country_order
from ..words.states import is_off, needs_alternative
from ..words.times import span_words
from . import live

bp = Blueprint("listings", __name__)
limits.pages(bp)


@bp.get("/runs")
def find() -> str | Response:
    """Show the runs near a place, on a day or days. Without a place that we know, show every run that comes soon."""
    filled = search_form.filled(request.args)
    if len(filled) < len(request.args):
        # A form sends its empty fields, too. People share the address without them, and its page is kept.
        return redirect(url_for(".find") + (f"?{urlencode(filled)}" if filled else ""))
    typed = search_form.read(request.args, site().unit)
    where = search_form.find_place(typed, search_form.home_country())
    query, problems = search_form.query_of(typed, where.place, _today(where.place))
    answer = None
    if (not where.choices or where.place) and problems.keys() <= {"within"}:
        answer = _search(query, typed.near if typed.asks_where and not where.place else "")
    return _search_page(typed, where, query, problems, answer)


@dataclass(frozen=True)
class _Answer:
    """What a search found. `by_words`: whether the typed words are no place, but words of the runs. `lost`: whether the
    wanted page of the list is not there, and this is the first page.
    """

    results: Results
    by_words: bool
    lost: bool


def _search(query: Query, words: str) -> _Answer:
    """Search by place and days. `words`: what was typed and is no place; the runs are searched for it first."""
    after, lost = request.args.get("after", ""), False
    for text in [words, ""] if listing_words.has_words(words) else [""]:
        wanted = replace(query, text=text, after=after)
        try:
            results = search.search(session(), wanted, now())
        except InvalidInput:
            results, lost = search.search(session(), replace(wanted, after=""), now()), True
        if results.found or after:
            break
    return _Answer(results, bool(text), lost)


@bp.get("/runs/<chapter_id>/<listing_id>")
def show(chapter_id: str, listing_id: str) -> str:
    """Show one run. `?date=` picks one of its dates."""
    view = listings.listing(session(), chapter_id, listing_id, now())
    picked, missed = _picked(view, request.args.get("date", ""))
    shown = picked or (view.coming[0] if view.coming else None)
    is_ours = view.chapter == own_id(session())
    return render_template(
        "public/run.html",
        page_head=heads.of_run(view, picked),
        live=live.ask(shown) if shown and not is_ours else None,
        view=view,
        shown=shown,
        missed=missed,
        alternative=alternative_to(shown) if shown and needs_alternative(shown) else None,
        is_ours=is_ours,
        help_address=url_for("home.help_page", country=view.country),
        for_first_time=first_time.letter_of(session(), listing_id) if is_ours else "",
        photos=first_time.photos_of(session(), listing_id) if is_ours else [],
        say_coming=_say_coming(view, shown, is_ours),
    )


@bp.get("/chapters")
def chapters() -> str:
    """Show the chapters by country, a page at a time: all of them, or those that are like the typed text."""
    text = request.args.get("text", "").strip()[:CHAPTER_SEARCH_LIMIT]
    found = chapter_list.page(
        session(),
        now(),
        text=text,
        countries=countries_like(text),
        order=country_order,
        after=request.args.get("after", ""),
    )
    return render_template(
        "public/chapters.html",
        page_head=heads.of_site(_("Chapters"), url_for(".chapters")),
        text=text,
        found=found,
        countries=_by_country(found.lines),
        map=None if text else maps.of_all(),
    )


@bp.get("/chapters/<chapter_id>")
def chapter(chapter_id: str) -> str:
    """Show one chapter and its runs."""
    view = listings.chapter(session(), chapter_id, now())
    is_ours = view.id == own_id(session())
    return render_template(
        "public/chapter.html",
        page_head=heads.of_chapter(view, url_for(".chapter", chapter_id=view.id)),
        chapter=view,
        country=country_name(view.country),
        is_ours=is_ours,
        help_address=url_for("home.help_page", country=view.country),
    )


def _search_page(
    typed: search_form.TypedSearch, where: Resolution, query: Query, problems: dict[str, str], answer: _Answer | None
) -> str:
    today, results = _today(where.place), answer.results if answer else None
    is_empty = results is not None and not results.found and query.point is not None
    nearest = nearest_to(query) if is_empty else []
    if typed.asks_where and not (where.place or where.choices or (answer and answer.by_words)):
        problems = {"near": search_form.unknown_words(typed)} | problems
    return render_template(
        "public/find.html",
        page_head=heads.of_site(_("Find a run"), url_for(".find")),
        typed=typed,
        where=where,
        problems=problems,
        results=results,
        by_words=answer is not None and answer.by_words,
        lost=answer is not None and answer.lost,
        more=_address_after(results.cursor) if results and results.cursor else "",
        days=_by_day(results.found) if results else [],
        span=span_words(*search_form.days_of(query, today), today),
        radius_m=query.radius_m or USUAL_RADIUS_M,
        nearest=nearest,
        farthest_m=farthest_to(query),
        map=maps.of_search(query, [*results.found, *nearest], _here(where.place)) if results else None,
        listener=help_lines.listener(site().country or (where.place.country if where.place else "")),
        today=today,
    )


def _here(place: Place | None) -> Here | None:
    return Here(place.name, (place.lat_e4 / 10_000, place.lon_e4 / 10_000)) if place else None


def _address_after(cursor: str) -> str:
    # Not url_for(**request.args): it would obey an "_external" or a "_scheme" that a stranger wrote.
    return f"{request.path}?{urlencode(request.args.to_dict() | {'after': cursor})}#found"


def _say_coming(view: ListingView, shown: Occurrence | None, is_ours: bool) -> str:
    """The address at which somebody says that they come to a date: on the chapter's own site alone. Empty for none."""
    if shown is None or is_off(shown) or shown.state == "unclear" or not (is_ours or view.base_url):
        return ""
    path = f"/runs/{view.chapter}/{view.listing.id}/coming?date={shown.day}"
    return path if is_ours else f"{view.base_url}{path}"


def _picked(view: ListingView, wanted: str) -> tuple[Occurrence | None, str]:
    """The date that the address names, and what to say if the run has no such date."""
    if not wanted or not view.is_readable:
        return None, ""
    day = read_day(wanted)
    if day is None:
        return None, _("We couldn’t read that date. This is the next one.")
    found = None
    if search_form.is_within_reach(day, now().date()):
        found = listings.on_day(session(), view.chapter, view.listing.id, day, now())
    return found, "" if found else _("There’s no run on that day, or it’s already over. This is the next one.")


def _by_day(found: list[Found]) -> list[tuple[date, list[Found]]]:
    """The runs by their own days, each in its own zone. Both days and the runs of a day are in order."""
    ordered = sorted(found, key=lambda one: (one.occurrence.starts.date(), one.occurrence.starts))
    return [(day, list(group)) for day, group in groupby(ordered, key=lambda one: one.occurrence.starts.date())]


def _today(place: Place | None) -> date:
    """Today at the place, or in the zone of this site."""
    tz = zone(place.timezone) if place and place.timezone else zone(site().timezone)
    return now().astimezone(tz).date()


def _by_country(found: list[ChapterLine]) -> list[tuple[str, list[ChapterLine]]]:
    return [(country_name(code), list(group)) for code, group in groupby(found, key=lambda one: one.country)]
