"""What every way to sign in ends with: a new session, and the first page of whoever it is."""

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from ..http import sessions
from ..site import own_page


def arrive(token: str) -> Response:
    """Give the browser the cookie of the session that has just begun, and lead to the person's own page."""
    response = redirect("", 303)
    sessions.give(response, token)
    response.location = own_page(done="signed-in")
    return response
