"""What is open while there is no chapter: the set-up, and the help lines for whoever comes by."""

from flask import Flask, request
from werkzeug.wrappers import Response

from node.errors import NotFounded
from node.setup import steps

from ..context import session
from ..http import sessions
from ..site import is_founded, is_lead, site
from .pages import on

_OPEN = frozenset(
    {
        *("static", "home.help_page", "site_files.favicon", "site_files.manifest", "probes.live", "probes.ready"),
        # The steps up to the founding.
        *("setup.show_link", "setup.use_link", "setup.go_on", "setup.show_chapter", "setup.save_chapter"),
        *("setup.show_paper_key", "setup.make_paper_key", "setup.ask_for_lines", "setup.found"),
    }
)


def start(app: Flask) -> None:
    """Refuse everything else. Templates of leads' pages have `is_being_set_up()`."""
    app.before_request(_refuse_before_founding)
    app.jinja_env.globals["is_being_set_up"] = _is_being_set_up


def _is_being_set_up() -> bool:
    """Whether whoever is signed in may go on with a set-up that is not finished."""
    return is_lead() and not site().is_hq and steps.of(session()) is not None


def _refuse_before_founding() -> Response | None:
    if is_founded() or request.endpoint in _OPEN:
        return None
    # Whoever is setting the chapter up goes on there, whatever page they had open.
    if request.method == "GET" and sessions.has_cookie() and sessions.signed_in() is not None:
        return on()
    raise NotFounded("this node's chapter is being set up")
