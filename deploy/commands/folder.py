"""Opening a node's folder, for every command."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine, inspect

from node import config, migrations
from node.chapter.home import moving
from node.config import Settings
from node.database import make_engine
from node.directory import registry
from node.handle import Node, open_node
from node.members import telling

from . import refusals
from .own_log import require_own_log

#: Options of the commands that make a new folder.
base_url = click.option(
    "--base-url",
    envvar="RTR_BASE_URL",
    prompt="This node's address (https://…)",
    help="The address of this node, for ever.",
    callback=lambda _, __, url: url.rstrip("/"),
)
port = click.option("--port", default=8100, show_default=True, help="The port to listen on.")
network = click.option(
    "--network",
    type=click.Choice(["internet", "loopback"]),
    default="internet",
    help="loopback: to try it on one machine.",
)


@contextmanager
def opened(data: Path, environ: Mapping[str, str] | None = None) -> Iterator[Node]:
    """The node in `data`. A ClickException says what to do if there is none, or if its database is of another version.

    Raises SettingsError, UnknownRevision and OSError, too. The `rtr` command says each of them in one line.
    """
    settings = config.load(data, environ)
    with database_of(data, settings) as engine:
        if migrations.current(engine) != migrations.newest():
            raise click.ClickException(
                f"the database in {data} is of an older version: run `rtr --data {data} migrate`"
            )
        yield open_node(settings, engine, telling.tell)


@contextmanager
def at_home(data: Path) -> Iterator[Node]:
    """The node in `data`, for commands that change it. Raises MovedAway on a server that the chapter has left."""
    with opened(data) as node:
        with node.sessions() as session:
            moving.require_home(session, node.settings)
        yield node


@contextmanager
def database_of(data: Path, settings: Settings) -> Iterator[Engine]:
    """A database of this version or an older one. Raises ClickException for a lost or empty one.

    A new database in its place would look healthy.
    """
    file = settings.database
    if not file.exists():
        lost = data.exists() and settings.signing_key_file.exists()
        raise click.ClickException(
            refusals.lost(data) if lost else f"{data} holds no node: `rtr --data {data} serve` begins one"
        )
    require_own_log(data, settings)
    engine = make_engine(file)
    try:
        if file.stat().st_size == 0 or migrations.current(engine) is None or not _is_somebodys(engine):
            raise click.ClickException(refusals.lost(data))
        migrations.require_known(engine)
        _keep_from_others(file)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def made(data: Path, values: Mapping[str, str]) -> Iterator[Node]:
    """A new folder `data` with settings.env and an empty database. Raises ClickException for a folder in use.

    The files are made beside `data` and moved there at the end, so that a failure leaves nothing behind.
    """
    if data.exists() and any(data.iterdir()):
        raise click.ClickException(f"{data} is in use already: choose another folder, or empty it yourself")
    growing = data.with_name(data.name + ".new")
    try:
        growing.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise click.ClickException(f"{growing} was left by an `rtr init` that was cut off: remove it first") from error
    try:
        yield from _grow(growing, values)
        growing.rename(data)
    finally:
        if growing.exists():
            import shutil  # here, so that other commands do without it

            shutil.rmtree(growing)


def warn_of_root(node: Node) -> None:
    """Warn on standard error if HQ's root is about to expire or has expired."""
    with node.sessions() as session:
        warning = registry.root_warning(session, node.clock())
    if warning:
        click.echo(warning, err=True)


def _keep_from_others(file: Path) -> None:
    """Make the database its owner's alone. Older versions did not, and SQLite's log takes the database's mode."""
    found = file.stat()
    if found.st_mode & 0o077 and found.st_uid == os.geteuid():
        file.chmod(0o600)


def _is_somebodys(engine: Engine) -> bool:
    """Whether the database holds a chapter, or its set-up. One with empty tables was lost, and then made again."""
    tables = [name for name in ("chapter", "set_up") if inspect(engine).has_table(name)]
    with engine.connect() as connection:
        return any(connection.exec_driver_sql(f"SELECT 1 FROM {name}").first() for name in tables)  # noqa: S608 - ours


def _grow(growing: Path, values: Mapping[str, str]) -> Iterator[Node]:
    config.write(growing, values)
    settings = config.load(growing, {})
    engine = make_engine(settings.database)
    try:
        migrations.upgrade(engine)
        yield open_node(settings, engine, telling.tell)
    finally:
        engine.dispose()
