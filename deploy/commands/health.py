"""`rtr health`: whether this node answers, for whoever watches over its process."""

from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click

from node import config
from node.config import Settings

_PATIENCE_SECONDS = 5


@click.command("health")
@click.pass_obj
def command(data: Path) -> None:
    """Ask this folder's node, on this machine, for its status; the exit status is 1 if it does not answer well."""
    settings = config.load(data)
    status = _status(settings)
    if status != 200:
        raise click.ClickException(f"the node on port {settings.port} does not answer well ({status or 'not at all'})")
    click.echo("the node answers")


def _status(settings: Settings) -> int | None:
    """HTTP's number; None if there is no answer. The node answers to its own host name only, so that is given."""
    everywhere = settings.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not listened on
    host = "127.0.0.1" if everywhere else settings.host
    connection = HTTPConnection(host, settings.port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", "/fed/v1/status", headers={"Host": settings.hosts[0]})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
