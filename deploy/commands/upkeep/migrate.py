"""`rtr migrate`: bring a folder's database to this program's version."""

from pathlib import Path

import click

from node import config, jobs, migrations

from ..chapter import first_start
from ..folder import database_of


@click.command("migrate")
@click.pass_obj
def command(data: Path) -> None:
    """Bring the database to this program's version, after a copy. `rtr serve` does it by itself when it starts.

    Where nobody has founded a node yet, or the database is of this version, there is nothing to do.
    """
    settings = config.load(data)
    is_empty = not settings.database.exists() and not settings.signing_key_file.exists()
    if is_empty or first_start.is_new(settings):
        click.echo(f"there is no node in {data} yet")
        return
    with database_of(data, settings) as engine:
        before = migrations.current(engine)
        # A program that serves meanwhile is the older one, and knows nothing of the new tables.
        if before != migrations.newest():
            with jobs.only_here(settings):
                copy = migrations.upgrade(engine)
            if copy:
                click.echo(f"a copy from before is {copy}")
    click.echo(f"database: {before} -> {migrations.newest()}")
