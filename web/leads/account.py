"""Whether listings show a lead's first name, and the chapter's profile."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import identity, leads, profile
from node.errors import InvalidInput
from node.input.stale_pages import StalePage

from ..context import Page, now, session, settings
from ..forms.base import page_mark
from ..forms.profile import MeForm, ProfileForm, profile_form
from ..forms.sent.differences import Difference, differences
from ..http import limits, sessions
from ..words import notices
from .board import back

bp = Blueprint("account", __name__, url_prefix="/lead")
limits.signed_in(bp)


@bp.get("/me")
def me() -> str:
    """Ask whether listings may show the first name."""
    answer = "yes" if sessions.person().public_name else "no"
    return _me_page(MeForm(data={"public_name": answer}))


@bp.post("/me")
def save_me() -> Page | Response:
    """Keep this lead's yes or no."""
    form = MeForm(request.form)
    if not form.validate():
        return _me_page(form), 422
    leads.set_public_name(session(), settings(), sessions.person().id, form.public_name.data == "yes", now())
    return redirect(url_for(".me", done="saved"), 303)


@bp.get("/profile")
def show_profile() -> str:
    """Show the chapter's profile."""
    own = identity.own(session())
    return _profile_page(profile_form(None, own), profile.mark_of(own))


@bp.post("/profile")
def save_profile() -> Page | Response:
    """Keep the profile and sign it. What was typed stays if it cannot be kept, or another lead was quicker."""
    form, mark = profile_form(request.form, identity.own(session())), page_mark()
    if form.is_adding() or not form.validate():
        return _profile_page(form, mark), 422 if form.errors else 200
    try:
        profile.edit_profile(session(), settings(), form.profile(), now(), mark)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _profile_page(form, mark), 422
    except StalePage:
        own = identity.own(session())
        return _profile_page(form, profile.mark_of(own), differences(form, profile_form(None, own))), 409
    return back("profile-saved")


def _profile_page(form: ProfileForm, mark: str, changed: list[Difference] | None = None) -> str:
    """The page of the profile. `changed`: what is otherwise now than was typed, where another lead was quicker."""
    return render_template("leads/profile.html", form=form, mark=mark, changed=changed)


def _me_page(form: MeForm) -> str:
    return render_template("leads/me.html", form=form, lead=sessions.person(), notice=notices.words(request.args))
