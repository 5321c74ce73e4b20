"""Fifty backups of a real server that a lead taps on, beside a process that writes without pause: each restores to a
consistent state.

BENCH_CHAPTERS makes the directory smaller; BENCH_BACKUPS says how many.
"""

import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from node import config
from node.chapter import runs
from node.database import make_engine, writing
from node.models import Chapter
from node.upkeep.backups import backup_key

from ..support.network import a_run
from ..support.tapping import Tapper, last_tap_in
from .nodes import NEAR_LONDON, Served, fill
from .table import Row

CHAPTERS = int(os.environ.get("BENCH_CHAPTERS", "10000"))
BACKUPS = int(os.environ.get("BENCH_BACKUPS", "50"))
_QUIET = 50


@dataclass
class _Figures:
    """Of all backups together. `whole`: how many restored to a consistent state with the last tap in it."""

    backup: list[float] = field(default_factory=list)
    restore: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    whole: int = 0


def measure() -> list[Row]:
    """Seconds, memory and size of a backup and of a restore, and how long a tap takes meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        folder, pair = Path(name), backup_key.make()
        (folder / "key").write_text(pair.secret)
        node = Served(folder)
        fill(node.settings, CHAPTERS, first=NEAR_LONDON)
        _announce(node)
        config.change(node.folder, {"BACKUP_KEY": pair.recipient})
        node.start()
        try:
            return _measured(node, folder)
        finally:
            node.stop()


def _measured(node: Served, folder: Path) -> list[Row]:
    figures = _Figures()
    link = _rtr(node.folder, "signin-link").strip()
    with _writer(node) as writes, Tapper(node.url, link) as tapper:
        while tapper.acknowledged < _QUIET:
            time.sleep(0.1)
        quiet = _p99(tapper.seconds)
        before = len(tapper.seconds)
        for _ in range(BACKUPS):
            _once(node, folder, tapper, figures)
        busy = _p99(tapper.seconds[before:])
        written = writes()
    took, peak, size = statistics.median(figures.backup), max(figures.memory), max(figures.sizes)
    whole = f"{figures.whole} of {BACKUPS}"
    back = statistics.median(figures.restore)
    database = node.settings.database.stat().st_size / 1e6
    return [
        Row("backups that restore to a consistent state", whole, goal="all", met=figures.whole == BACKUPS),
        Row("taps, and other writes meanwhile", f"{tapper.acknowledged}, {written}"),
        Row("a backup, the process included", f"{took:.2f} s", f"a database of {database:.0f} MB"),
        Row("memory of the process that makes it, at its most", f"{peak:.0f} MB", goal="<= 60 MB", met=peak <= 60),
        Row("its size", f"{size / 1e6:.1f} MB"),
        Row("a restore, the process included", f"{back:.2f} s"),
        Row("a tap's p99 while backups and restores go on", f"{busy * 1000:.0f} ms", f"quiet: {quiet * 1000:.0f} ms"),
    ]


@contextmanager
def _writer(node: Served) -> Iterator[Callable[[], int]]:
    """Another writer than the server, as a command is. Yields what tells how often it has written."""
    engine, is_over, written = make_engine(node.settings.database), threading.Event(), 0

    def write() -> None:
        nonlocal written
        while not is_over.wait(0.01):
            with Session(engine) as session, writing(session) as transaction:
                transaction.get_one(Chapter, 1).about = f"About {written}"
            written += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield lambda: written
    finally:
        is_over.set()
        thread.join()
        engine.dispose()


def _once(node: Served, folder: Path, tapper: Tapper, figures: _Figures) -> None:
    before, began = tapper.acknowledged, time.monotonic()
    said = _rtr(node.folder, "backup", peak=figures.memory)
    figures.backup.append(time.monotonic() - began)
    after = tapper.acknowledged + 1
    file, data = Path(said.split(" (")[0]), folder / "restored"
    figures.sizes.append(file.stat().st_size)
    began = time.monotonic()
    _rtr(data, "restore", str(file), "--key-file", str(folder / "key"))
    figures.restore.append(time.monotonic() - began)
    with closing(sqlite3.connect(data / "node.sqlite")) as database:
        is_whole = database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        is_whole &= not database.execute("PRAGMA foreign_key_check").fetchall()
    figures.whole += is_whole and before <= last_tap_in(data / "node.sqlite") <= after
    shutil.rmtree(data)
    file.unlink()


def _announce(node: Served) -> None:
    now = datetime.now(UTC)
    engine = make_engine(node.settings.database)
    with Session(engine) as session:
        run = a_run(starts_on=now.date() + timedelta(days=2))
        runs.announce(session, node.settings, run, None, now)
    engine.dispose()
    _rtr(node.folder, "lead", "add", "Ada")


def _rtr(data: Path, *words: str, peak: list[float] | None = None) -> str:
    """What the command prints. Its most memory (MB) goes into `peak`."""
    code = (
        "import sys; from deploy.commands import main; main(sys.argv[1:], standalone_mode=False); "
        "print(open('/proc/self/status').read(), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "--data", str(data), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"VmHWM:\s+(\d+) kB", done.stderr)
    if peak is not None and found:
        peak.append(int(found[1]) / 1024)
    return done.stdout


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]
