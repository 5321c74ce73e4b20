"""`rtr migrate`: bring a folder's database to this program's version."""

from pathlib import Path

import click

from node import config, migrations
from node.database import make_engine


@click.command("migrate")
@click.pass_obj
def command(data: Path) -> None:
    """Bring the database to this program's version, after a copy. `rtr serve` does it by itself when it starts."""
    settings = config.load(data)
    if not settings.database.exists():
        raise click.ClickException(f"{data} holds no node: run `rtr --data {data} init` first")
    engine = make_engine(settings.database)
    try:
        before = migrations.current(engine)
        copy = migrations.upgrade(engine)
    finally:
        engine.dispose()
    if copy:
        click.echo(f"a copy from before is {copy}")
    click.echo(f"database: {before or 'empty'} -> {migrations.newest()}")
