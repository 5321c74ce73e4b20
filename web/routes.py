"""The rooms of this node, and the audience of each. A view in no room is refused."""

from dataclasses import dataclass
from typing import Literal

from flask import Blueprint, Flask

from . import exchange
from .context import node_of
from .hq import board as hq_board
from .hq import chapters, invitations, people
from .leads import account, board, dates, pauses, runs
from .public import home, listings, site_files
from .signin import links, phones

Audience = Literal["public", "lead", "hq", "node"]


@dataclass(frozen=True)
class Room:
    """A blueprint and its audience: anybody, signed-in leads, the signed-in people of HQ, or other nodes.

    `prefix`: the first part of its addresses, if the blueprint does not say it.
    """

    blueprint: Blueprint
    audience: Audience
    prefix: str | None = None


_EVERY_NODE = (
    Room(home.bp, "public"),
    Room(listings.bp, "public"),
    Room(exchange.bp, "node"),
    Room(links.bp, "public"),
    Room(site_files.bp, "public"),
)
_CHAPTERS_ONLY = (
    Room(board.bp, "lead"),
    Room(runs.bp, "lead"),
    Room(dates.bp, "lead"),
    Room(pauses.bp, "lead"),
    Room(account.bp, "lead"),
    Room(phones.bp, "lead", "/lead"),
)
#: HQ has no leads and no runs. Its people look after the chapters.
_HQ_ONLY = (
    Room(hq_board.bp, "hq"),
    Room(chapters.bp, "hq"),
    Room(invitations.bp, "hq"),
    Room(people.bp, "hq"),
    Room(phones.bp, "hq", "/hq"),
)


def start(app: Flask) -> None:
    """Open the rooms of this node's role."""
    settings = node_of(app).settings
    rooms = _EVERY_NODE + (_HQ_ONLY if settings.is_hq else _CHAPTERS_ONLY)
    app.config["AUDIENCES"] = {room.blueprint.name: room.audience for room in rooms}
    app.url_map.converters["day"] = dates.DayConverter
    for room in rooms:
        app.register_blueprint(room.blueprint, url_prefix=room.prefix or room.blueprint.url_prefix)
