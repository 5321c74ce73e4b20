"""A chapter that has closed: its one page is all that its server still shows."""

import web
from node.upkeep import closing
from web.closed import create_closed_app, page

from ..support.network import LONDON, Clock, LocalNode, a_run
from .look import Look

_GOODBYE = "Thank you for all the miles.\nThere is a run in Bermondsey on Tuesdays: say hello to Nia from us."

#: Each address answers with it: it may be somebody's bookmark, or the link of a letter.
ERRORS = (Look("closed", "/help", "closed", status=410),)


def close(node: LocalNode, clock: Clock) -> None:
    """Let the chapter of a new node say goodbye; the node then answers as `rtr serve` does in its folder."""
    node.found_chapter(LONDON)
    node.announce(a_run())
    with node.session() as session:
        closing.announce(session, node.settings, _GOODBYE, clock())
    shown = page(node.app)
    web.close(node.app)
    node.app = create_closed_app(shown)
