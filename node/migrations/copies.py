"""Copies of the database from before each upgrade, in the data folder. They are the way back."""

import os
import sqlite3
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

#: How many copies stay. Making one more deletes the oldest.
KEPT = 3
_TIME = "%Y%m%dT%H%M%SZ"


def make(connection: sqlite3.Connection, database: Path, revision: str) -> Path:
    """Copy the open database of `connection` to `node-0003-20260604T183000Z.sqlite` (0600). The caller holds the lock.

    The copy has another name until it is whole and on the disk. Raises sqlite3.Error, OSError.
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
    """All complete copies of `database`, the newest first."""
    return sorted(folder_of(database).glob("*.sqlite"), key=_made_at, reverse=True)


def newest_of(database: Path, revisions: Collection[str]) -> Path | None:
    """The newest complete copy that a program can read which knows these revisions."""
    return next((copy for copy in all_of(database) if revision_of(copy) in revisions), None)


def revision_of(copy: Path) -> str:
    """The revision of a copy, by its name. Empty for any other name."""
    words = copy.stem.split("-")
    return words[-2] if len(words) > 2 else ""


def put_back(database: Path, copy: Path, revision: str) -> Path:
    """Put `copy` in the place of `database`, which is of `revision` and stays among the copies. Returns where.

    Nobody may have the database open: the caller holds the lock of whoever serves. A kill at any moment leaves one of
    both in its place, whole. Raises sqlite3.Error, OSError.
    """
    growing = folder_of(database) / f"{copy.stem}.growing"
    _drop_unfinished(growing.parent)
    with closing(sqlite3.connect(database)) as newer:
        # What stands in its log would be lost with the log, or worse, be read as the log of the other database.
        newer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    try:
        growing.touch(mode=0o600)
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as source:
            _copy_into(source, growing)
        kept = folder_of(database) / f"{database.stem}-{revision}-{datetime.now(UTC).strftime(_TIME)}.sqlite"
        os.link(database, kept)
        kept.chmod(0o600)
        for log in ("-wal", "-shm"):
            database.with_name(database.name + log).unlink(missing_ok=True)
        growing.replace(database)
    finally:
        growing.unlink(missing_ok=True)
    _sync(database.parent)
    return kept


def sweep(database: Path, before: datetime) -> None:
    """Delete the copies that were made before `before`, since they hold what has been erased after it."""
    _drop_unfinished(folder_of(database))
    for copy in all_of(database):
        if _made_at(copy) < before:
            copy.unlink(missing_ok=True)


def folder_of(database: Path) -> Path:
    """The folder of the copies of `database`."""
    return database.with_name("before-upgrade")


def _drop_unfinished(folder: Path) -> None:
    """Delete what a killed upgrade left. It is of no use, and holds as much as a copy."""
    for growing in folder.glob("*.growing*"):
        growing.unlink(missing_ok=True)


def _copy_into(connection: sqlite3.Connection, growing: Path) -> None:
    with closing(sqlite3.connect(growing)) as target:
        connection.backup(target)
    # The backup does not sync, and a crash of this very upgrade may need the copy.
    _sync(growing)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _made_at(copy: Path) -> datetime:
    """When a copy was made, by its name. The earliest time for any other name."""
    try:
        return datetime.strptime(copy.stem.rsplit("-", 1)[-1], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
