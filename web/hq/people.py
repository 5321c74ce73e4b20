"""Who is at HQ: at least two, so that nobody carries this alone."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import leads
from node.errors import InvalidInput
from node.hq import people
from node.hq.history import Actor

from ..context import now, session, settings
from ..forms.hq import PersonForm
from ..http import limits, sessions
from ..qr import qr
from ..words import notices

bp = Blueprint("hq_people", __name__, url_prefix="/hq/people")
limits.leads(bp)

Page = str | tuple[str, int]


@bp.get("")
def everyone() -> str:
    """All of them, and who may join."""
    return _page(PersonForm())


@bp.post("")
def add() -> Page | Response:
    """Somebody new; what was typed stays if it cannot be kept."""
    form = PersonForm(request.form)
    if not form.validate():
        return _page(form), 422
    try:
        people.add(session(), form.first_name.data, _actor(), now())
    except InvalidInput as refused:
        form.take(refused.problems)
        return _page(form), 422
    return redirect(url_for(".everyone", done="person-added"), 303)


@bp.post("/<person_id>/link")
def make_link(person_id: str) -> str:
    """A one-time sign-in link, shown this once: it is kept as a hash, so no other page could show it."""
    person = leads.get(session(), _number(person_id))
    token = people.make_link(session(), person.id, _actor(), now())
    link = settings().base_url + url_for("signin.show_link", token=token)
    return render_template("hq/link.html", person=person, link=link, image=qr(link))


@bp.get("/<person_id>/remove")
def ask_remove(person_id: str) -> str:
    """What happens then."""
    person = leads.get(session(), _number(person_id))
    is_last = len(people.everyone(session())) == 1
    return render_template("hq/remove.html", person=person, is_last=is_last)


@bp.post("/<person_id>/remove")
def remove(person_id: str) -> Page | Response:
    """Signed out everywhere, for good."""
    try:
        people.remove(session(), settings(), _number(person_id), _actor(), now())
    except leads.LastPerson:
        return ask_remove(person_id), 422
    return redirect(url_for(".everyone", done="person-removed"), 303)


def _page(form: PersonForm) -> str:
    found = people.everyone(session())
    return render_template("hq/people.html", people=found, form=form, notice=notices.words(request.args))


def _actor() -> Actor:
    return Actor(sessions.lead().first_name)


def _number(text: str) -> int:
    """Nobody has the number 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
