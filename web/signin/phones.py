"""Where a lead, or one of HQ's people, is signed in; and signing out."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.members import sign_in

from ..context import session
from ..http import limits, sessions
from ..words import notices

bp = Blueprint("phones", __name__)
limits.signed_in(bp)


@bp.get("/phones")
def phones() -> str:
    """Show where this person is signed in."""
    here = sessions.signed_in()
    found = sign_in.sessions_of(session(), sessions.person().id)
    return render_template("signin/phones.html", phones=found, here=here, notice=notices.words(request.args))


@bp.post("/phones/sign-out")
def sign_out_phone() -> Response:
    """Sign one phone of this person out, perhaps this one."""
    here = sessions.signed_in()
    token_hash = request.form.get("phone", "")
    if here is not None and token_hash == here.token_hash:
        return sign_out()
    sign_in.end_session(session(), token_hash, sessions.person().id)
    return redirect(url_for("phones.phones", done="phone-out"), 303)


@bp.post("/sign-out")
def sign_out() -> Response:
    """Sign this phone out."""
    here = sessions.signed_in()
    if here is not None:
        sign_in.end_session(session(), here.token_hash, here.person_id)
    response = redirect(url_for("signin.explain", done="signed-out"), 303)
    sessions.clear_cookie(response)
    return response
