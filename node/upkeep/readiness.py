"""Whether this node can do its work now, in one word, for programs that watch over its process."""

from functools import cache
from typing import Literal

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from .. import migrations
from ..handle import Node
from .room import ROOM, is_writable, room_in

#: What keeps a node from its work: it ends; its folder cannot be written; its disk has no room; its database cannot be
#: read; its database is of another version than the program.
Hindrance = Literal["stopping", "read-only", "no-room", "database", "not-migrated"]

_VERSION = text("SELECT version_num FROM alembic_version")


def hindrance(node: Node, session: Session) -> Hindrance | None:
    """The first thing that keeps the node from its work. None: it is ready."""
    if node.stopping.is_set():
        return "stopping"
    if not is_writable(node.settings.data):
        return "read-only"
    if room_in(node.settings.data) < ROOM:
        return "no-room"
    try:
        found = session.scalar(_VERSION)
    except DBAPIError:
        return "database"
    return None if found == _newest() else "not-migrated"


@cache
def _newest() -> str:
    """The program's own version of the database, read once from the names of its files."""
    return migrations.newest()
