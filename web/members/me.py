"""Somebody's own account: name, address, phones, what they agreed to, all that is kept of them, and its end."""

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from node import sealed_fields
from node.errors import InvalidInput
from node.mail import closed
from node.members import coming, consent, erasure, export, people, sign_in
from node.members.accounts import codes, passkeys, recovery_codes
from node.members.accounts.codes import TooManyTries, WrongCode
from node.members.people import LastLead

from ..context import Page, now, session, settings
from ..forms.base import KeptForm, new_form_id
from ..forms.members.accounts import AddressForm, CodeForm, NameForm, language_form
from ..http import limits, sessions
from ..http.downloads import as_file
from ..qr import qr
from ..site import has_passkeys, plain
from ..words import notices
from ..words.members.accounts import email_words

bp = Blueprint("me", __name__, url_prefix="/me")
limits.signed_in(bp)


@bp.get("")
def show() -> str:
    """Show the account."""
    return _page()


@bp.post("/name")
def save_name() -> Page | AnyResponse:
    """Keep what this person wants to be called."""
    form = NameForm(request.form)
    try:
        people.set_first_name(session(), settings(), sessions.person().id, form.first_name.data or "", now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _page(form), 422
    return _back("saved")


@bp.post("/language")
def save_language() -> Page | AnyResponse:
    """Keep the language in which this person wants letters."""
    form = language_form(request.form, sessions.person().language)
    if not form.validate():
        return _page(form), 422
    people.set_language(session(), sessions.person().id, form.language.data)
    return _back("saved")


@bp.post("/email")
def ask_for_address() -> Page:
    """Mail a code to the address that this person wants to add."""
    form = AddressForm(request.form)
    whose, form_id = sessions.person().id, form.form_id.data or ""
    try:
        codes.ask_to_add(session(), settings(), whose, form.email.data or "", form_id, now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _page(form), 422
    return _code_page(CodeForm(data={"email": form.email.data}))


@bp.post("/email/code")
def add_address() -> Page | AnyResponse:
    """Add the address, once its code is typed."""
    form = CodeForm(request.form)
    try:
        codes.add_address(session(), settings(), sessions.person().id, form.code.data or "", email_words(), now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _code_page(form), 422
    except WrongCode:
        form.add_problems({"code": "wrong"})
        return _code_page(form), 422
    except TooManyTries:
        form.add_problems({"code": "too_many"})
        return _code_page(form), 429
    return _back("address-added")


@bp.post("/email/remove")
def remove_address() -> AnyResponse:
    """Take the yes to letters back: the address is deleted."""
    codes.remove_address(session(), sessions.person().id, now())
    return _back("address-removed")


@bp.post("/letters")
def start_letters() -> AnyResponse:
    """Send letters again to this person, who had stopped them or to whom they came back."""
    index = sessions.person().email_index
    if index:
        closed.start(session(), index)
    return _back("saved")


@bp.post("/phones/add")
def add_phone() -> str:
    """Show a one-time link for another phone of the same person, as a code for its camera."""
    token = sign_in.make_link(session(), sessions.person().id, now())
    link = settings().base_url + plain(url_for("signin.show_link", token=token))
    return render_template("members/phone.html", link=link, image=qr(link))


@bp.post("/paper")
def make_paper() -> str:
    """Make new codes for paper, and show them this once."""
    made = recovery_codes.make(session(), settings(), sessions.person().id, now())
    return render_template("members/paper.html", codes=made)


@bp.get("/export")
def export_all() -> Response:
    """Give all that is kept of this person, as a file."""
    return as_file(export.of_person(session(), settings(), sessions.person().id))


@bp.post("/coming")
def keep_coming() -> AnyResponse:
    """Have a private link at hand in the account."""
    token = request.form.get("link", "")
    coming.keep_in_account(session(), settings(), token, sessions.person().id, now())
    return _back("coming-kept")


@bp.get("/erase")
def ask_erase() -> str:
    """Say what erasing means, and ask."""
    return render_template("members/erase.html", is_last=False)


@bp.post("/erase")
def erase() -> Page | AnyResponse:
    """Erase the account and all that is kept of this person, at once."""
    try:
        erasure.person(session(), settings(), sessions.person().id, now())
    except LastLead:
        return render_template("members/erase.html", is_last=True), 422
    response = redirect(url_for("signin.explain", done="erased"), 303)
    sessions.clear_cookie(response)
    return response


def _back(done: str) -> AnyResponse:
    return redirect(url_for(".show", done=done), 303)


def _page(sent: KeptForm | None = None) -> str:
    """The account. `sent`: that form of it which cannot be kept."""
    person = sessions.person()
    forms: dict[str, KeptForm] = {
        "name_form": NameForm(data={"first_name": person.first_name}),
        "language_form": language_form(None, person.language),
        "address_form": AddressForm(data={"form_id": new_form_id()}),
    }
    return render_template(
        "members/me.html",
        form=sent,
        **{name: sent if isinstance(sent, type(form)) else form for name, form in forms.items()},
        person=person,
        email=sealed_fields.load(settings()).open_if("person.email", person.id, person.email),
        email_words=email_words(),
        has_mail=settings().has_mail,
        closed_for=closed.why(session(), person.email_index),
        has_passkeys=has_passkeys(),
        passkeys=len(passkeys.all_of(session(), person.id)),
        paper=recovery_codes.count(session(), person.id),
        comings=[(row, run, coming.token_of(settings(), row)) for row, run in coming.in_account(session(), person.id)],
        consents=consent.all_of(session(), person_id=person.id),
        notice=notices.words(request.args),
    )


def _code_page(form: CodeForm) -> str:
    return render_template("members/code.html", form=form, email_words=email_words())
