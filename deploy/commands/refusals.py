"""Faults of an operator's machine, each in one line with the way out. Every other error is a fault of this program."""

import errno
import logging
import os
import pwd
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

log = logging.getLogger("rtr")

#: The names of SQLite's errors and the error numbers of the system, by what has happened.
_FULL = {"SQLITE_FULL", errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {"SQLITE_READONLY", errno.EROFS}
_FORBIDDEN = {"SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH", errno.EACCES, errno.EPERM}
_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
_FAILING = {"SQLITE_IOERR", errno.EIO}
_BUSY = {"SQLITE_BUSY", "SQLITE_LOCKED"}

#: A disk with fewer free bytes is full. SQLite calls some writes onto a full disk a failure of the disk.
_LITTLE = 1 << 20


@contextmanager
def in_a_line(data: Path) -> Iterator[None]:
    """Turn a fault of the machine inside the block into a ClickException of one line. Other errors pass unchanged.

    `data`: the folder that the command works on.
    """
    try:
        yield
    except click.ClickException:
        raise
    except Exception as error:
        line = words(error, data)
        if line is None:
            raise
        # RTR_LOG_LEVEL=DEBUG shows the whole error.
        log.debug("what was refused", exc_info=error)
        raise click.ClickException(line) from error


def words(error: Exception, data: Path) -> str | None:
    """What to tell an operator who called a command on the folder `data`. None for a fault of this program."""
    kind = _kind(error)
    if kind in (None, errno.EPIPE):  # click ends quietly when nobody reads its output any more
        return None
    where = Path(str(getattr(error, "filename", None) or data))
    if kind in _FULL or (kind in _FAILING | _FORBIDDEN and _has_no_room(data)):
        return f"the disk that holds {data} is full: free some space, then do this again. What was there is whole"
    if kind in _READ_ONLY | _FORBIDDEN:
        return _not_allowed(where, data)
    if kind in _DAMAGED:
        return damaged(data)
    if kind in _FAILING:
        return f"the disk that holds {data} fails: save a copy of the folder elsewhere, and look at the disk"
    if kind in _BUSY:
        return f"something else holds the database in {data}: end what else has it open, then do this again"
    return f"{where}: {getattr(error, 'strerror', None) or error}" if isinstance(error, OSError) else None


def lost(data: Path) -> str:
    """What to do about a database that is gone or empty."""
    return (
        f"the database in {data} is gone or empty, and nothing of the chapter is in it: move the folder "
        "away, and put your newest backup back: `rtr restore`; the other nodes give back what it lacks"
    )


def damaged(data: Path) -> str:
    """What to do about a database that cannot be read any more."""
    return (
        f"the database in {data} is damaged: stop the node, move the folder away, put your newest backup back "
        "(`rtr restore`), and start again; the other nodes give back what it lacks"
    )


def foreign_log(data: Path) -> str:
    """What to do about the log of another database."""
    return (
        f"{data / 'node.sqlite-wal'} is the log of another database than node.sqlite, and would spoil it: if you put a "
        "copy in its place, move node.sqlite-wal and node.sqlite-shm away, then do this again"
    )


def _has_no_room(data: Path) -> bool:
    try:
        disk = os.statvfs(data)
    except OSError:
        return False
    return not disk.f_flag & os.ST_RDONLY and disk.f_bavail * disk.f_frsize < _LITTLE


def _kind(error: Exception) -> str | int | None:
    """The first two words of SQLite's name of an error, or the error number of the system. None for any other error.

    SQLAlchemy's errors carry the error of the driver.
    """
    found = getattr(error, "orig", None) or error
    if isinstance(found, sqlite3.Error):
        # SQLITE_IOERR_WRITE becomes SQLITE_IOERR. Errors of Python's own module have no name: they are faults of ours.
        name = getattr(found, "sqlite_errorname", "")
        return "_".join(name.split("_")[:2]) if name else "SQLITE_NOTADB" if "not a database" in str(found) else None
    return found.errno if isinstance(found, OSError) else None


def _not_allowed(where: Path, data: Path) -> str:
    closest = next((one for one in (where, *where.absolute().parents, data) if _owner(one) is not None), data)
    owner, me = _owner(closest), os.geteuid()
    if owner in (me, None):
        return f"{closest} cannot be written: make the folder writable, or mount it so, then do this again"
    # The folder above `data` may be somebody's home or a whole disk, so only `data` is given away with its contents.
    give = f"chown {me} {closest}" if _is_missing(data) else f"chown -R {me} {data}"
    return (
        f"{closest} belongs to {_name(owner)}, and this runs as {_name(me)}: "
        f"run it as the former, or give the folder to the latter, as root: {give}"
    )


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:  # This user may not look, so it is not known.
        return False


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def _name(uid: int | None) -> str:
    try:
        return f"user {pwd.getpwuid(uid or 0).pw_name}"
    except KeyError:
        return f"user {uid}"
