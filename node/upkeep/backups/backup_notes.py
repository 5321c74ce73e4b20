"""What is noted of backups beside them: the last failure, what was sent elsewhere, and the last rehearsal."""

import os
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from ...config import Settings
from . import backup_files
from .backup_files import Copy


class LastRun(msgspec.Struct, frozen=True):
    """How the last backup went. `failure`: a code, and `detail` the same in words; both empty if it went well."""

    at: datetime
    failure: str = ""
    detail: str = ""


class LastSending(msgspec.Struct, frozen=True):
    """How the last backup was copied to other storage: its `name`, and why it was not; empty if it was."""

    at: datetime
    name: str
    failure: str = ""


class Rehearsal(msgspec.Struct, frozen=True):
    """A backup was opened and found whole, `at` that time. `made_at`: when the backup was made."""

    at: datetime
    made_at: datetime


_T = TypeVar("_T")


def last_run(settings: Settings) -> LastRun | None:
    """How the last backup went; None before the first."""
    return _read(_runs(settings), LastRun)


def last_sending(settings: Settings) -> LastSending | None:
    """How the last backup was copied to other storage; None before the first."""
    return _read(_sendings(settings), LastSending)


def last_backup(settings: Settings) -> Copy | None:
    """The newest backup on this server."""
    return next(iter(backup_files.all_of(settings)), None)


def last_rehearsal(settings: Settings) -> Rehearsal | None:
    """When a backup was last opened and found whole on this server."""
    return _read(_rehearsals(settings), Rehearsal)


def note_run(settings: Settings, run: LastRun) -> None:
    """Note how a backup went. The caller holds the lock of backups."""
    _write(_runs(settings), run)


def note_sending(settings: Settings, sending: LastSending) -> None:
    """Note how a backup was copied to other storage."""
    _write(_sendings(settings), sending)


def note_rehearsal(settings: Settings, rehearsal: Rehearsal) -> None:
    """Note that a backup was found whole."""
    _write(_rehearsals(settings), rehearsal)


def _runs(settings: Settings) -> Path:
    return backup_files.folder(settings) / "last.json"


def _sendings(settings: Settings) -> Path:
    return backup_files.folder(settings) / "sent.json"


def _rehearsals(settings: Settings) -> Path:
    return backup_files.folder(settings) / "rehearsal.json"


def _read(path: Path, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None  # nothing was noted, or a disk that was full kept half of it


def _write(path: Path, noted: msgspec.Struct) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    growing = path.with_suffix(".json-growing")
    with os.fdopen(os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(noted))
    growing.replace(path)
