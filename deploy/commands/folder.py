"""Opening a node's folder, as every command does it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from node import config, migrations, registry
from node.config import Settings
from node.database import make_engine
from node.outbound import Outbound


@dataclass(frozen=True)
class Folder:
    """An opened node: its settings, its database, its way to other nodes."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    wire: Outbound


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


@contextmanager
def opened(data: Path, environ: Mapping[str, str] | None = None) -> Iterator[Folder]:
    """The node in `data`; a folder without one, or with an old database, is refused with the way out."""
    settings = config.load(data, environ)
    if not settings.database.exists():
        raise click.ClickException(f"{data} holds no node: run `rtr --data {data} init` first")
    engine = make_engine(settings.database)
    try:
        if migrations.current(engine) != migrations.newest():
            raise click.ClickException(f"the database in {data} is of another version: run `rtr --data {data} migrate`")
        yield Folder(settings, engine, sessionmaker(engine), Outbound(settings.network, settings.speaks_from))
    finally:
        engine.dispose()


@contextmanager
def made(data: Path, values: Mapping[str, str]) -> Iterator[Folder]:
    """A new folder `data` with settings.env and an empty database; a used one is refused.

    All of it is made beside `data` and moved there at the end: a failure in the middle leaves nothing behind.
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
        _remove(growing)


def warn_of_root(folder: Folder) -> None:
    """Say on standard error that HQ's root is about to expire, or has."""
    with folder.sessions() as session:
        warning = registry.root_warning(session, utc_now())
    if warning:
        click.echo(warning, err=True)


def _grow(growing: Path, values: Mapping[str, str]) -> Iterator[Folder]:
    config.write(growing, values)
    settings = config.load(growing, {})
    engine = make_engine(settings.database)
    try:
        migrations.upgrade(engine)
        yield Folder(settings, engine, sessionmaker(engine), Outbound(settings.network, settings.speaks_from))
    finally:
        engine.dispose()


def _remove(folder: Path) -> None:
    if folder.exists():
        import shutil

        shutil.rmtree(folder)
