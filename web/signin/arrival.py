"""What every way to sign in ends with: a new session, and the first page of whoever it is."""

from flask import g
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.members import sign_in

from ..context import now, session
from ..http import sessions
from ..site import own_page


def arrive(token: str) -> Response:
    """Give the browser the cookie of the session that has just begun. A session that it had before ends."""
    before = sessions.signed_in()
    if before is not None:
        sign_in.end_session(session(), before.token_hash, before.person_id)
    g.signed_in = sign_in.find_session(session(), token, now())
    response = redirect(own_page(done="signed-in"), 303)
    sessions.set_cookie(response, token)
    return response
