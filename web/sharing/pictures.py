"""The pictures that messengers and social networks show beside a link."""

import hashlib

from flask import Blueprint, Response, request, url_for

from node.directory import listings
from node.directory.listings import ChapterView, ListingView, Occurrence

from ..context import now, session
from ..formats import picture
from ..formats.picture import Words
from ..forms.days import read_day
from ..http import limits
from ..language import _
from ..site import site, site_name
from ..words.calendars import name_words
from ..words.shared import day_and_time, idle_words, rhythm_words
from ..words.states import is_idle, is_off, signs_of

bp = Blueprint("pictures", __name__)
limits.pages(bp)

MIME = "image/png"


@bp.get("/picture.png")
def whole_site() -> Response:
    """The picture of this site."""
    return _answer(_site_words())


@bp.get("/chapters/<chapter_id>/picture.png")
def chapter(chapter_id: str) -> Response:
    """The picture of a chapter."""
    return _answer(_chapter_words(listings.chapter(session(), chapter_id, now())))


@bp.get("/runs/<chapter_id>/<listing_id>/picture.png")
def run(chapter_id: str, listing_id: str) -> Response:
    """The picture of a run, or of the date in `?date=` where that is off."""
    view = listings.listing(session(), chapter_id, listing_id, now())
    day = read_day(request.args.get("date", ""))
    return _answer(_run_words(view, next((one for one in view.coming if one.day == day and is_off(one)), None)))


def of_site() -> str:
    """The whole address of this site's picture."""
    return site().address + url_for("pictures.whole_site", v=_mark(_site_words()))


def of_chapter(view: ChapterView) -> str:
    """The whole address of a chapter's picture."""
    return site().address + url_for("pictures.chapter", chapter_id=view.id, v=_mark(_chapter_words(view)))


def of_run(view: ListingView, off: Occurrence | None) -> str:
    """The whole address of a run's picture. `off`: a date that it says is off; None for none."""
    day = off.day.isoformat() if off else None  # url_for leaves None out
    mark = _mark(_run_words(view, off))
    path = url_for("pictures.run", chapter_id=view.chapter, listing_id=view.listing.id, date=day, v=mark)
    return site().address + path


def _site_words() -> Words:
    return Words("", site().name, _("Run gently. Talk, or don’t."))


def _chapter_words(view: ChapterView) -> Words:
    return Words("", site_name(view.name), _("Run gently. Talk, or don’t."))


def _run_words(view: ListingView, off: Occurrence | None) -> Words:
    name = name_words(view.listing, view.chapter_name)
    if off:
        return Words(name, signs_of(off)[0].words, day_and_time(off))
    if view.is_readable and is_idle(view):
        return Words(name, idle_words(view), "")
    run = view.listing_now
    return Words(name, rhythm_words(run) if view.is_readable else "", run.meeting_point.name)


def _mark(words: Words) -> str:
    """Another address for other words: whoever has fetched a picture does not ask again."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:8]


def _answer(words: Words) -> Response:
    return Response(picture.png(words), mimetype=MIME, headers={"Cache-Control": "no-cache"})
