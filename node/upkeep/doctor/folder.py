"""The data folder: room on its disk, whose its files are, and a log that belongs to another database."""

import os
import pwd
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ... import file_lock, foreign_log
from ...config import Settings
from ..room import ROOM, is_writable, room_in
from .checks import Found, broken, look, well

#: Bytes. Below this an upgrade, which copies the database, may not fit.
_TIGHT = 256 << 20
#: Files that are looked at. Letters of a folder and the like are no more than that.
_MOST = 20_000


def disk(settings: Settings) -> Found:
    """Whether the disk takes writes, and has room for an upgrade."""
    if not is_writable(settings.data):
        return broken(f"{settings.data} cannot be written", "make the folder writable, or mount it so")
    free = room_in(settings.data)
    says = f"{free >> 20} MB free on the disk of {settings.data}"
    if free < ROOM:
        return broken(says, "free some space: the node takes nothing in until then, and goes on by itself afterwards")
    needed = _TIGHT + 2 * _size_of(settings.database)
    if free < needed:
        return look(says, f"free some space: an upgrade and a backup want {needed >> 20} MB")
    return well(says)


def files(settings: Settings) -> Found:
    """Whether the files are their owner's alone, and all of one owner."""
    owner = settings.data.stat().st_uid
    open_to_others, foreign = [], []
    for path in islice(_all_files(settings), _MOST):
        found = path.lstat()
        if stat.S_IMODE(found.st_mode) & 0o077 and not stat.S_ISLNK(found.st_mode):
            open_to_others.append(path)
        if found.st_uid != owner:
            foreign.append(path)
    if foreign:
        name = _name(owner)
        says = f"{len(foreign)} files belong to another user than the folder, {name}: {foreign[0]}"
        return broken(says, f"as root: chown -R {name} {settings.data} {settings.members_key_file.parent}")
    if open_to_others:
        says = f"{len(open_to_others)} files can be read by others on this machine: {open_to_others[0]}"
        return broken(says, f"chmod -R go= {settings.data} {settings.members_key_file.parent}")
    return well(f"all files belong to {_name(owner)} alone")


def journal(settings: Settings) -> Found:
    """Whether the write-ahead log belongs to the database. Opening a database with another one's log ruins it."""
    log = settings.database.with_name(f"{settings.database.name}-wal")
    if file_lock.is_held(settings.serve_lock):
        return well("the node serves, so the write-ahead log is the database's own")
    if not settings.database.exists() or not foreign_log.is_foreign(settings.database):
        return well("no write-ahead log of another database lies there")
    shared = log.name.removesuffix("wal") + "shm"
    return broken(f"{log} is of another database", f"if a copy was put in place, move {log.name} and {shared} away")


def _all_files(settings: Settings) -> Iterator[Path]:
    for folder in (settings.data, settings.members_key_file.parent):
        for inside, folders, names in os.walk(folder):
            yield Path(inside)
            folders.sort()
            yield from (Path(inside) / name for name in names)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
