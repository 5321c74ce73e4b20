"""`rtr migrate`: bring a folder's database to this program's version."""

from pathlib import Path

import click

from node import config, jobs, migrations

from ..folder import database_of


@click.command("migrate")
@click.pass_obj
def command(data: Path) -> None:
    """Bring the database to this program's version, after a copy. `rtr serve` does it by itself when it starts."""
    settings = config.load(data)
    # A program that serves meanwhile is the older one, and knows nothing of the new tables.
    with jobs.only_here(settings), database_of(data, settings) as engine:
        before = migrations.current(engine)
        copy = migrations.upgrade(engine)
    if copy:
        click.echo(f"a copy from before is {copy}")
    click.echo(f"database: {before} -> {migrations.newest()}")
