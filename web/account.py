"""What a lead says of themselves, and of the chapter: the first name in listings, the profile."""

from flask import Blueprint, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node import identity, leads, profile
from node.errors import InvalidInput

from . import limits, notices, sessions
from .context import now, session, settings
from .forms.profile import MeForm, ProfileForm

bp = Blueprint("account", __name__, url_prefix="/lead")
limits.leads(bp)

Page = str | tuple[str, int]


@bp.get("/me")
def me() -> str:
    """Whether the first name stands in listings."""
    said = "yes" if sessions.lead().public_name else "no"
    return _me_page(MeForm(data={"public_name": said}))


@bp.post("/me")
def save_me() -> Page | Response:
    """This lead's own yes or no; neither is asked again."""
    form = MeForm(request.form)
    if not form.validate():
        return _me_page(form), 422
    leads.set_public_name(session(), settings(), sessions.lead().id, form.public_name.data == "yes", now())
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


def _me_page(form: MeForm) -> str:
    return render_template("account/me.html", form=form, lead=sessions.lead(), notice=notices.words(request.args))
