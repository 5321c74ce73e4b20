"""Whether anybody has said anything since an upgrade: the upgraded database held against its copy from before.

The copy is brought to the same version first. What is left is what was written since.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from node.config import Settings

from .rehearsal import upgraded_copy

#: Tables that a node fills again by itself: what others have signed, what it asks them, how often it was asked, how it
#: found itself.
_COMES_BACK = (
    "attempt",
    "check_result",
    "counter",
    "evidence",
    "held_bin",
    "held_document",
    "held_listing",
    "held_registry",
    "held_root",
    "listing_text",
    "peer",
    "question",
    "registry_chapter",
    "relay_item",
    "relay_receipt",
    "retry",
    "revision",
    "sample",
    "upkeep",
)
#: Columns that every start writes, or every signature.
_OF_THE_NODE = {"chapter": {"began_at", "last_version", "last_digest", "signed_at", "met_at"}}


def tables_changed_since(settings: Settings, copy: Path) -> list[str]:
    """The tables, sorted, in which a person's word was written, changed or deleted since `copy` was made.

    What comes back by itself does not count. Raises UnknownRevision, sqlite3.Error, OSError.
    """
    with (
        upgraded_copy(settings, copy) as former,
        closing(sqlite3.connect(f"{settings.database.as_uri()}?mode=ro", uri=True)) as now,
    ):
        now.execute("PRAGMA temp_store=MEMORY")
        now.execute("ATTACH ? AS former", (f"{former.database.as_uri()}?mode=ro",))
        return [table for table in _tables(now) if _differs(now, table)]


def _tables(now: sqlite3.Connection) -> list[str]:
    names = now.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name")
    passed_over = ("sqlite_", "listing_text", "alembic_")
    return [name for (name,) in names if name not in _COMES_BACK and not name.startswith(passed_over)]


def _differs(now: sqlite3.Connection, table: str) -> bool:
    left_out = _OF_THE_NODE.get(table, set())
    names = [row[1] for row in now.execute(f'PRAGMA main.table_info("{table}")')]
    columns = ", ".join(f'"{name}"' for name in names if name not in left_out)
    ours, theirs = (f'SELECT {columns} FROM {where}."{table}"' for where in ("main", "former"))  # noqa: S608
    either = f"SELECT 1 FROM ({ours} EXCEPT {theirs}) UNION ALL SELECT 1 FROM ({theirs} EXCEPT {ours}) LIMIT 1"  # noqa: S608
    return now.execute(either).fetchone() is not None
