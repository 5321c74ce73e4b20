"""The database's shape, step by step. To save memory, Alembic is imported only where a step is taken."""

import sqlite3
from collections import Counter
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from ..database import changing_tables
from ..errors import NodeError
from . import copies

_HERE = Path(__file__).parent


class UnknownRevision(NodeError):
    """The database is of a revision that this program does not know. A newer program has written it."""


class KeysBroken(NodeError):
    """A step left more rows that point to nothing than before. It is undone, and the database is as it was."""


def known() -> list[str]:
    """All revisions, the oldest first, by the names of the files in versions/."""
    return sorted(path.stem.split("_")[0] for path in (_HERE / "versions").glob("[0-9]*.py"))


def newest() -> str:
    """The revision that this program needs."""
    return known()[-1]


def current(engine: Engine) -> str | None:
    """The revision of the database. None for an empty one."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(found) if found else None


def require_known(engine: Engine) -> None:
    """Raise UnknownRevision, which says what to do, for a database of a newer program."""
    found, database = current(engine), _database_of(engine)
    if found is None or found in known():
        return
    copy = copies.newest_of(database, known())
    way_back = f", or put {copy} in its place" if copy else ", or put a copy from before that upgrade in its place"
    raise UnknownRevision(
        f"{database} is of version {found}, and this program knows none after {newest()}: a newer program has "
        f"upgraded it. Run that newer program{way_back}"
    )


def upgrade(engine: Engine, *, keeps_copy: bool = True) -> Path | None:
    """Bring the database to the newest revision in one transaction. Returns the copy from before.

    None: there was nothing to do, the database is new, or it is a copy itself (not `keeps_copy`). A step that fails
    leaves everything as it was, and no copy.
    Raises UnknownRevision, KeysBroken, sqlite3.Error, OSError.
    """
    require_known(engine)
    before = current(engine)
    if before == newest():
        return None
    made: list[Path] = []
    try:
        _take_steps(engine, before if keeps_copy else None, made)
    except BaseException:
        # Such a copy says no more than the database, and in a loop of restarts it would drive out the older ones.
        for copy in made:
            copy.unlink(missing_ok=True)
        raise
    return made[0] if made else None


def _take_steps(engine: Engine, before: str | None, made: list[Path]) -> None:
    """`before`: the revision that a copy is made of, first of all; None: no copy is made."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))

    def prepare(driver: sqlite3.Connection) -> None:
        if before:
            made.append(copies.make(driver, _database_of(engine), before))
        # A person with the sqlite3 program may have left such rows. That must not block newer versions.
        config.attributes["broken_before"] = broken_keys(driver)

    with changing_tables(engine, prepare) as found:
        config.attributes["connection"] = found
        command.upgrade(config, "head")


def broken_keys(driver: sqlite3.Connection) -> Counter[tuple[str, str]]:
    """How many rows of a table point to no row of another one, by the names of both tables."""
    return Counter((table, other) for table, _, other, _ in driver.execute("PRAGMA foreign_key_check"))


def _database_of(engine: Engine) -> Path:
    return Path(str(engine.url.database))
