"""`rtr health`: whether this node answers and can do its work, for a program that watches over its process."""

import sqlite3
from contextlib import closing
from pathlib import Path

import click

from node import config
from node.config import Settings
from node.keys import load_signing_key
from node.upkeep import probe
from node.upkeep.room import ROOM, is_writable, room_in

from .. import refusals
from ..chapter import first_start


@click.command("health")
@click.pass_obj
def command(data: Path) -> None:
    """Ask this folder's node, on this machine, whether it is ready. The exit status is 1 if it could not do its work.

    The node works if its database is there, its key can be read, its disk has room, and it answers on its port.
    """
    settings = config.load(data)
    own, is_unfounded = _own_id(settings), first_start.is_unfounded(settings)
    if own is None and not is_unfounded:
        raise click.ClickException(refusals.lost(data))
    if not is_unfounded:
        load_signing_key(settings)
    _require_room(data, settings)
    status, answer = probe.ask(settings)
    if status != 200:
        why = answer.get("why") or status or "not at all"
        raise click.ClickException(f"the node on port {settings.port} does not answer well ({why}): its log says why")
    if answer.get("chapter") != own:
        raise click.ClickException(f"what answers on port {settings.port} is not the node in {data}: stop the other")
    click.echo("the node answers" + (", and waits for its set-up: `rtr setup-link` opens it" if is_unfounded else ""))


def _own_id(settings: Settings) -> str | None:
    """The chapter of this folder, or None. Without SQLAlchemy, since this runs twice a minute beside the node."""
    if not settings.database.exists():
        return None
    with closing(sqlite3.connect(f"{settings.database.as_uri()}?mode=ro", uri=True)) as database:
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'chapter'").fetchone() is None:
            return None
        row = database.execute("SELECT id FROM chapter").fetchone()
    return str(row[0]) if row else None


def _require_room(data: Path, settings: Settings) -> None:
    if not is_writable(settings.data):
        raise click.ClickException(f"the node cannot write into {data}: make the folder writable")
    free = room_in(settings.data)
    if free < ROOM:
        raise click.ClickException(f"the disk that holds {data} has {free >> 20} MB left: free some space")
