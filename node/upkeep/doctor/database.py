"""The database: whether it is whole, and of which version."""

import sqlite3
from contextlib import closing

from ... import migrations
from ...config import Settings
from .checks import Found, Ground, broken, look, well

_RESTORE = (
    "stop the node, move its folder away, and put your newest backup back by `rtr restore`; "
    "the other nodes give back what it lacks"
)


def database(settings: Settings) -> Found:
    """Whether each page of the database can be read. It is opened for reading alone."""
    file = settings.database
    if not file.exists() or file.stat().st_size == 0:
        return broken(f"the database {file} is gone or empty", _RESTORE)
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            said = str(opened.execute("PRAGMA quick_check(1)").fetchone()[0])
            is_somebodys = opened.execute("SELECT 1 FROM chapter").fetchone() is not None
    except sqlite3.DatabaseError as error:
        return _unreadable(settings, error)
    if said != "ok":
        return broken(f"the database {file} is damaged", _RESTORE)
    if not is_somebodys:
        return broken(f"the database {file} is empty", _RESTORE)
    return well(f"the database is whole ({file.stat().st_size >> 20} MB)")


def version(ground: Ground) -> Found:
    """Whether the database is of the version of the program."""
    found, newest = migrations.current(ground.node.engine), migrations.newest()
    if found == newest:
        return well(f"the database is of version {newest}, as the program is")
    if found in migrations.known():
        return look(f"the database is of version {found}, older than the program ({newest})", "rtr migrate")
    return broken(
        f"the database is of version {found}, newer than the program ({newest})",
        "start the newer program, or put the copy from before the upgrade back (before-upgrade in the data folder)",
    )


def _unreadable(settings: Settings, error: sqlite3.DatabaseError) -> Found:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_READONLY")):
        return broken(f"the database cannot be opened ({name})", "run this as the user that owns the folder")
    if name.startswith("SQLITE_BUSY"):
        return look("something else holds the database", "end what has it open, then look again")
    return broken(f"the database {settings.database} is damaged", _RESTORE)
