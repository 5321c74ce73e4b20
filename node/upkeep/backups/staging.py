"""Folders in which a backup is opened, in the clear. They are gone at the end, and soon after a kill."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ... import file_lock
from .backup_files import GROWING

_LOCK = "lock"


@contextmanager
def made(beside: Path, name: str) -> Iterator[Path]:
    """A folder (0700) for the block alone, in `beside`. First goes what a killed process left there under `name`."""
    drop_left(beside, name)
    growing = beside / f"{name}{GROWING}-{os.getpid()}"
    growing.mkdir(mode=0o700, parents=True)
    try:
        with file_lock.held(growing / _LOCK):
            yield growing
    finally:
        shutil.rmtree(growing)


def drop_left(beside: Path, name: str) -> None:
    """Delete what killed processes left in `beside` under `name`."""
    for growing in beside.glob(f"{name}{GROWING}-*"):
        # SQLite keeps a file "…-journal" beside a copy that it makes just now.
        if growing.is_dir() and not file_lock.is_held(growing / _LOCK):
            shutil.rmtree(growing)


def sync(folder: Path) -> None:
    """Have the names in `folder` on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
