"""A copy of the database as it was before an upgrade, beside it in the data folder: the way back."""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

#: Newest first; the others go when one more is made.
KEPT = 3
_TIME = "%Y%m%dT%H%M%SZ"


def make(connection: sqlite3.Connection, database: Path, revision: str) -> Path:
    """Copy the database that `connection` has open, while nobody writes; `node-0003-20260604T183000Z.sqlite`, 0600.

    Under another name until it is whole and on the disk: what was cut off is no copy. Raises sqlite3.Error, OSError.
    """
    folder = folder_of(database)
    folder.mkdir(mode=0o700, exist_ok=True)
    _drop_unfinished(folder)
    copy = folder / f"{database.stem}-{revision}-{datetime.now(UTC).strftime(_TIME)}.sqlite"
    growing = copy.with_suffix(".growing")
    try:
        growing.touch(mode=0o600)
        _copy_into(connection, growing)
        growing.replace(copy)
    except BaseException:
        growing.unlink(missing_ok=True)
        raise
    for older in all_of(database)[KEPT:]:
        older.unlink(missing_ok=True)
    return copy


def all_of(database: Path) -> list[Path]:
    """Every whole copy of `database`, the newest first."""
    return sorted(folder_of(database).glob("*.sqlite"), key=_made_at, reverse=True)


def sweep(database: Path, before: datetime) -> None:
    """Drop the copies that were made before then: they hold what has been erased since."""
    _drop_unfinished(folder_of(database))
    for copy in all_of(database):
        if _made_at(copy) < before:
            copy.unlink(missing_ok=True)


def folder_of(database: Path) -> Path:
    """Where the copies of `database` are."""
    return database.with_name("before-upgrade")


def _drop_unfinished(folder: Path) -> None:
    """What a killed upgrade left: nobody would put it back, and it holds what a copy holds."""
    for growing in folder.glob("*.growing*"):
        growing.unlink(missing_ok=True)


def _copy_into(connection: sqlite3.Connection, growing: Path) -> None:
    target = sqlite3.connect(growing)
    try:
        connection.backup(target)
    finally:
        target.close()
    # The backup leaves the rest to the system; this copy may be needed after a crash of this very upgrade.
    descriptor = os.open(growing, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _made_at(copy: Path) -> datetime:
    """As its name says; the beginning of time for a name that is not ours."""
    try:
        return datetime.strptime(copy.stem.rsplit("-", 1)[-1], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
