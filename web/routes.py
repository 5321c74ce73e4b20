"""The rooms of this node, and the audience of each. A view in no room is refused."""

from typing import Literal

from flask import Blueprint, Flask

from . import exchange
from .context import node_of
from .hq import board as hq_board
from .hq import chapters, invitations, people
from .leads import account, board, dates, pauses, runs
from .public import home, listings, site_files
from .signin import links, phones

Audience = Literal["public", "node", "lead", "hq"]

#: The rooms of anybody, of other nodes, of a chapter's signed-in leads, and of the signed-in people of HQ.
ROOMS: dict[Audience, tuple[Blueprint, ...]] = {
    "public": (home.bp, listings.bp, links.bp, site_files.bp),
    "node": (exchange.bp,),
    "lead": (board.bp, runs.bp, dates.bp, pauses.bp, account.bp, phones.bp),
    "hq": (hq_board.bp, chapters.bp, invitations.bp, people.bp, phones.bp),
}


def start(app: Flask) -> None:
    """Open the rooms of this node's role. HQ has no leads and no runs; its people look after the chapters."""
    closed = "lead" if node_of(app).settings.is_hq else "hq"
    rooms = [(room, audience) for audience, some in ROOMS.items() if audience != closed for room in some]
    app.config["AUDIENCES"] = {room.name: audience for room, audience in rooms}
    app.url_map.converters["day"] = dates.DayConverter
    for room, audience in rooms:
        app.register_blueprint(room, url_prefix=f"/{audience}" if room is phones.bp else room.url_prefix)
