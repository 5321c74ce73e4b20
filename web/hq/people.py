"""The people of HQ. There are at least two, so that nobody carries HQ alone."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import leads
from node.errors import InvalidInput
from node.hq import people
from node.hq.history import Actor

from ..context import Page, now, session, settings
from ..forms.hq import PersonForm
from ..http import limits, sessions
from ..qr import qr
from ..site import plain
from ..words import notices

bp = Blueprint("hq_people", __name__, url_prefix="/hq/people")
limits.signed_in(bp)


@bp.get("")
def everyone() -> str:
    """Show every person of HQ, and the form that adds one."""
    return _page(PersonForm())


@bp.post("")
def add() -> Page | Response:
    """Add a person. What was typed stays on the page if it cannot be kept."""
    form = PersonForm(request.form)
    if not form.validate():
        return _page(form), 422
    try:
        people.add(session(), form.first_name.data, actor(), now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _page(form), 422
    return redirect(url_for(".everyone", done="person-added"), 303)


@bp.post("/<int(max=999999999):person_id>/link")
def make_link(person_id: int) -> str:
    """Make a one-time sign-in link, and show it this once. HQ keeps its hash alone, so no other page could show it."""
    person = leads.get(session(), person_id)
    token = people.make_link(session(), person.id, actor(), now())
    link = settings().base_url + plain(url_for("signin.show_link", token=token))
    return render_template("hq/link.html", person=person, link=link, image=qr(link))


@bp.get("/<int(max=999999999):person_id>/remove")
def ask_remove(person_id: int) -> str:
    """Say what removing a person means, and ask."""
    person = leads.get(session(), person_id)
    is_last = len(leads.all_leads(session())) == 1
    return render_template("hq/remove.html", person=person, is_last=is_last)


@bp.post("/<int(max=999999999):person_id>/remove")
def remove(person_id: int) -> Page | Response:
    """Remove a person, who is then signed out everywhere."""
    try:
        people.remove(session(), settings(), person_id, actor(), now())
    except leads.LastPerson:
        return ask_remove(person_id), 422
    return redirect(url_for(".everyone", done="person-removed"), 303)


def _page(form: PersonForm) -> str:
    found = leads.all_leads(session())
    return render_template("hq/people.html", people=found, form=form, notice=notices.words(request.args))


def actor(reason: str = "") -> Actor:
    """The person of HQ who is signed in, and what this person notes of the act."""
    return Actor(sessions.person().first_name, reason)
