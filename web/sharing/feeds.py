"""Atom feeds: what a chapter has on, for whoever reads news instead of pages."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, request, url_for

from node.directory import listings
from node.directory.listings import ChapterView, Occurrence

from ..context import now, session, settings
from ..formats import atom
from ..http import limits
from ..site import date_address, site_name, this_page
from ..words.states import signs_of

bp = Blueprint("feeds", __name__)
limits.pages(bp)

#: How far ahead a feed has every date. Further ahead it has those of which something was said.
_SOON = timedelta(days=14)
_QUIET = ("unconfirmed", "confirmed")


@bp.get("/chapters/<chapter_id>/feed.atom")
def chapter(chapter_id: str) -> Response:
    """The dates of a chapter's runs."""
    view = listings.chapter(session(), chapter_id, now())
    page = settings().base_url + url_for("listings.chapter", chapter_id=chapter_id)
    return answer(site_name(view.name), page, _news(view), view.freshness.signed_at)


def answer(name: str, page: str, dates: list[Occurrence], signed_at: datetime | None = None) -> Response:
    """A feed of these dates at the address that was asked for. `page`: the whole address of the same as a page."""
    query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    source = settings().base_url + this_page() + query
    body = atom.feed_of(dates, name, source, page, page_of, signed_at or datetime.fromtimestamp(0, UTC))
    # Nobody shows an old copy, as of a page.
    return Response(body, mimetype=atom.MIME, headers={"Cache-Control": "no-cache"})


def page_of(one: Occurrence) -> str:
    """The whole address of the page of a date."""
    return settings().base_url + date_address(one)


def _news(view: ChapterView) -> list[Occurrence]:
    until = now() + _SOON
    every = [one for listing in view.listings for one in listing.coming if one.starts <= until or _is_news(one)]
    return sorted(every, key=lambda one: (one.starts, one.listing.id))


def _is_news(one: Occurrence) -> bool:
    return len(signs_of(one)) > 1 or signs_of(one)[0].state not in _QUIET
