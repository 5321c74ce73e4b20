"""The program: its version, and that of SQLite."""

import platform
import sqlite3

from ...directory.serving import SOFTWARE
from .checks import Found, well

#: From this version on SQLite cannot corrupt a write-ahead log when a checkpoint races a reset.
_MENDED = (3, 51, 3)


def version() -> Found:
    """Which program this is. Whether there is a newer one is for `rtr upgrade` to say."""
    return well(f"{SOFTWARE}, Python {platform.python_version()}")


def sqlite() -> Found:
    """Which SQLite this is. Writers and checkpoints queue at a lock of ours, which keeps its fault off."""
    if sqlite3.sqlite_version_info >= _MENDED:
        return well(f"SQLite {sqlite3.sqlite_version}")
    return well(
        f"SQLite {sqlite3.sqlite_version} has the fault of before 3.51.3 (a checkpoint that races a reset); "
        "this node's own lock keeps it off"
    )
