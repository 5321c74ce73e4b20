"""Sign-in by mail: six digits to type, or the link in the same letter. For an address that is new they make an account.

The pages say the same for every address. No cookie and no address in the browser's list of pages: the page with the
field for the digits is the answer to the form that asked for them.
"""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from node.errors import InvalidInput
from node.members.accounts import codes
from node.members.accounts.codes import Arrival, TooManyTries, WrongCode

from ..context import Page, now, session, settings
from ..forms.members.accounts import AddressForm, CodeForm
from ..http import limits
from ..language import locale
from ..words.devices import device_words
from ..words.members.accounts import account_words
from .arrival import arrive
from .links import explain_page, over

bp = Blueprint("codes", __name__, url_prefix="/signin")
limits.pages(bp)


@bp.post("/mail")
@limits.sign_in
def ask() -> Page:
    """Mail a code, and show where to type it."""
    form = AddressForm(request.form)
    if not settings().has_mail:
        return explain_page(form), 422
    try:
        codes.ask(session(), settings(), form.email.data or "", form.form_id.data or "", str(locale()), now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return explain_page(form), 422
    return _code_page(CodeForm(data={"email": form.email.data}))


@bp.post("/code")
@limits.sign_in
def use_code() -> Page | Response:
    """Sign in with the digits. A wrong code is told in the same words for every address."""
    form = CodeForm(request.form)
    try:
        begun = codes.use_code(session(), settings(), form.email.data or "", form.code.data or "", _arrival(), now())
    except WrongCode:
        form.add_problems({"code": "wrong"})
        return _code_page(form), 422
    except TooManyTries:
        form.add_problems({"code": "too_many"})
        return _code_page(form), 429
    return arrive(begun)


@bp.get("/mail/<token>")
def show_link(token: str) -> Page:
    """Show the button, and what a new member agrees to. Mail scanners open links, too: nothing is used up."""
    row = codes.peek(session(), settings(), token, now())
    if row is None:
        return over()
    shown = {"is_new": row.person_id is None, "email": codes.address_of(session(), settings(), row)}
    return render_template("signin/mail_link.html", account_words=account_words(), **shown)


@bp.post("/mail/<token>")
@limits.sign_in
def use_link(token: str) -> Page | Response:
    """Use the link up, and sign this phone in."""
    begun = codes.use_link(session(), settings(), token, _arrival(), now())
    return over() if begun is None else arrive(begun)


def _arrival() -> Arrival:
    return Arrival(device_words(request.user_agent.string), str(locale()), account_words())


def _code_page(form: CodeForm) -> str:
    return render_template("signin/code.html", form=form, account_words=account_words())
