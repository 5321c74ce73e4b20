"""Anybody's runs: the search, a run's page, the chapters. Our own runs are shown in the same way."""

from collections.abc import Sequence
from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter.known_dates import is_same_point
from node.directory import chapter_list, listings
from node.directory.chapters import own_id
from node.directory.listings import ChapterLine, ListingView, Occurrence
from node.members import first_time
from node.search.of_chapters import next_of

from ..alternatives import alternative_to
from ..context import now, session
from ..forms.base import CHAPTER_SEARCH_LIMIT
from ..forms.days import read_day
from ..forms.find import search as search_form
from ..forms.find.spans import is_within_reach
from ..http import limits
from ..language import _
from ..maps import runs as maps
from ..sharing import heads
from ..site import site
from ..words.countries import countries_like, country_name, country_order
from ..words.states import by_time, may_take_place, needs_alternative
from . import live, search_page

bp = Blueprint("listings", __name__)
limits.pages(bp)


@bp.get("/runs")
def find() -> str | Response:
    """Show the runs near a place, on a day or days. Without a place, show every run that comes soon."""
    fields = search_form.clean(request.args, site().unit)
    if fields != list(request.args.items(multi=True)):
        # A form sends its empty fields, too. People share the address without them, and its page is kept.
        return redirect(url_for(".find") + (f"?{urlencode(fields)}" if fields else ""))
    return search_page.draw()


@bp.get("/runs/<chapter_id>/<listing_id>")
def show(chapter_id: str, listing_id: str) -> str:
    """Show one run. `?date=` picks one of its dates."""
    view = listings.listing(session(), chapter_id, listing_id, now())
    picked, missed = _picked(view, request.args.get("date", ""))
    shown = picked or (view.coming[0] if view.coming else None)
    is_ours = view.chapter == own_id(session())
    # What was written and photographed for a first time leads to the usual place alone.
    is_usual = shown is None or is_same_point(shown.meeting_point, view.listing_now.meeting_point)
    return render_template(
        "public/run.html",
        page_head=heads.of_run(view, picked),
        live=live.ask(shown) if shown and not is_ours else None,
        view=view,
        shown=shown,
        missed=missed,
        alternative=alternative_to(shown) if shown and needs_alternative(shown) else None,
        is_ours=is_ours,
        help_country=view.country,
        for_first_time=first_time.letter_of(session(), listing_id) if is_ours and is_usual else "",
        photos=first_time.photos_of(session(), listing_id) if is_ours and is_usual else [],
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
        next_runs=next_of(session(), [line.id for line in found.lines], now()),
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
        runs=_by_next_dates(view.listings),
        country=country_name(view.country),
        is_ours=is_ours,
        help_country=view.country,
    )


def _by_next_dates(views: Sequence[ListingView]) -> list[ListingView]:
    """Runs without a next date come last."""
    dated = sorted((view for view in views if view.coming), key=lambda view: by_time(view.coming[0]))
    return dated + [view for view in views if not view.coming]


def _say_coming(view: ListingView, shown: Occurrence | None, is_ours: bool) -> str:
    """The address at which somebody says that they come to a date: on the chapter's own site alone. Empty for none."""
    if shown is None or not may_take_place(shown) or not (is_ours or view.base_url):
        return ""
    path = f"/runs/{view.chapter}/{view.listing.id}/coming?date={shown.day}"
    return request.script_root + path if is_ours else f"{view.base_url}{path}"


def _picked(view: ListingView, wanted: str) -> tuple[Occurrence | None, str]:
    """The date that the address names, and what to say if the run has no such date."""
    if not wanted or not view.is_readable:
        return None, ""
    day = read_day(wanted)
    if day is None:
        return None, _("We couldn’t read that date. This is the next one.")
    found = None
    if is_within_reach(day, now().date()):
        found = listings.on_day(session(), view.chapter, view.listing.id, day, now())
    return found, "" if found else _("There’s no run on that day, or it’s already over. This is the next one.")


def _by_country(found: list[ChapterLine]) -> list[tuple[str, list[ChapterLine]]]:
    return [(country_name(code), list(group)) for code, group in groupby(found, key=lambda one: one.country)]
