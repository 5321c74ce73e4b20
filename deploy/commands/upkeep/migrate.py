"""`rtr migrate`: bring a folder's database to this program's version."""

from pathlib import Path

import click

from node import config, jobs, migrations
from node.config import Settings
from node.database import make_engine
from node.migrations import copies

from ..chapter import first_start
from ..folder import database_of

_COPY = click.Path(path_type=Path, exists=True, dir_okay=False)
#: The version of a database that is not there, or empty.
_NONE = "none"


@click.command("migrate")
@click.option("--rehearse", is_flag=True, help="Do it on a copy, draw its pages, and say what version it had.")
@click.option("--changed-since", type=_COPY, metavar="COPY", help="Say in which tables a person's word changed since.")
@click.option("--put-back", type=_COPY, metavar="COPY", help="Put COPY back, and keep the database among the copies.")
@click.option("--show", is_flag=True, help="Say of which version the database is, even if it is a newer one.")
@click.pass_obj
def command(data: Path, rehearse: bool, changed_since: Path | None, put_back: Path | None, show: bool) -> None:
    """Bring the database to this program's version, after a copy. `rtr serve` does it by itself when it starts.

    Where nobody has founded a node yet, or the database is of this version, there is nothing to do. `rtr upgrade` uses
    the options. With any of them the database itself is not migrated.
    """
    settings = config.load(data)
    if show:
        click.echo(_revision(settings))
    elif put_back:
        _put_back(settings, put_back)
    elif changed_since:
        from ...upgrade import changes

        click.echo("\n".join(changes.tables_changed_since(settings, changed_since)))
    elif rehearse:
        _rehearse(data, settings)
    else:
        _migrate(data, settings)


def _migrate(data: Path, settings: Settings) -> None:
    if _is_new(settings):
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


def _rehearse(data: Path, settings: Settings) -> None:
    from ...upgrade import rehearsal

    if _is_new(settings):  # There is nothing that an upgrade could take from anybody.
        click.echo(_NONE)
        return
    with database_of(data, settings) as engine:
        before = migrations.current(engine)
    rehearsal.rehearse(settings)
    click.echo(before)


def _put_back(settings: Settings, copy: Path) -> None:
    with jobs.only_here(settings):
        kept = copies.put_back(settings.database, copy, _revision(settings))
    click.echo(f"{copy} is put back; the newer database is {kept}")


def _is_new(settings: Settings) -> bool:
    """Whether nobody has founded a node here yet."""
    is_empty = not settings.database.exists() and not settings.signing_key_file.exists()
    return is_empty or first_start.is_new(settings)


def _revision(settings: Settings) -> str:
    if _is_new(settings):
        return _NONE
    engine = make_engine(settings.database)
    try:
        return migrations.current(engine) or _NONE
    finally:
        engine.dispose()
