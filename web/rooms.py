"""Which rooms this node has, and for whom each is. A view in none of them is refused."""

from dataclasses import dataclass
from typing import Literal

from flask import Blueprint, Flask

from node.config import Settings

from . import account, auth, dates, exchange, home, listings, pauses, runs

Audience = Literal["public", "lead", "node"]


@dataclass(frozen=True)
class Room:
    """A blueprint and its audience: anybody, signed-in leads, or other nodes."""

    blueprint: Blueprint
    audience: Audience


_EVERY_NODE = (
    Room(home.bp, "public"),
    Room(listings.bp, "public"),
    Room(exchange.bp, "node"),
)
#: HQ has no leads and no runs of its own.
_CHAPTERS_ONLY = (
    Room(auth.bp, "public"),
    Room(runs.bp, "lead"),
    Room(dates.bp, "lead"),
    Room(pauses.bp, "lead"),
    Room(account.bp, "lead"),
)


def start(app: Flask) -> None:
    """Open the rooms of this node's role."""
    settings: Settings = app.config["NODE_SETTINGS"]
    rooms = _EVERY_NODE if settings.is_hq else _EVERY_NODE + _CHAPTERS_ONLY
    app.config["AUDIENCES"] = {room.blueprint.name: room.audience for room in rooms}
    app.url_map.converters["day"] = dates.DayConverter
    for room in rooms:
        app.register_blueprint(room.blueprint)
