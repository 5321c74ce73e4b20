"""The people who lead this chapter: who they are, their roles, and inviting another one."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.errors import InvalidInput
from node.mail import closed
from node.members import people
from node.members.accounts import invitations
from node.members.accounts.invitations import FormUsed
from node.members.people import LastLead

from ..context import Page, now, session, settings
from ..forms.base import new_form_id
from ..forms.members.accounts import InviteRoleForm
from ..http import limits, sessions
from ..qr import qr
from ..site import plain
from ..words import notices

bp = Blueprint("people", __name__, url_prefix="/lead/people")
limits.signed_in(bp)


@bp.get("")
def show() -> str:
    """Show who leads, open invitations, and the form that invites."""
    return _page(InviteRoleForm(data={"form_id": new_form_id(), "role": "co-lead"}))


@bp.post("")
def invite() -> Page:
    """Make an invitation, and show its link this once. What was typed stays if it cannot be made."""
    form = InviteRoleForm(request.form)
    if not form.validate():
        return _page(form), 422
    by, form_id, email = sessions.person().id, form.form_id.data or "", form.email.data or ""
    try:
        token = invitations.invite(session(), settings(), form.role.data, by, email, form_id, now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _page(form), 422
    except FormUsed as used:
        again = {"form_id": new_form_id(), "role": form.role.data, "email": email}
        return _page(InviteRoleForm(data=again), used), 409
    link = settings().base_url + plain(url_for("other_ways.show_invitation", token=token))
    is_mailed = bool(email.strip()) and settings().has_mail
    return render_template("leads/invited.html", link=link, image=qr(link), role=form.role.data, is_mailed=is_mailed)


@bp.post("/invitations/revoke")
def revoke() -> Response:
    """Take an open invitation back."""
    invitations.revoke(session(), request.form.get("invitation", ""), now())
    return _back("role-invitation-revoked")


@bp.post("/<int(max=999999999):person_id>/role")
def set_role(person_id: int) -> Response:
    """Give somebody another role, if they still have the one that the page showed."""
    role, saw = request.form.get("role", ""), request.form.get("seen", "")
    try:
        people.set_role(session(), settings(), person_id, role, now(), saw)
    except LastLead:
        return _back("last-lead")
    except InvalidInput:
        return _back("changed")
    return _back("role-changed")


@bp.get("/<int(max=999999999):person_id>/remove")
def ask_remove(person_id: int) -> str:
    """Say what removing somebody means, and ask."""
    return render_template("leads/remove.html", person=people.one_leading(session(), person_id))


@bp.post("/<int(max=999999999):person_id>/remove")
def remove(person_id: int) -> Response:
    """Remove somebody, who is out at once. Whoever removes themselves is signed out, too."""
    was_me = person_id == sessions.person().id
    try:
        people.remove(session(), settings(), person_id, now())
    except LastLead:
        return _back("last-lead")
    if not was_me:
        return _back("lead-removed")
    response = redirect(url_for("signin.explain", done="signed-out"), 303)
    sessions.clear_cookie(response)
    return response


def _back(done: str) -> Response:
    return redirect(url_for(".show", done=done), 303)


def _page(form: InviteRoleForm, used: FormUsed | None = None) -> str:
    found = people.leading(session())
    return render_template(
        "leads/people.html",
        form=form,
        used=used,
        people=found,
        reach={one.id: closed.reach(session(), settings(), one) for one in found},
        me=sessions.person(),
        members=people.count_members(session()),
        invitations=invitations.open_ones(session(), now()),
        has_mail=settings().has_mail,
        notice=notices.words(request.args),
    )
