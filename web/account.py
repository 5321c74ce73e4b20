"""A lead's own things: the phones that are signed in, the first name in listings, the chapter's profile."""

from flask import Blueprint, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node import identity, leads, profile
from node.errors import InvalidInput

from . import limits, notices, sessions
from .context import now, session, settings
from .forms.profile import ProfileForm

bp = Blueprint("account", __name__, url_prefix="/lead")
limits.leads(bp)

Page = str | tuple[str, int]


@bp.get("/phones")
def phones() -> str:
    """Where this lead is signed in."""
    here = sessions.signed_in()
    found = leads.sessions_of(session(), sessions.lead().id)
    return render_template("account/phones.html", phones=found, here=here, notice=notices.words(request.args))


@bp.post("/phones/sign-out")
def sign_out_phone() -> Response:
    """Sign one phone of this lead's out; it may be this one."""
    here = sessions.signed_in()
    token_hash = request.form.get("phone", "")
    if here is not None and token_hash == here.token_hash:
        return sign_out()
    leads.end_session(session(), token_hash, sessions.lead().id)
    return redirect("/lead/phones?done=phone-out", 303)


@bp.post("/sign-out")
def sign_out() -> Response:
    """Sign out here."""
    here = sessions.signed_in()
    if here is not None:
        leads.end_session(session(), here.token_hash, here.lead_id)
    response = redirect("/signin?done=signed-out", 303)
    sessions.forget(response)
    return response


@bp.get("/me")
def me() -> str:
    """Whether the first name stands in listings."""
    return render_template("account/me.html", lead=sessions.lead(), notice=notices.words(request.args))


@bp.post("/me")
def save_me() -> Response:
    """This lead's own yes or no."""
    yes = request.form.get("public_name") == "yes"
    leads.set_public_name(session(), settings(), sessions.lead().id, yes, now())
    return redirect("/lead/me?done=saved", 303)


@bp.get("/profile")
def show_profile() -> str:
    """The chapter's profile as it stands."""
    return render_template("account/profile.html", form=ProfileForm(obj=identity.own(session())))


@bp.post("/profile")
def save_profile() -> Page | Response:
    """Keep and sign it; what was typed stays on the page if it cannot be kept."""
    form = ProfileForm(request.form)
    if form.validate():
        try:
            profile.edit_profile(session(), settings(), form.profile(), now())
            return redirect("/lead?done=profile-saved", 303)
        except InvalidInput as refused:
            form.take(refused.problems)
    return render_template("account/profile.html", form=form), 422
