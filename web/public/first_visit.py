"""What a run's own site tells whoever comes for the first time: a page to print, and the photos."""

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from node.directory import listings
from node.directory.chapters import own_id
from node.members import first_time

from ..context import now, session
from ..http import limits
from ..words.shared import idle_words
from ..words.states import is_idle

bp = Blueprint("first_visit", __name__)
limits.pages(bp)

#: Seconds for which browsers keep a photo. One that a lead takes away is gone from them after a day.
_KEEP = 86_400


@bp.get("/runs/<chapter_id>/<listing_id>/first-time")
def letter(chapter_id: str, listing_id: str) -> str | AnyResponse:
    """Show the letter on a page that prints well."""
    if chapter_id != own_id(session()):
        return redirect(url_for("listings.show", chapter_id=chapter_id, listing_id=listing_id), 303)
    view = listings.listing(session(), chapter_id, listing_id, now())
    words, photos = first_time.letter_of(session(), listing_id), first_time.photos_of(session(), listing_id)
    idle = idle_words(view) if view.is_readable and is_idle(view) else ""
    shown = {"run": view.listing_now, "idle": idle, "words": words, "photos": photos}
    return render_template("public/first_time.html", view=view, **shown)


@bp.get("/photos/<photo_id>")
@limits.files
def photo(photo_id: str) -> Response:
    """A photo, as this node has encoded it."""
    found = first_time.photo(session(), photo_id)
    return Response(found.content, mimetype=first_time.TYPE, headers={"Cache-Control": f"public, max-age={_KEEP}"})
