"""The database's shape, step by step. Alembic is imported only where a step is taken: memory counts."""

import sqlite3
from collections import Counter
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from ..database import changing_tables
from ..errors import NodeError
from . import copies

_HERE = Path(__file__).parent


class UnknownRevision(NodeError):
    """The database is of a revision that this program does not know: a newer program has had it."""


class KeysBroken(NodeError):
    """A step left more rows that point to nothing than there were; it is undone, and the database as it was."""


def known() -> list[str]:
    """All revisions, the oldest first: the files in versions/, by name."""
    return sorted(path.stem.split("_")[0] for path in (_HERE / "versions").glob("[0-9]*.py"))


def newest() -> str:
    """The revision that this program needs."""
    return known()[-1]


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(found) if found else None


def require_known(engine: Engine) -> None:
    """Raises UnknownRevision, with the way out."""
    found, database = current(engine), _database_of(engine)
    if found is None or found in known():
        return
    copy = next(iter(copies.all_of(database)), None)
    way_back = f", or put {copy} in its place" if copy else ", or put a copy from before that upgrade in its place"
    raise UnknownRevision(
        f"{database} is of version {found}, and this program knows none after {newest()}: a newer program has "
        f"upgraded it. Run that newer program{way_back}"
    )


def upgrade(engine: Engine) -> Path | None:
    """Bring the database to the newest revision, in one transaction under the write lock; the copy from before.

    None: there was nothing to do, or nothing to copy in a new database. A step that fails leaves everything as it was,
    and no copy. Raises UnknownRevision, KeysBroken, sqlite3.Error, OSError.
    """
    require_known(engine)
    before = current(engine)
    if before == newest():
        return None
    made: list[Path] = []
    try:
        _take_steps(engine, before, made)
    except BaseException:
        # It says no more than the database does; and in a loop of restarts such copies would drive out the older ones.
        for copy in made:
            copy.unlink(missing_ok=True)
        raise
    return made[0] if made else None


def _take_steps(engine: Engine, before: str | None, made: list[Path]) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))

    def prepare(driver: sqlite3.Connection) -> None:
        if before:
            made.append(copies.make(driver, _database_of(engine), before))
        # Somebody's hand, with the sqlite3 program, may have left some; that must not shut the way to newer versions.
        config.attributes["broken_before"] = broken_keys(driver)

    with changing_tables(engine, prepare) as found:
        config.attributes["connection"] = found
        command.upgrade(config, "head")


def broken_keys(driver: sqlite3.Connection) -> Counter[tuple[str, str]]:
    """How many rows of a table point to no row of another: by both their names."""
    return Counter((table, other) for table, _, other, _ in driver.execute("PRAGMA foreign_key_check"))


def _database_of(engine: Engine) -> Path:
    return Path(str(engine.url.database))
