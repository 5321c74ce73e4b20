"""`rtr setup-link`: the one-time link to the guided set-up in the browser."""

from pathlib import Path

import click

from node import config
from node.setup import links

from ..folder import opened
from . import first_start


@click.command("setup-link")
@click.pass_obj
def command(data: Path) -> None:
    """Print a new link to the guided set-up, good once and for 24 hours. The link before opens nothing any more."""
    settings = config.load(data)
    if first_start.is_new(settings):
        first_start.make(settings)
    with opened(data) as node, node.sessions() as session:
        if node.settings.is_hq:
            raise click.ClickException("this is HQ's node, which `rtr hq init` founds: run `rtr signin-link`")
        token = links.make(session, node.clock())
        click.echo("Open this link in your browser to set up the chapter. It works once, within 24 hours:", err=True)
        click.echo(f"{node.settings.base_url}/setup/begin/{token}")
