"""A poster and cards of a run, to print and put up. Paper stays up for months, so it tells no single date."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for

from federation.documents import Listing
from node import help_lines
from node.directory import listings
from node.directory.listings import ListingView

from ..context import now, session
from ..http import limits
from ..qr import qr
from ..site import plain, site
from ..words.languages.own_texts import own_text
from ..words.listings import change_ahead_words
from ..words.states import is_idle

bp = Blueprint("posters", __name__)
limits.pages(bp)

#: Cards on a sheet of A4: each as large as a bank card.
_CARDS = 10
#: Characters of directions that a poster has room for.
_ROOM = 220
#: Characters of a chapter's texts that a poster has room for in large letters.
_LARGE = 130


@dataclass(frozen=True)
class Paper:
    """What paper needs beside the run. `code`: leads to the run on its chapter's own site. `home`: that site's name.

    `run`: the listing as it is held until `change`, the words of a change to come, or empty. `is_idle`: whether no date
    to come may take place.
    """

    code: str
    home: str
    run: Listing
    change: str
    is_idle: bool


@bp.get("/runs/<chapter_id>/<listing_id>/poster")
def poster(chapter_id: str, listing_id: str) -> str:
    """A poster on A4."""
    view = listings.listing(session(), chapter_id, listing_id, now())
    paper = _paper(view)
    point = paper.run.meeting_point
    directions, look_for = own_text(point, "directions"), own_text(view.listing, "look_for")
    # Directions to a place that changes soon would lead people astray, and the change needs their room.
    has_directions = bool(directions.text) and len(directions.text) <= _ROOM and not paper.change
    texts = (view.chapter_name, point.name, point.address, look_for.text, directions.text if has_directions else "")
    return render_template(
        "sharing/poster.html",
        view=view,
        paper=paper,
        directions=directions if has_directions else None,
        is_full=sum(len(text or "") for text in (*texts, paper.change)) > _LARGE,
        listener=help_lines.listener(view.country),
    )


@bp.get("/runs/<chapter_id>/<listing_id>/cards")
def cards(chapter_id: str, listing_id: str) -> str:
    """Cards on A4, to be cut."""
    view = listings.listing(session(), chapter_id, listing_id, now())
    return render_template("sharing/cards.html", view=view, paper=_paper(view), number=_CARDS)


def _paper(view: ListingView) -> Paper:
    home = view.base_url or site().address
    path = url_for("listings.show", chapter_id=view.chapter, listing_id=view.listing.id)
    change = change_ahead_words(view.listing)
    return Paper(qr(home + plain(path)), home.partition("://")[2], view.listing_now, change, is_idle(view))
