"""A poster and cards of a run, to print and put up. Paper stays up for months, so it tells no single date."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for

from node import help_lines
from node.directory import listings
from node.directory.listings import ListingView

from ..context import now, session
from ..http import limits
from ..qr import qr
from ..site import plain, site
from ..words.languages.own_texts import own_text
from ..words.states import may_take_place

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

    `is_idle`: whether no date to come may take place.
    """

    code: str
    home: str
    is_idle: bool


@bp.get("/runs/<chapter_id>/<listing_id>/poster")
def poster(chapter_id: str, listing_id: str) -> str:
    """A poster on A4."""
    view = listings.listing(session(), chapter_id, listing_id, now())
    point = view.listing.meeting_point
    directions, look_for = own_text(point, "directions"), own_text(view.listing, "look_for")
    has_directions = bool(directions.text) and len(directions.text) <= _ROOM
    texts = (view.chapter_name, point.name, point.address, look_for.text, directions.text if has_directions else "")
    return render_template(
        "sharing/poster.html",
        view=view,
        paper=_paper(view),
        directions=directions if has_directions else None,
        is_full=sum(len(text or "") for text in texts) > _LARGE,
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
    is_idle = not any(map(may_take_place, view.coming))
    return Paper(qr(home + plain(path)), home.partition("://")[2], is_idle)
