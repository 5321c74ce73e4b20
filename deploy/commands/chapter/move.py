"""`rtr move`: to another server, with the same address or another one. Nothing that was tapped is lost."""

import time
from datetime import timedelta
from pathlib import Path

import click

from node.chapter import identity
from node.chapter.home import moving
from node.directory import listings
from node.handle import Node
from node.mail import outbox
from node.relay import queue
from node.upkeep.backups import backup

from ..folder import opened

#: How long the command waits for letters and for other nodes. What is left goes along in the folder.
_PATIENCE = 60.0
_PAUSE = 0.5
#: A run that starts sooner is not moved under its runners' feet, unless somebody says so.
_SOON = timedelta(hours=4)


@click.command("move")
@click.option("--to", "address", default="", metavar="URL", help="The new address; without it the address stays.")
@click.option("--here", is_flag=True, help="The chapter lives on this server: on the new one, or to give the move up.")
@click.option("--now", is_flag=True, help="Also if a run starts within four hours.")
@click.pass_obj
def command(data: Path, address: str, here: bool, now: bool) -> None:
    """Leave this server: it changes nothing from now on, and says where the chapter has gone."""
    with opened(data) as node:
        if node.settings.is_hq:
            raise click.ClickException("this folder is HQ's, not a chapter's")
        if here:
            _come_back(node)
        else:
            _leave(node, address.rstrip("/") or node.settings.base_url, soon_is_fine=now)
            _say(data, node, address.rstrip("/"))


def _come_back(node: Node) -> None:
    was_marked = moving.come_back(node.settings)
    with node.sessions() as session:
        away = moving.away(session, node.settings)
    if away:
        raise click.ClickException(
            f"the chapter's root says that it lives at {away.address}, and this server is {node.settings.base_url}: "
            f"sign the next root by `rtr root --new-address {node.settings.base_url} --new-signing-key`"
        )
    click.echo("The chapter lives on this server." if was_marked else "The chapter lives on this server already.")
    click.echo("Be sure that no other server goes on with it: stop the former one for good.")


def _leave(node: Node, address: str, *, soon_is_fine: bool) -> None:
    starting = None if soon_is_fine else _next_run(node)
    if starting:
        raise click.ClickException(f"{starting}: move after it, or add --now")
    with node.writing() as transaction:
        moving.require_home(transaction, node.settings)
        moving.leave(transaction, node.settings, address)
    click.echo("From now on nothing can be changed on this server. Its pages say so.")
    _wait_for_what_was_said(node)


def _next_run(node: Node) -> str:
    """The run that starts within _SOON, in words; nothing where none does."""
    now = node.clock()
    with node.sessions() as session:
        own = listings.chapter(session, identity.own(session).id, now)
        coming = [one for view in own.listings for one in view.coming if now <= one.starts < now + _SOON]
    soonest = min(coming, key=lambda one: one.starts, default=None)
    return f"{soonest.listing.name} starts at {soonest.starts:%H:%M} UTC" if soonest else ""


def _wait_for_what_was_said(node: Node) -> None:
    """Wait until the running node has told other nodes, and sent the letters that are due."""
    ends = time.monotonic() + _PATIENCE
    while (left := _left(node)) and time.monotonic() < ends:
        time.sleep(_PAUSE)
    if left:
        click.echo(f"Not done yet: {left}. The folder takes it along, and the new server goes on with it.")


def _left(node: Node) -> str:
    with node.sessions() as session:
        progress = queue.progress(session, node.settings, node.clock())
        letters = outbox.tally(session, node.clock()).waiting if node.settings.has_mail else 0
    telling = "other nodes are being told of a change" if progress and not progress.done else ""
    return ", ".join(filter(None, (telling, f"letters wait ({letters})" if letters else "")))


def _back_up(node: Node) -> None:
    """The last backup: nothing is said on this server after it."""
    if node.settings.backup_key:
        copy = backup.make(node.settings, node.clock())
        click.echo(f"The last backup is {copy.path}. Put it back on the new server by `rtr restore`.")
    else:
        click.echo("There is no backup key: stop `rtr serve`, and copy the folder to the new server as it is.")


def _say(data: Path, node: Node, address: str) -> None:
    _back_up(node)
    if node.settings.backup_keys != "all" or not node.settings.backup_key:
        click.echo(f"Copy {node.settings.members_key_file} to its place there: it opens what members told the chapter.")
    click.echo("On the new server, before it serves:")
    if address:
        click.echo(f"    rtr --data {data} root --new-address {address} --new-signing-key")
    else:
        click.echo(f"    rtr --data {data} move --here")
        click.echo(f"Then let {node.settings.base_url} lead to the new server.")
    click.echo("Leave this server running for two weeks: it leads people on. Then delete it, folder and all.")
    click.echo(f"To give the move up: rtr --data {data} move --here, on this server.")
