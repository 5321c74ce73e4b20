"""A search in other forms than a page: a calendar and a feed to follow it by, and places to choose while typing."""

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, Response, jsonify, request

from node import search
from node.directory.listings import Occurrence
from node.errors import InvalidInput
from node.places import lookup
from node.schedule.recurrence import WEEKS_AHEAD

from ..context import now, session, settings
from ..forms.find import search as search_form
from ..http import limits
from ..sharing import feeds
from ..site import site
from . import calendars, search_page
from .search_page import Asked

bp = Blueprint("searches", __name__)
limits.pages(bp)

#: What one calendar or feed has at most. Nobody follows more runs than these.
MOST_RUNS, MOST_DATES = 100, 400
#: Entries of a feed reach no further than its page does without days.
_NEWS = timedelta(days=13)
#: What stands in a calendar or a feed of confirmed dates: a date that was confirmed must not leave it without a word.
_CONFIRMED_OR_TOLD = frozenset({"confirmed", "moved", "cancelled", "paused", "unclear"})
#: Each letter that is typed may ask; a look-up takes a millisecond or two.
typing = limits.Budget("typing", 240, 2000)
#: Letters from which on places are proposed, and how long a browser may keep them (seconds).
_FEWEST, _KEPT = 2, 3600


@bp.get("/runs/calendar.ics")
def calendar() -> Response:
    """The dates of a search, for a calendar program that asks again. Without days those of eight weeks."""
    one = _asked()
    return calendars.answer(search_page.name_of(one), calendars.events_of_dates(_dates(one, WEEKS_AHEAD)))


@bp.get("/runs/feed.atom")
def feed() -> Response:
    """The dates of a search, for a program that reads news. Without days those of two weeks."""
    one = _asked()
    page = settings().base_url + one.typed.address(anchor="")
    return feeds.answer(search_page.name_of(one), page, _dates(one, _NEWS))


@bp.get("/places")
@typing
def places() -> Response:
    """Places whose names begin with the typed letters, or are almost these. What was typed is kept and logged nowhere:
    the reader's own browser may keep the answer.
    """
    typed = request.args.get("q", "").strip()[:100]
    home, around = search_form.home_country(), search_form.home_point()
    found = lookup.begun(typed, home, around) if len(typed) >= _FEWEST else []
    answer = jsonify(places=[{"id": one.id, "label": one.label} for one in found])
    answer.headers["Cache-Control"] = f"private, max-age={_KEPT}"
    if site().is_hq:
        answer.vary.add("Accept-Language")
    return answer


def _asked() -> Asked:
    """A search that is clear. Raises InvalidInput where a page would ask something."""
    one = search_page.asked()
    if not one.is_clear or one.problems:
        raise InvalidInput(one.problems or {"near": "ambiguous"})
    return one


def _dates(one: Asked, ahead: timedelta) -> list[Occurrence]:
    first, query = one.query.start or one.today, one.query
    wanted = replace(query, end=query.end or first + ahead)
    if query.filters.only_confirmed:
        wanted = replace(wanted, filters=replace(query.filters, only_confirmed=False), states=_CONFIRMED_OR_TOLD)
    return search.dates(session(), wanted, now(), MOST_RUNS, MOST_DATES)
