"""A lead's letter to whoever comes for the first time, and the photos of the place."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node.chapter import runs
from node.errors import InvalidInput
from node.input.stale_pages import StalePage
from node.members import first_time
from node.models import Run

from ..context import Page, now, session
from ..forms.base import page_mark
from ..forms.members.first_time import LetterForm, PhotoForm
from ..http import limits
from ..words import notices

bp = Blueprint("first_time", __name__, url_prefix="/lead/runs/<run_id>/first-time")
limits.signed_in(bp)

#: Bytes around a photo: the other fields, and the lines between them.
_BESIDE = 16 * 1024


@bp.get("")
def show(run_id: str) -> str:
    """Show letter and photos, to be changed."""
    run = runs.get(session(), run_id)
    return _page(run, LetterForm(data={"letter": first_time.letter_of(session(), run_id)}), PhotoForm())


@bp.post("")
def write(run_id: str) -> Page | Response:
    """Keep the letter. What was typed stays if it cannot be kept, or another lead was quicker."""
    run, form = runs.get(session(), run_id), LetterForm(request.form)
    if not form.validate():
        return _page(run, form, PhotoForm(), mark=page_mark()), 422
    try:
        first_time.write(session(), run_id, form.letter.data or "", now(), page_mark())
    except StalePage:
        return _page(run, form, PhotoForm(), changed=first_time.letter_of(session(), run_id)), 409
    return _back(run_id, "saved")


@bp.post("/photos")
def add_photo(run_id: str) -> Page | Response:
    """Keep a photo."""
    # Only here: no other form is so long.
    request.max_content_length = first_time.MAX_SENT + _BESIDE
    run = runs.get(session(), run_id)
    form = PhotoForm(request.form)
    file = request.files.get("photo")
    if form.validate():
        try:
            first_time.add_photo(session(), run_id, file.read() if file else b"", form.shows.data or "", now())
        except InvalidInput as refused:
            form.add_problems(refused.problems)
        else:
            return _back(run_id, "saved")
    letter = LetterForm(data={"letter": first_time.letter_of(session(), run_id)})
    return _page(run, letter, form), 422


@bp.post("/photos/<photo_id>/remove")
def remove_photo(run_id: str, photo_id: str) -> Response:
    """Take a photo away."""
    first_time.remove_photo(session(), run_id, photo_id)
    return _back(run_id, "saved")


def _back(run_id: str, done: str) -> Response:
    return redirect(url_for(".show", run_id=run_id, done=done), 303)


def _page(run: Run, letter: LetterForm, photo: PhotoForm, mark: str = "", changed: str | None = None) -> str:
    return render_template(
        "leads/first_time.html",
        run=run,
        letter=letter,
        photo=photo,
        form=photo if photo.errors else letter,
        photos=first_time.photos_of(session(), run.id),
        most_photos=first_time.MOST_PHOTOS,
        mark=mark or first_time.mark_of(session(), run.id),
        changed=changed,
        notice=notices.words(request.args),
    )
