"""Put a node back from a backup, or rehearse it. A folder is made beside its place and moved there whole."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from federation.encodings import new_listing_id

from ... import file_lock
from ...config import SERVE_LOCK, Settings
from ...errors import NodeError
from . import archive, backup_files, backup_notes, contents, staging
from .archive import Progress
from .backup import DATABASE, KEYS, MANIFEST, MEMBERS_KEY
from .backup_notes import Rehearsal
from .contents import Contents

if TYPE_CHECKING:
    from pyrage import x25519

#: Told which step begins; gives what is told how far it is.
Steps = Callable[[str], Progress]


class FolderInUse(NodeError):
    """There is something where a node was to be put. It was left as it is."""

    code = "folder-in-use"


def put_back(file: Path, identity: "x25519.Identity", data: Path, steps: Steps) -> Contents:
    """Make the folder `data` from a backup. Raises BadBackup, FolderInUse, SettingsError, OSError: nothing is changed.

    The feed gets a new name: readers may have positions in the former one that this copy has not reached (PROTOCOL.md
    §9.1). Everything else a node does by itself when it starts, as after any restore (§8.2).
    """
    _require_free(data)
    data.parent.mkdir(parents=True, exist_ok=True)
    with _opened(file, identity, data.parent, data.name, steps) as (folder, found):
        with closing(sqlite3.connect(folder / DATABASE)) as database, database:
            database.execute("UPDATE counter SET feed = ?", (new_listing_id(),))
        (folder / MANIFEST).unlink()
        place = replace(found.settings, data=data.absolute()).members_key_file
        if _is_unfounded(data):
            # Its set-up made a key, too, which has sealed nothing of a chapter's.
            place.unlink(missing_ok=True)
            data.rename(folder.with_name("unfounded"))
        written = _put_members_key(folder, place)
        try:
            _require_free(data)
            folder.rename(data)
        except BaseException:
            if written:
                written.unlink()
            raise
        staging.sync(data.parent)
    return found


def rehearse(file: Path, identity: "x25519.Identity", beside: Path, steps: Steps) -> Contents:
    """Open a backup and look through all of it, in a folder in `beside` that is gone afterwards.

    Raises BadBackup, SettingsError, OSError.
    """
    with _opened(file, identity, beside, "rehearsal", steps) as (_, found):
        return found


def note_rehearsal(settings: Settings, found: Contents, now: datetime) -> bool:
    """Note that a backup of the node of `settings` was found whole. False for a backup of another node."""
    with closing(sqlite3.connect(f"{settings.database.as_uri()}?mode=ro", uri=True)) as database:
        row = database.execute("SELECT id FROM chapter").fetchone()
    if row != (found.manifest.chapter,):
        return False
    backup_notes.note_rehearsal(settings, Rehearsal(now, found.made_at))
    return True


def place_of_rehearsal(data: Path) -> Path:
    """Where a rehearsal has room: with the backups of the node in `data`, or beside where a node would be."""
    return data / backup_files.FOLDER if data.is_dir() and any(data.iterdir()) else data.absolute().parent


@contextmanager
def _opened(
    file: Path, identity: "x25519.Identity", beside: Path, name: str, steps: Steps
) -> Iterator[tuple[Path, Contents]]:
    """A backup in the clear, and what it is, for the block alone."""
    with staging.made(beside, name) as growing:
        packed, folder = growing / "packed", growing / "node"
        folder.mkdir(mode=0o700)
        archive.decrypt(file, identity, packed, steps("decrypting"))
        archive.unpack(packed, folder, contents.belongs, steps("unpacking"))
        packed.unlink()
        checked = steps("checking")
        checked(0, 1)
        found = contents.read_all(folder)
        checked(1, 1)
        yield folder, found


def _require_free(data: Path) -> None:
    """Raise FolderInUse unless nothing of anybody's is there. A new node before the end of its set-up gives way."""
    if not data.exists() or (data.is_dir() and not any(data.iterdir())):
        return
    if not _is_unfounded(data):
        raise FolderInUse(f"{data} is in use already: choose another folder, or move that one away")
    if file_lock.is_held(data / SERVE_LOCK):
        raise FolderInUse(f"a new node serves {data} for its set-up: stop it, then do this again")


def _is_unfounded(data: Path) -> bool:
    """Whether a new node was started there, and has no chapter and no key of one yet."""
    if not (data / DATABASE).exists() or any((data / KEYS).glob("*.key")):
        return False
    try:
        with closing(sqlite3.connect(f"{(data / DATABASE).absolute().as_uri()}?mode=ro", uri=True)) as database:
            return database.execute("SELECT 1 FROM chapter").fetchone() is None
    except sqlite3.DatabaseError:
        return False


def _put_members_key(folder: Path, place: Path) -> Path | None:
    """Put the members' key of a backup, if there is one, into its place. None where it lies there already."""
    held = folder / MEMBERS_KEY
    if not held.exists():
        return None
    secret = held.read_bytes()
    held.unlink()
    if place.exists():
        if place.read_bytes().strip() != secret.strip():
            raise FolderInUse(f"{place} holds another members' key: move it away, then do this again")
        return None
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(secret)
        out.flush()
        os.fsync(out.fileno())
    return place
