"""`rtr sync`: read other nodes now."""

from pathlib import Path

import click

from node.sync import Sync, neighbours

from .folder import opened, warn_of_root


@click.command("sync")
@click.option("--peer", metavar="URL", help="Read this node alone.")
@click.pass_obj
def command(data: Path, peer: str | None) -> None:
    """Read HQ's registry and other nodes' changes now, instead of at the next poll."""
    with opened(data) as node:
        report = Sync(node).round(only=peer)
        warn_of_root(node)
        with node.sessions() as session:
            suspects = [(peer.base_url, peer.suspicion) for peer in neighbours.suspected(session)]
            if neighbours.clock_is_doubtful(session, node.clock()):
                click.echo("this computer's clock is over ten minutes off the other nodes': set it right", err=True)
    click.echo(f"{len(report.answered)} nodes answered, {report.stored} documents were new")
    for trouble in report.troubles:
        click.echo(f"trouble: {trouble}", err=True)
    for url, finding in suspects:
        click.echo(f"in doubt: {url}: {finding}", err=True)
    if peer and peer not in report.answered:
        raise click.exceptions.Exit(1)
