"""A folder in which nobody has founded a chapter yet: what `rtr serve` and `rtr setup-link` make of it.

Each step may be done again: a process that is killed between two of them leaves nothing that stops the next one.
"""

import sqlite3
from contextlib import closing

import click

from node import config, migrations
from node.config import Settings
from node.database import make_engine
from node.handle import open_node
from node.setup import steps

_FOUNDED = "SELECT EXISTS (SELECT 1 FROM chapter)"
_OPEN = "SELECT EXISTS (SELECT 1 FROM set_up WHERE finished_at IS NULL)"
_UNOPENED = "SELECT EXISTS (SELECT 1 FROM set_up WHERE finished_at IS NULL AND person_id IS NULL)"


def is_new(settings: Settings) -> bool:
    """Whether the folder holds nothing yet but its settings, and is to be a chapter's.

    Raises ClickException where the folder is empty and its members' key is there: then its data was lost.
    """
    if settings.is_hq or settings.signing_key_file.exists() or _answer(settings, _FOUNDED) or _answer(settings, _OPEN):
        return False
    if not settings.database.exists() and _holds_other_things(settings):
        return False
    if settings.members_key_file.exists() and not settings.database.exists():
        raise click.ClickException(
            f"{settings.data} is empty, and {settings.members_key_file} is of a chapter that was here: put your newest "
            "copy back, or, to begin anew, move that file away"
        )
    return True


def make(settings: Settings) -> None:
    """Make the folder, its settings and its database, and open the set-up."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    config.change(settings.data, _first_settings(settings))
    engine = make_engine(settings.database)
    try:
        migrations.upgrade(engine)
        with open_node(settings, engine).writing() as transaction:
            steps.open_new(transaction)
    finally:
        engine.dispose()


def is_unfounded(settings: Settings) -> bool:
    """Whether the set-up is open and has not founded the chapter yet."""
    return _answer(settings, _OPEN) and not _answer(settings, _FOUNDED)


def is_unopened(settings: Settings) -> bool:
    """Whether nobody has opened the set-up yet."""
    return _answer(settings, _UNOPENED)


def _first_settings(settings: Settings) -> dict[str, str]:
    """What every command on this folder must know, also without the environment of the first start."""
    return {"BASE_URL": settings.base_url, "NETWORK": settings.network, "PORT": str(settings.port)}


def _holds_other_things(settings: Settings) -> bool:
    return settings.data.exists() and any(one.name != config.SETTINGS_FILE for one in settings.data.iterdir())


def _answer(settings: Settings, question: str) -> bool:
    """The answer of the database, without SQLAlchemy: the folder may be of any version, or none. False for no table."""
    if not settings.database.exists():
        return False
    with closing(sqlite3.connect(f"{settings.database.absolute().as_uri()}?mode=ro", uri=True)) as database:
        try:
            return bool(database.execute(question).fetchone()[0])
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return False
            raise
