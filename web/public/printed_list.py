"""A list of runs to print: for notice boards, for a GP's desk. Of a search, or of a country."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.documents import Listing
from node import help_lines, search
from node.directory import listings
from node.directory.listings import Occurrence
from node.errors import NotFound
from node.places.countries import COUNTRIES
from node.schedule.occurrences import as_held_now, dates_of
from node.search.query import USUAL_RADIUS_M, Query

from ..context import now, session
from ..http import limits
from ..language import _
from ..language.days import WEEKDAY, days_left_in_week, format_day
from ..qr import qr
from ..site import plain, site, this_page
from ..words.countries import country_name, in_country
from ..words.listings import change_ahead_words
from ..words.states import is_sure, may_take_place
from ..words.texts import isolated
from ..words.times import distance
from . import search_page

bp = Blueprint("printed_list", __name__)
limits.pages(bp)

#: Dates of so many days are looked at: what is off among them is said.
_DAYS = timedelta(days=28)
#: Runs on one list. A country has further parts; of a search somebody chooses a smaller distance.
MOST = 150
#: Dates that are read for the list of a search.
MOST_DATES = 600
PAPERS = ("a4", "a5")


class PrintedRun(NamedTuple):
    """One run of the list, as it is held until `change`, the words of a change to come, or empty. `off`: the
    coming days on which it is off; `other`: those before the change on which it is otherwise than usual.
    """

    listing: Listing
    chapter_name: str
    place: str
    first: Occurrence
    change: str
    off: list[date]
    other: list[date]


@dataclass(frozen=True)
class PrintedList:
    """A list under its headings. `check`: the address at which somebody looks before they travel; `country`: where the
    list hangs, or empty; `more`: the address of the next part, or empty. `is_cut`: whether not everything fits;
    `whole`: then the address of a list with parts, or empty.
    """

    title: str
    groups: list[tuple[str, list[PrintedRun]]]
    check: str
    country: str
    more: str = ""
    is_cut: bool = False
    whole: str = ""


@bp.get("/runs/print")
def show() -> str | Response:
    """Show the list. What is no clear search leads to the search itself, which asks."""
    code = request.args.get("country", "").upper()
    if code:
        found = _of_country(code)
    else:
        asked = search_page.asked()
        if asked.where.place is None or not asked.is_clear:
            return redirect(asked.typed.address(anchor=""))
        found = _of_search(asked)
    paper = request.args.get("paper", "")
    return render_template(
        "sharing/printed_list.html",
        printed=found,
        paper=paper if paper in PAPERS else PAPERS[0],
        papers=[(one, _address(paper=one)) for one in PAPERS],
        code=qr(found.check),
        listener=help_lines.listener(found.country or site().country),
    )


def _of_search(asked: search_page.Asked) -> PrintedList:
    start = asked.query.start or asked.today
    wanted = replace(asked.query, start=start, end=asked.query.end or start + _DAYS)
    dates = search.dates(session(), _whole(wanted), now(), MOST_DATES + 1, MOST_DATES + 1)
    runs = _runs(dates[:MOST_DATES], only_sure=wanted.filters.only_confirmed)
    runs.sort(key=lambda one: (-days_left_in_week(one.first.starts.date()), one.first.starts.time(), one.place))
    groups = groupby(runs[:MOST], key=lambda one: format_day(one.first.starts.date(), WEEKDAY))
    country = asked.where.place.country if asked.where.place else ""
    check = site().address + plain(asked.typed.address(anchor=""))
    is_cut = len(dates) > MOST_DATES or len(runs) > MOST
    whole = url_for(".show", country=asked.query.country) if is_cut and asked.query.country else ""
    days = [(day, list(found)) for day, found in groups]
    return PrintedList(_title(asked), days, check, country, is_cut=is_cut, whole=whole)


def _title(asked: search_page.Asked) -> str:
    if asked.query.country:
        return _("Runs %(in_country)s", in_country=in_country(asked.query.country))
    place = asked.where.place.name if asked.where.place else ""
    away = distance(asked.query.radius_m or USUAL_RADIUS_M, asked.typed.unit)
    return _("Runs within %(distance)s of %(place)s", distance=away, place=isolated(place))


def _whole(query: Query) -> Query:
    """The same query for all dates of runs that have a confirmed one: a list says which of them are off."""
    return replace(query, filters=replace(query.filters, only_confirmed=False))


def _of_country(code: str) -> PrintedList:
    if code not in COUNTRIES:
        raise NotFound("no such country")
    part = max(int(text) if (text := request.args.get("part", "")).isdecimal() and len(text) < 4 else 1, 1)
    rows = listings.rows_in(session(), code, (part - 1) * MOST, MOST + 1)
    today = now().date()
    every = listings.dated_listings(session(), rows[:MOST], now())
    dates = [one for row in rows[:MOST] if row in every for one in dates_of(every[row], today, today + _DAYS)]
    runs = _runs(sorted(dates, key=lambda one: one.starts.timestamp()))
    runs.sort(key=lambda one: (one.place, one.first.starts.weekday(), one.first.starts.time()))
    groups = [(place, list(found)) for place, found in groupby(runs, key=lambda one: one.place)]
    more = _address(part=str(part + 1)) if len(rows) > MOST else ""
    title = _("All runs: %(country)s", country=country_name(code))
    return PrintedList(title, groups, site().address + plain(url_for("listings.chapters")), code, more)


def _runs(dates: Iterable[Occurrence], *, only_sure: bool = False) -> list[PrintedRun]:
    """Each run once. A run that is off on every day is no help to anybody. `only_sure`: those with a confirmed date."""
    by_run: dict[tuple[str, str], list[Occurrence]] = {}
    for one in dates:
        by_run.setdefault((one.chapter, one.listing.id), []).append(one)
    is_wanted = is_sure if only_sure else may_take_place
    return [_printed(found) for found in by_run.values() if any(map(is_wanted, found))]


def _printed(found: list[Occurrence]) -> PrintedRun:
    first = next((one for one in found if may_take_place(one) and not one.moved), None)
    first = first or next(one for one in found if may_take_place(one))
    off = [one.day for one in found if not may_take_place(one)]
    change = change_ahead_words(first.listing)
    # From that day on it is as the change says.
    known = [one for one in found if not change or one.starts.date().isoformat() < (first.listing.changes_on or "")]
    other = [one.starts.date() for one in known if may_take_place(one) and one.moved]
    return PrintedRun(as_held_now(first.listing, found), first.chapter_name, first.place, first, change, off, other)


def _address(**changes: str) -> str:
    """This list otherwise: on other paper, or its next part."""
    kept = [pair for pair in request.args.items(multi=True) if pair[0] not in changes]
    return f"{this_page()}?{urlencode([*kept, *changes.items()])}"
