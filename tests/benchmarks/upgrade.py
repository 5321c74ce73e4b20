"""The filled database of each schema that was ever released becomes today's, and is put back, on a chapter's machine.

Each has a directory of 10,000 chapters, one processor, 256 MB and 16 MB for temporary files, as compose gives them.
Then the upgrade from the first release is killed 50 times.
"""

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from node import migrations
from node.config import write
from node.migrations import copies

from ..node.migrations.test_upgrades import PORTS, Rows, by_their_names_of_today, of_kept_columns, rows, unpack
from ..support.former_chapters import multiply
from ..support.limits_of_machine import Limited, limited
from .table import Row

CHAPTERS, MEMORY_MB, TEMPORARY_MB, KILLS = 10_000, 256, 16, 50
_KILLED_CHAPTERS = 1_000


@dataclass
class Upgraded:
    """What one database took. `lost`: tables that lost a value on the way there, or back."""

    size_mb: float
    seconds: float
    peak_mb: float | None
    lost: list[str]
    was_out_of_memory: bool


def measure() -> list[Row]:
    """A row for each release, and one for the kills."""
    return [*(_release(revision) for revision in migrations.known()[:-1]), _kills()]


def _release(revision: str) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        done = upgrade(Path(folder), revision)
    peak = "memory not counted" if done.peak_mb is None else f"peak {done.peak_mb:.0f} MB"
    return Row(
        f"{revision} to {migrations.newest()} and back, {CHAPTERS:,} chapters",
        f"{done.seconds:.1f} s, {peak}",
        f"{done.size_mb:.0f} MB of database",
        goal="nothing lost",
        met=not done.lost and not done.was_out_of_memory,
    )


def upgrade(folder: Path, revision: str, chapters: int = CHAPTERS) -> Upgraded:
    """Bring a chapter's database to today's version and put it back, in bounds."""
    data = former_node(folder, revision, chapters)
    database = data / "node.sqlite"
    size, before = database.stat().st_size / (1 << 20), rows(database)
    with limited(MEMORY_MB) as bounds:
        began = time.monotonic()
        _rtr(bounds, data, "migrate")
        seconds = time.monotonic() - began
        lost = lost_tables(before, rows(database))
        copy = copies.all_of(database)[0]
        _rtr(bounds, data, "migrate", "--put-back", str(copy))
        back = rows(database)
        lost += [f"{table}, back" for table, former in before.items() if back[table] != former]
        return Upgraded(size, seconds, bounds.peak_mb(), lost, bounds.was_out_of_memory())


def former_node(folder: Path, revision: str, chapters: int) -> Path:
    """A chapter's data folder as a release of that schema left it, with a large directory."""
    data = folder / "node"
    data.mkdir(mode=0o700)
    port = PORTS["chapter"]
    write(data, {"BASE_URL": f"http://127.0.0.1:{port}", "NETWORK": "loopback", "PORT": str(port)})
    multiply(unpack(revision, "chapter", data), chapters)
    return data


def lost_tables(before: Rows, after: Rows) -> list[str]:
    """The tables in which a row or a value of before is missing."""
    former = by_their_names_of_today(before)
    return [
        table
        for table, of_table in former.items()
        if of_kept_columns(table, of_table, after.get(table, [])) != of_kept_columns(table, of_table, of_table)
    ]


def command_of(data: Path, *words: str) -> list[str]:
    """`rtr` of today's program."""
    return [sys.executable, "-m", "deploy.commands", "--data", str(data), *words]


def _rtr(bounds: Limited, data: Path, *words: str) -> None:
    """Run it in bounds. What it says where it fails is shown."""
    temporary = data.with_name("tmp")
    temporary.mkdir(exist_ok=True)
    command = [*bounds.prefix, *_with_little_room(temporary), *command_of(data, *words)]
    environ = os.environ | {"TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _with_little_room(folder: Path) -> list[str]:
    """The words before a command for which `folder` is a small file system in memory. Only root may have that."""
    if os.geteuid():
        return []
    mounted = f'mount -t tmpfs -o size={TEMPORARY_MB}m tmpfs "{folder}" && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", mounted, "sh"]


def _kills() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        seen, lost = kill(Path(folder), KILLS)
    return Row(
        f"{KILLS} kills -9 during the upgrade from {migrations.known()[0]}",
        ", ".join(f"{count} left {revision}" for revision, count in sorted(seen.items())),
        f"{_KILLED_CHAPTERS:,} chapters",
        goal="whole each time",
        met=not lost,
    )


def kill(folder: Path, times: int, chapters: int = _KILLED_CHAPTERS) -> tuple[dict[str, int], list[str]]:
    """Kill `rtr migrate` at moments that are spread over all that it does.

    How often which revision was left, and what was lost.
    """
    first, chance = migrations.known()[0], random.Random(12)
    data = former_node(folder, first, chapters)
    database, whole = data / "node.sqlite", (data / "node.sqlite").read_bytes()
    before = rows(database)
    length = _time_of(data)
    seen: dict[str, int] = {}
    lost: list[str] = []
    for number in range(times):
        _put(database, whole)
        with subprocess.Popen(
            command_of(data, "migrate"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(length * (number + chance.random()) / times)
            process.kill()
        after = rows(database)
        revision = _revision(database)
        seen[revision] = seen.get(revision, 0) + 1
        if revision == first:
            lost += [table for table in before if before[table] != after[table]]
        else:
            lost += lost_tables(before, after) if revision == migrations.newest() else [f"half-way: {revision}"]
    subprocess.run(command_of(data, "migrate"), check=True, capture_output=True)
    lost += lost_tables(before, rows(database))
    return seen, lost


def _time_of(data: Path) -> float:
    began = time.monotonic()
    subprocess.run(command_of(data, "migrate"), check=True, capture_output=True)
    return time.monotonic() - began


def _put(database: Path, content: bytes) -> None:
    for path in database.parent.glob("node.sqlite*"):
        path.unlink()
    database.write_bytes(content)


def _revision(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
