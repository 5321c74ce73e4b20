"""`rtr join`: become a part of the federation."""

from pathlib import Path

import click

from federation.invitation import read_invitation
from node.sync.joining import join

from ..folder import opened, warn_of_root


@click.command("join")
@click.argument("invitation")
@click.option("--new-address", is_flag=True, help="HQ has moved since this node joined it, and you know that it has.")
@click.pass_obj
def command(data: Path, invitation: str, new_address: bool) -> None:
    """Join with an INVITATION from HQ (`rtr1.…`). This node must be serving already."""
    with opened(data) as node:
        asked = read_invitation(invitation)
        click.echo(f"asking {asked.hq_url} to let us in")
        answer = join(node, asked, new_address=new_address)
        warn_of_root(node)
    if answer == "admitted":
        click.echo("HQ has let us in: the chapter's runs are on their way to every node")
    else:
        click.echo("asked; now a person at HQ says yes. Nothing more to do here: this node will notice by itself")
