"""Whether what is inside of a backup is whole and belongs together, and what it is."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from federation.envelope import read
from federation.errors import FederationError

from ... import config, migrations, sealed_fields
from ...config import SETTINGS_FILE, Settings
from ...errors import CannotUnseal, KeyUnreadable
from ...keys import read_key
from .archive import BadBackup
from .backup import DATABASE, FORMAT, KEYS, MANIFEST, MEMBERS_KEY, REMOTES, Manifest


@dataclass(frozen=True)
class Contents:
    """What a backup holds. `settings`: those of its file. `chapters`: how many chapters' documents are in it."""

    manifest: Manifest
    settings: Settings
    runs: int
    people: int
    chapters: int
    has_signing_key: bool
    has_members_key: bool
    needs_members_key: bool

    @property
    def made_at(self) -> datetime:
        """When the backup was made."""
        return self.manifest.made_at


def belongs(name: str) -> bool:
    """Whether a file of that name may be in a backup."""
    key = name.removeprefix(f"{KEYS}/").removeprefix("next/")
    is_key = name.startswith(f"{KEYS}/") and key.endswith(".key") and "/" not in key and not key.startswith(".")
    return is_key or name in (MANIFEST, DATABASE, SETTINGS_FILE, MEMBERS_KEY, REMOTES)


def read_all(folder: Path) -> Contents:
    """What was unpacked into `folder`. Raises BadBackup, SettingsError; each says in one line what is wrong."""
    manifest = _manifest(folder)
    settings = config.load(folder)
    if not (folder / DATABASE).exists():
        raise BadBackup("the backup holds no database")
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        try:
            _require_whole(database, manifest)
            _require_fitting_keys(folder, database, manifest)
            proof = _first(database, "upkeep", "key_proof")
            _require_members_key(folder, proof)
            return Contents(
                manifest,
                settings,
                runs=_count(database, "run"),
                people=_count(database, "person"),
                chapters=_count(database, "held_document"),
                has_signing_key=(folder / KEYS / "signing.key").exists(),
                has_members_key=(folder / MEMBERS_KEY).exists(),
                needs_members_key=proof is not None,
            )
        except sqlite3.DatabaseError as error:
            raise BadBackup("the database in the backup is damaged") from error


def _manifest(folder: Path) -> Manifest:
    try:
        said = json.loads((folder / MANIFEST).read_bytes())
        if said["format"] > FORMAT:
            raise BadBackup("a newer program made this backup: install that one, then do this again")
        return msgspec.convert(said, Manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadBackup("this is no backup of a node: it does not say what it holds") from error


def _require_whole(database: sqlite3.Connection, manifest: Manifest) -> None:
    known = migrations.known()
    if manifest.revision not in known:
        raise BadBackup(
            f"a newer program made this backup: its database is of version {manifest.revision}, and this program knows "
            f"none after {known[-1]}. Install the newer one, then do this again"
        )
    if database.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
        raise BadBackup("the database in the backup is damaged")
    found = (_first(database, "alembic_version", "version_num"), _first(database, "chapter", "id"))
    if found != (manifest.revision, manifest.chapter):
        raise BadBackup("the database in the backup is another one than the backup says")


def _require_fitting_keys(folder: Path, database: sqlite3.Connection, manifest: Manifest) -> None:
    """A key that the newest root does not name could sign nothing. At HQ new ones may wait for their root."""
    files = list((folder / KEYS).rglob("signing.key"))
    if not files:
        return
    query = "SELECT envelope FROM held_root WHERE author = ? ORDER BY version DESC LIMIT 1"
    newest = database.execute(query, (manifest.chapter,)).fetchone()
    named = "registry_keys" if manifest.role == "hq" else "signing_keys"
    try:
        signing = json.loads(read(newest[0]).payload)[named] if newest else []
        if not any(read_key(file).public in signing for file in files):
            raise BadBackup("the signing key in the backup is not the chapter's: its newest root names another one")
    except (FederationError, KeyUnreadable, ValueError, KeyError) as error:
        raise BadBackup("the signing key in the backup cannot be read") from error


def _require_members_key(folder: Path, proof: bytes | None) -> None:
    if proof is None or not (folder / MEMBERS_KEY).exists():
        return
    try:
        key = sealed_fields.MembersKey(bytes.fromhex((folder / MEMBERS_KEY).read_text().strip()))
        key.open("upkeep.key_proof", 1, proof)
    except (CannotUnseal, ValueError) as error:
        raise BadBackup("the members' key in the backup is another one than that which sealed its members") from error


def _first(database: sqlite3.Connection, table: str, column: str) -> Any:
    """The only value of a table of one row. None where an older database has no such table."""
    if not _has(database, table):
        return None
    row: tuple[Any] | None = database.execute(f"SELECT {column} FROM {table}").fetchone()  # noqa: S608 - names of ours
    return row[0] if row else None


def _count(database: sqlite3.Connection, table: str) -> int:
    if not _has(database, table):
        return 0
    [(number,)] = database.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of ours
    return int(number)


def _has(database: sqlite3.Connection, table: str) -> bool:
    names: Iterable[tuple[str]] = database.execute("SELECT name FROM sqlite_master WHERE name = ?", (table,))
    return bool(list(names))
