"""What a lead says of themselves, and of the chapter: the first name in listings, the profile."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import identity, leads, profile
from node.errors import InvalidInput
from node.input.stale_pages import StalePage

from ..context import now, session, settings
from ..forms.meanwhile import Otherwise, meanwhile
from ..forms.profile import MeForm, ProfileForm
from ..http import limits, sessions
from ..words import notices
from .board import back

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
    return redirect(url_for(".me", done="saved"), 303)


@bp.get("/profile")
def show_profile() -> str:
    """The chapter's profile as it stands."""
    own = identity.own(session())
    return _profile_page(ProfileForm(obj=own), profile.mark_of(own))


@bp.post("/profile")
def save_profile() -> Page | Response:
    """Keep and sign it; what was typed stays on the page if it cannot be kept, or another lead was quicker."""
    form, saw = ProfileForm(request.form), request.form.get("seen", "")
    if not form.validate():
        return _profile_page(form, saw), 422
    try:
        profile.edit_profile(session(), settings(), form.profile(), now(), saw)
    except InvalidInput as refused:
        form.take(refused.problems)
        return _profile_page(form, saw), 422
    except StalePage:
        own = identity.own(session())
        return _profile_page(form, profile.mark_of(own), meanwhile(form, ProfileForm(obj=own))), 409
    return back("profile-saved")


def _profile_page(form: ProfileForm, seen: str, changed: list[Otherwise] | None = None) -> str:
    """`changed`: what somebody else has made of the profile meanwhile, where it is not what was typed."""
    return render_template("leads/profile.html", form=form, seen=seen, changed=changed)


def _me_page(form: MeForm) -> str:
    return render_template("leads/me.html", form=form, lead=sessions.lead(), notice=notices.words(request.args))
