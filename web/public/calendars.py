"""Calendars of anybody's runs, for any program that reads them: of one date, of a run, of a chapter.

A calendar asks again each hour or each day, and shows what it has until it gets an answer. So a run that is not listed
any more has an empty calendar instead of an error: the dates that it had go from people's calendars.
"""

from collections.abc import Callable
from datetime import date, timedelta

from flask import Blueprint, Response, request, url_for

from node.directory import listings
from node.directory.chapters import own_id
from node.directory.listings import Expired, Occurrence, Unlisted, Withdrawn
from node.errors import NotFound
from node.members import coming
from node.models import Coming
from node.schedule.occurrences import DatedListing, every_date
from node.schedule.series import series_of, without

from ..alternatives import alternative_to
from ..context import now, session, settings
from ..formats import ics
from ..formats.ics import CalendarEvent, Pages
from ..forms.find.spans import is_within_reach
from ..http import limits
from ..language import _
from ..site import site, site_name, this_page
from ..words.calendars import instead_words, name_words

bp = Blueprint("calendars", __name__)
limits.pages(bp)

MIME = "text/calendar"
#: For dates that are cancelled so soon another run is looked for.
_SOON = timedelta(days=7)


@bp.get("/runs/<chapter_id>/<listing_id>/calendar.ics")
def series(chapter_id: str, listing_id: str) -> Response:
    """All dates of a run."""
    return _answer(_found(chapter_id, listing_id), _run_name, lambda one: ics.events_of(series_of(one), pages()))


@bp.get("/runs/<chapter_id>/<listing_id>/<day:day>/calendar.ics")
def one_date(chapter_id: str, listing_id: str, day: date) -> Response:
    """One date of a run."""
    return _answer(_found(chapter_id, listing_id), _run_name, lambda one: date_events(one, day))


@bp.get("/chapters/<chapter_id>/calendar.ics")
def chapter(chapter_id: str) -> Response:
    """All runs of a chapter."""
    return _answer(_found(chapter_id), _chapter_name, lambda one: ics.events_of(series_of(one), pages()))


def comers(row: Coming | None) -> Response:
    """The dates that somebody said they would come to; empty for a link that opens nothing.

    It names only the run's public pages, never the private link: people show their calendars to others.
    """
    found = _own(row.run_id) if row else []
    events = [event for one in found if row for event in _comers_events(one, row)]
    return answer(_("Runs I said I’d come to"), events, is_private=True)


def _comers_events(dated: DatedListing, row: Coming) -> list[CalendarEvent]:
    if row.day is not None:
        return date_events(dated, row.day)
    away = coming.days_off(session(), row)
    return ics.events_of(without(series_of(dated, row.since), away), pages())


def pages() -> Pages:
    """What events say of this site."""
    return Pages(_page, _instead)


def events_of_dates(dates: list[Occurrence]) -> list[CalendarEvent]:
    """Dates of any runs, each as an event of its own. For the many dates of a search no other run is looked for."""
    around = Pages(_page, lambda _: "")
    runs = {(one.chapter, one.listing.id) for one in dates}
    dated = {run: found for run in runs for found in _found(*run)}
    held = [(dated.get((one.chapter, one.listing.id)), one) for one in dates]
    return [ics.event_of(of, one, around) for of, one in held if of is not None]


def date_events(dated: DatedListing, day: date) -> list[CalendarEvent]:
    """The date that people know for `day`; nothing where the run has none."""
    if not is_within_reach(day, now().date()):
        return []
    every = (one for _, one in every_date(dated, day, day) if day in (one.day, *one.moved_from))
    return [ics.event_of(dated, one, pages(), day) for one in every][:1]


def answer(name: str, events: list[CalendarEvent], is_private: bool = False) -> Response:
    """A calendar as an answer. A private one does not repeat its own address."""
    home = site().timezone, now().year
    query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    source = "" if is_private else settings().base_url + this_page() + query
    body = ics.calendar(name, source, events, home)
    # Nobody shows an old copy, as of a page.
    return Response(body, mimetype=MIME, headers={"Cache-Control": "no-cache"})


def _found(chapter_id: str, listing_id: str | None = None) -> list[DatedListing]:
    try:
        return listings.dated(session(), chapter_id, now(), listing_id)
    except (Withdrawn, Expired, Unlisted):
        return []


def _own(run_id: str) -> list[DatedListing]:
    """A run of ours; none while nobody lists this chapter."""
    try:
        return _found(own_id(session()) or "", run_id)
    except NotFound:
        return []


def _answer(
    found: list[DatedListing],
    name: Callable[[DatedListing], str],
    events: Callable[[DatedListing], list[CalendarEvent]],
) -> Response:
    called = name(found[0]) if found else _("No runs here at the moment")
    return answer(called, [event for one in found for event in events(one)])


def _run_name(dated: DatedListing) -> str:
    return name_words(dated.listing, dated.held.name)


def _chapter_name(dated: DatedListing) -> str:
    return site_name(dated.held.name)


def _page(chapter_id: str, listing_id: str, day: date | None) -> str:
    wanted = day.isoformat() if day else None  # url_for leaves None out
    return settings().base_url + url_for("listings.show", chapter_id=chapter_id, listing_id=listing_id, date=wanted)


def _instead(cancelled: Occurrence) -> str:
    """Where to go instead of a date that is cancelled soon."""
    if not timedelta(0) < cancelled.ends - now() < _SOON:
        return ""
    found = alternative_to(cancelled)
    one = found.occurrence if found else None
    return instead_words(one, _page(one.chapter, one.listing.id, one.day)) if one else ""
