"""`rtr mail`: try the way to the mail server, and say what became of letters that came back."""

from pathlib import Path
from threading import Event

import click

from node.chapter import identity
from node.config import Settings
from node.handle import Node
from node.mail import carriers, closed, trial

from .folder import opened

_TEXT = """This letter was sent by `rtr mail test`, to see whether letters arrive.

Look where it arrived: if it is among the unwanted ones, see "Mail" in deploy/README.md.
"""


@click.group("mail")
def command() -> None:
    """Send a letter to try it, or note that an address gets none."""


@command.command("test")
@click.argument("address")
@click.pass_obj
def test(data: Path, address: str) -> None:
    """Send one letter to ADDRESS now, past the outbox, and say what the mail server answered."""
    with opened(data) as node:
        _require_mail(node.settings)
        _send(node, address)
        where = node.settings.mail.partition(":")
        if where[0] == "folder":
            click.echo(f"the letter is in {node.settings.data / where[2]}: no mail server is asked")
        else:
            click.echo(f"the mail server took the letter to {address}: look whether it arrives, and where")


@command.command("bounced")
@click.argument("address")
@click.pass_obj
def bounced(data: Path, address: str) -> None:
    """Send nothing to ADDRESS for 90 days: letters to it came back."""
    with opened(data) as node, node.writing() as transaction:
        closed.close(transaction, closed.index_of(node.settings, address), "bounced", node.clock())
        click.echo(f"{address} gets no letters for 90 days, but for what its owner asks for")


@command.command("reopen")
@click.argument("address")
@click.pass_obj
def reopen(data: Path, address: str) -> None:
    """Send letters to ADDRESS again, which came back. Whoever stopped them can start them again only themselves."""
    with opened(data) as node, node.writing() as transaction:
        index = closed.index_of(node.settings, address)
        closed.open_again(transaction, index, only="bounced")
        if closed.why(transaction, index):
            raise click.ClickException(f"{address} has stopped letters: only its owner can start them again")
        click.echo(f"{address} gets letters")


def _require_mail(settings: Settings) -> None:
    if not settings.has_mail:
        raise click.ClickException('this node sends no letters: set RTR_MAIL (see "Mail" in deploy/README.md)')


def _send(node: Node, address: str) -> None:
    with node.sessions() as session:
        name = identity.own(session).name
    try:
        trial.send(
            node.settings, node.clock(), Event(), name=name, reader=address, subject="A letter to try it", text=_TEXT
        )
    except carriers.NotTaken as error:
        said = f'. The server says: "{error.words}"' if error.words else ""
        raise click.ClickException(f"{error}{said}") from error
