"""HQ's invitations: the open ones, a new one, and one that is taken back."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from federation.invitation import new_secret
from node.errors import ChangedMeanwhile, InvalidInput
from node.hq import admissions

from ..context import Page, now, session, settings
from ..forms.hq import InviteForm
from ..http import limits
from ..qr import qr
from ..words import notices
from .people import actor

bp = Blueprint("hq_invitations", __name__, url_prefix="/hq/invitations")
limits.signed_in(bp)


@bp.get("")
def invitations() -> str:
    """Show the open invitations."""
    found = admissions.issued(session(), now())
    return render_template("hq/invitations.html", invitations=found, notice=notices.words(request.args))


@bp.get("/new")
def new_invitation() -> str:
    """Ask whom the invitation is for, and whether HQ is asked once more before the chapter is let in."""
    return render_template("hq/invite.html", form=InviteForm(data={"secret": new_secret()}))


@bp.post("/new")
def invite() -> Page:
    """Make an invitation, and show it this once. HQ keeps its hash alone, so no other page could show it."""
    form = InviteForm(request.form)
    try:
        note, admits, secret = form.note.data or "", not form.asks.data, form.good_secret()
        invitation = admissions.invite(session(), settings(), note, admits, now(), actor(), secret)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return render_template("hq/invite.html", form=form), 422
    text = str(invitation)
    return render_template("hq/invited.html", text=text, image=qr(text), note=note, admits=admits)


@bp.post("/<invitation>/revoke")
def revoke(invitation: str) -> Response:
    """Take an open invitation back."""
    try:
        admissions.revoke(session(), invitation, now(), actor())
    except ChangedMeanwhile:
        return redirect(url_for(".invitations", done="invitation-used"), 303)
    return redirect(url_for(".invitations", done="invitation-revoked"), 303)
