"""How HQ reaches the people of a chapter: for HQ's eyes alone."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node.errors import InvalidInput
from node.hq import contacts
from node.hq.contacts import Contact
from node.input.stale_pages import StalePage

from ..context import Page, now, session, settings
from ..forms.base import page_mark
from ..forms.hq import ContactForm
from ..forms.sent.differences import Difference, differences
from ..http import limits
from .chapters import name_of
from .people import actor

bp = Blueprint("hq_contacts", __name__, url_prefix="/hq/chapters/<chapter_id>/contact")
limits.signed_in(bp)


@bp.get("")
def ask(chapter_id: str) -> str:
    """Show the contact, to be changed."""
    held = contacts.of(session(), settings(), chapter_id)
    return _page(chapter_id, ContactForm(data=vars(held)), held)


@bp.post("")
def change(chapter_id: str) -> Page | Response:
    """Keep the contact. What was typed stays if it cannot be kept, or somebody else was quicker."""
    form, held = ContactForm(request.form), contacts.of(session(), settings(), chapter_id)
    name_of(chapter_id)
    try:
        is_done = contacts.change(session(), settings(), chapter_id, form.contact(), actor(), now(), page_mark())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _page(chapter_id, form, held), 422
    except StalePage:
        return _page(chapter_id, form, held, differences(form, ContactForm(data=vars(held)))), 409
    done = "contact-saved" if is_done else "so-already"
    return redirect(url_for("hq_chapters.chapter", chapter_id=chapter_id, done=done), 303)


def _page(chapter_id: str, form: ContactForm, held: Contact, changed: list[Difference] | None = None) -> str:
    return render_template(
        "hq/contact.html", form=form, mark=held.mark, changed=changed, chapter_id=chapter_id, name=name_of(chapter_id)
    )
