"""Make one backup now: everything that a new server needs, in one file that this server itself cannot open.

The copy of the database is SQLite's own (VACUUM INTO): of one moment, with all that was committed before it, while
writers go on. It lies in the clear beside the database for as long as it takes to encrypt it, without a name. Documents
of other chapters are in it. To leave them out made a backup of 10,000 chapters half as large (5 MB instead of 11), took
three times as long, and a restored node would have shown nothing until it had read all of them again.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import msgspec

from ... import file_lock
from ...config import SETTINGS_FILE, Settings
from ...errors import NodeError
from ..room import room_in
from . import archive, backup_files, backup_key, backup_notes, staging
from .archive import Part
from .backup_files import GROWING, Copy
from .backup_notes import LastRun

#: The shape of a backup. A program refuses one that it does not know.
FORMAT = 1
MANIFEST, DATABASE, KEYS, MEMBERS_KEY, REMOTES = "manifest.json", "node.sqlite", "keys", "members.key", "rclone.conf"
#: Bytes that a backup leaves free on the disk, so that a lead's tap has room.
_LEFT_FREE = 64 << 20


class BackupBusy(NodeError):
    """Another process makes a backup of this folder now."""

    code = "backup-busy"


class NoRoom(NodeError):
    """The disk has too little room for a backup. None was begun."""

    code = "no-room"


class NothingToKeep(NodeError):
    """No chapter was founded in this folder yet."""

    code = "nothing-to-keep"


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself, before anything else in it. `keys`: which keys are in it."""

    format: int
    made_at: datetime
    chapter: str
    name: str
    role: str
    base_url: str
    revision: str
    keys: str


def make(settings: Settings, now: datetime | None = None) -> Copy:
    """Make a backup, and note how it went. Raises NoBackupKey, BackupBusy, NoRoom, OSError, sqlite3.Error.

    Nothing is left of one that fails.
    """
    made_at = (now or datetime.now(UTC)).replace(microsecond=0)
    with only_one(settings):
        try:
            copy = _make(settings, made_at)
        except (NodeError, OSError, sqlite3.Error) as error:
            code = error.code if isinstance(error, NodeError) else "failed"
            _note(settings, LastRun(made_at, code, str(error)))
            raise
        _note(settings, LastRun(made_at))
    return copy


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Keep other backups off this folder while the block runs, and drop what a killed one left. Raises BackupBusy."""
    with ExitStack() as until_the_end:
        try:
            until_the_end.enter_context(file_lock.held(backup_files.lock(settings)))
        except file_lock.NotFree as error:
            raise BackupBusy("a backup is being made already: wait until it is done") from error
        backup_files.drop_unfinished(settings)
        yield


def clean(settings: Settings) -> None:
    """Drop what a killed backup or rehearsal left, but nothing that is still being made."""
    staging.drop_left(backup_files.folder(settings), "*")
    try:
        with only_one(settings):
            return
    except BackupBusy:
        return


def _note(settings: Settings, run: LastRun) -> None:
    try:
        backup_notes.note_run(settings, run)
    except OSError:
        return  # on a full disk the missing backup says enough


def _make(settings: Settings, made_at: datetime) -> Copy:
    if not settings.backup_key:
        raise backup_key.NoBackupKey("there is no key to make backups for: run `rtr backup key`")
    recipient = backup_key.recipient(settings.backup_key)
    folder = backup_files.folder(settings)
    folder.mkdir(mode=0o700, exist_ok=True)
    _require_room(settings)
    path = folder / backup_files.name_at(settings, made_at)
    growing = path.with_name(path.name + GROWING)
    try:
        with ExitStack() as until_the_end:
            parts = list(_parts(settings, folder, made_at, until_the_end))
            archive.write(growing, parts, recipient, int(made_at.timestamp()))
        growing.replace(path)
        staging.sync(folder)
    finally:
        backup_files.drop_unfinished(settings)
    return Copy(path, made_at, path.stat().st_size)


def _require_room(settings: Settings) -> None:
    """The copy in the clear and the encrypted one lie there at once. The second one is smaller."""
    log = settings.database.with_name(f"{settings.database.name}-wal")
    size = settings.database.stat().st_size + (log.stat().st_size if log.exists() else 0)
    needed, free = 2 * size + _LEFT_FREE, room_in(settings.data)
    if free < needed:
        raise NoRoom(
            f"a backup needs {needed >> 20} MB on the disk that holds {settings.data}, and {free >> 20} MB are free: "
            "free some space"
        )


def _parts(settings: Settings, folder: Path, made_at: datetime, opened: ExitStack) -> Iterator[Part]:
    """What goes into a backup. The manifest is first, so that whoever opens it knows what will come."""
    database = _copied(settings.database, folder / f"{DATABASE}{GROWING}")
    # It has no name any more: a kill leaves nothing of it.
    file = opened.enter_context(database.open("rb"))
    with closing(sqlite3.connect(database)) as copy:
        manifest = _manifest(settings, copy, made_at)
    database.unlink()
    yield _of_bytes(MANIFEST, msgspec.json.encode(manifest))
    for name, path in _files(settings):
        yield _of_bytes(name, path.read_bytes())
    yield Part(DATABASE, file, os.fstat(file.fileno()).st_size)


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """The small files, and their names in a backup."""
    for path in (settings.data / SETTINGS_FILE, settings.data / REMOTES):
        if path.exists():
            yield path.name, path
    if settings.backup_keys != "none":
        for path in sorted(settings.signing_key_file.parent.rglob("*.key")):
            yield f"{KEYS}/{path.relative_to(settings.signing_key_file.parent)}", path
    if settings.backup_keys == "all" and settings.members_key_file.exists():
        yield MEMBERS_KEY, settings.members_key_file


def _copied(database: Path, into: Path) -> Path:
    """A copy of the open database, in a file of its owner's alone."""
    into.touch(mode=0o600)
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=15)) as source:
        source.execute("VACUUM INTO ?", (str(into),))
    return into


def _manifest(settings: Settings, copy: sqlite3.Connection, made_at: datetime) -> Manifest:
    found = copy.execute("SELECT id, name, version_num FROM chapter, alembic_version").fetchone()
    if found is None:
        raise NothingToKeep("there is no chapter here yet: a backup would hold nothing")
    chapter, name, revision = found
    return Manifest(FORMAT, made_at, chapter, name, settings.role, settings.base_url, revision, settings.backup_keys)


def _of_bytes(name: str, content: bytes) -> Part:
    return Part(name, BytesIO(content), len(content))
