"""Signing in by a passkey, by a code on paper, and by a lead's invitation."""

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from node.errors import InvalidInput
from node.members.accounts import invitations, passkeys, recovery_codes
from node.members.accounts.codes import WrongCode
from node.members.accounts.passkeys import PasskeyRefused
from node.models import Person, RoleInvitation

from ..context import Page, now, session, settings
from ..forms.members.accounts import NameForm, RecoveryForm
from ..http import limits, sessions
from ..language import locale
from ..site import has_passkeys, own_page, passkey_site
from ..words.devices import device_words
from .arrival import arrive

bp = Blueprint("other_ways", __name__)
limits.pages(bp)


@bp.post("/signin/passkey/options")
@limits.sign_in
def passkey_options() -> Response:
    """What the browser needs to ask the phone for its passkey."""
    if not has_passkeys():
        abort(404)
    return Response(passkeys.options_to_sign_in(session(), passkey_site(), now()), mimetype="application/json")


@bp.post("/signin/passkey")
@limits.sign_in
def use_passkey() -> Page | AnyResponse:
    """Sign in by what the phone has answered."""
    answer = request.form.get("answer", "")
    try:
        begun = passkeys.use(session(), passkey_site(), answer, device_words(request.user_agent.string), now())
    except PasskeyRefused:
        return render_template("signin/passkey_refused.html"), 422
    return arrive(begun)


@bp.get("/signin/paper")
def show_paper() -> str:
    """Ask for a code on paper."""
    return render_template("signin/paper.html", form=RecoveryForm())


@bp.post("/signin/paper")
@limits.sign_in
def use_paper() -> Page | AnyResponse:
    """Sign in with a code on paper, which is used up."""
    form = RecoveryForm(request.form)
    device = device_words(request.user_agent.string)
    try:
        begun = recovery_codes.use(session(), settings(), form.code.data or "", device, now())
    except WrongCode:
        form.add_problems({"code": "wrong"})
        return render_template("signin/paper.html", form=form), 422
    return arrive(begun)


@bp.get("/invited/<token>")
def show_invitation(token: str) -> Page:
    """Show who invites, and to what. Looking uses nothing up."""
    found = invitations.peek(session(), token, now())
    return _invited_page(found, NameForm()) if found else _invitation_over()


@bp.post("/invited/<token>")
@limits.sign_in
def accept_invitation(token: str) -> Page | AnyResponse:
    """Take the role: with the account that is signed in here, or with a new one."""
    found, form = invitations.peek(session(), token, now()), NameForm(request.form)
    if found is None:
        return _invitation_over()
    here, name = sessions.signed_in(), form.first_name.data or ""
    try:
        if here is not None:
            invitations.accept_as(session(), token, here.person_id, name, now())
            return redirect(own_page(done="role-taken"), 303)
        device = device_words(request.user_agent.string)
        begun = invitations.accept(session(), token, name, device, str(locale()), now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _invited_page(found, form), 422
    return arrive(begun)


def _invited_page(found: RoleInvitation, form: NameForm) -> str:
    by, here = session().get_one(Person, found.invited_by), sessions.signed_in()
    shown = {"by": by, "role": found.role, "here": here.person if here else None}
    return render_template("signin/invited.html", form=form, **shown)


def _invitation_over() -> tuple[str, int]:
    return render_template("signin/invitation_over.html"), 410
