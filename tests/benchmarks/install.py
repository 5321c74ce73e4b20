"""A whole installation, node and Caddy, on the smallest machine: memory under a mixed load, and work when idle.

Both have one processor and 256 MB between them. Caddy is Debian's first, as install.sh puts it on the smallest
machines, then the newer one of the containers. The node holds a directory of 10,000 chapters. For ten minutes visitors
come over TLS from many addresses: search, pages of runs and chapters, calendars, other nodes reading the feed, and
people who say that they come. That is more than a small chapter's node answers in a busy hour.
INSTALL_SECONDS=60 in the environment makes it shorter.
"""

import itertools
import os
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode

from node.chapter import runs
from node.database import make_engine
from node.directory import chapters
from node.handle import open_node
from node.members import telling

from ..support.caddy import DEBIANS, NEW, Caddy
from ..support.limits_of_machine import Limited, limited
from ..support.network import a_run
from ..support.web_client import hidden
from .nodes import NEAR_LONDON, Served, fill
from .table import Row

MEMORY_MB, CHAPTERS = 256, 10_000
#: Seconds of load, of which the first sixth fills caches; then of quiet.
SECONDS, QUIET = float(os.environ.get("INSTALL_SECONDS", "600")), 60.0
_VISITORS = 4
#: Requests a second, of all visitors together.
_RATE = 12.0
_TOWNS = ("London", "Leeds", "Sydney", "Lagos", "Boston", "Dublin", "Pune", "Lima", "Osaka", "Turin")
_TICKS = os.sysconf("SC_CLK_TCK")


class _Limited(Served):
    """A node that shares its bounds with Caddy."""

    prefix: tuple[str, ...] = ()

    def _command(self) -> list[str]:
        return [*self.prefix, *super()._command()]


@dataclass(frozen=True)
class _Run:
    """The chapter's own run, on a day when somebody may come."""

    path: str
    day: date


@dataclass
class _Load:
    """What visitors saw, and what the processes took meanwhile, in MB.

    `memory`: seconds since the start, the node, Caddy. `own`: of both, what the kernel cannot read again from the disk.
    """

    statuses: dict[int, int] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)
    memory: list[tuple[float, float, float]] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def measure() -> list[Row]:
    """One busy hour, scaled, and a quiet minute, with each Caddy."""
    return [*_measure("Debian's Caddy", DEBIANS), *_measure("the containers' Caddy", NEW)]


def _measure(whose: str, program: tuple[str, Path]) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, limited(MEMORY_MB) as bounds:
        node = _Limited(Path(folder))
        fill(node.settings, CHAPTERS, first=NEAR_LONDON)
        run = _announce(node)
        node.prefix = tuple(bounds.prefix)
        with _behind_caddy(node, program, Path(folder), bounds) as caddy:
            load = _visited(caddy, node, run)
            idle = _work_when_idle((node.process.pid, caddy.process.pid))
        return _rows(load, idle, bounds, whose)


@contextmanager
def _behind_caddy(node: _Limited, program: tuple[str, Path], folder: Path, bounds: Limited) -> Iterator[Caddy]:
    caddy = Caddy(folder, node.port, program, bounds.prefix)
    os.environ["RTR_TRUSTED_HOSTS"] = f"{caddy.host}:{caddy.port}"
    try:
        node.start()
        try:
            yield caddy
        finally:
            node.stop()
    finally:
        del os.environ["RTR_TRUSTED_HOSTS"]
        caddy.stop()


def _announce(node: Served) -> _Run:
    """A run that is a week ahead."""
    day = (datetime.now(UTC) + timedelta(days=7)).date()
    handle = open_node(node.settings, make_engine(node.settings.database), telling.tell)
    with handle.sessions() as session:
        run = runs.announce(session, node.settings, a_run(starts_on=day), None, handle.clock())
        return _Run(f"/runs/{chapters.own_id(session)}/{run.id}", day)


def _visited(caddy: Caddy, node: Served, run: _Run) -> _Load:
    load, began = _Load(), time.monotonic()
    numbers = itertools.count()
    with ThreadPoolExecutor(_VISITORS) as visitors:
        working = [visitors.submit(_visitor, caddy, run, numbers, began, load) for _ in range(_VISITORS)]
        while (now := time.monotonic() - began) < SECONDS:
            pids = (node.process.pid, caddy.process.pid)
            load.memory.append((now, *(_resident(pid) for pid in pids)))
            load.own.append(sum(_resident(pid, "Pss_Anon") for pid in pids))
            time.sleep(2)
        for visitor in working:
            visitor.result()
    return load


def _visitor(caddy: Caddy, run: _Run, numbers: Iterator[int], began: float, load: _Load) -> None:
    """Many people one after another: each has an address and a connection of their own, and asks a few things."""
    chance = random.Random(next(numbers))
    while time.monotonic() - began < SECONDS:
        source = f"127.{chance.randrange(1, 250)}.{chance.randrange(250)}.{chance.randrange(1, 250)}"
        with closing(caddy.connect(source)) as connection:
            for _ in range(chance.randrange(1, 8)):
                number = next(numbers)
                time.sleep(max(0.0, began + number / _RATE - time.monotonic()))
                before = time.monotonic()
                try:
                    status = _ask(connection, number, run, chance)
                except (OSError, HTTPException):
                    status = 0
                    connection.close()
                with load.lock:
                    load.statuses[status] = load.statuses.get(status, 0) + 1
                    load.taken.append(time.monotonic() - before)


def _ask(connection: HTTPSConnection, number: int, run: _Run, chance: random.Random) -> int:
    """One visit of ten kinds."""
    town = chance.choice(_TOWNS)
    pages = (
        "/",
        f"/runs?near={town}&within={chance.choice((5, 20, 50))}",
        f"/runs?near={town}&day=TH",
        run.path,
        f"{run.path}/calendar.ics",
        f"/chapters?country={chance.choice(('GB', 'US', 'AU'))}",
        f"/places?q={town[: chance.randrange(2, 5)]}",
        f"/fed/v1/changes?since={chance.randrange(CHAPTERS)}",
        f"/runs/calendar.ics?near={town}&within=20",
    )
    kind = number % (len(pages) + 1)
    return _request(connection, "GET", pages[kind])[0] if kind < len(pages) else _come(connection, run)


def _come(connection: HTTPSConnection, run: _Run) -> int:
    """Somebody says that they come."""
    address = f"{run.path}/coming?date={run.day}"
    status, form = _request(connection, "GET", address)
    found = re.search(r'name="form_id"[^>]*value="([^"]*)"', form)
    if status != 200 or found is None:
        return status
    return _request(connection, "POST", address, urlencode({**hidden(form, address), "form_id": found[1]}))[0]


def _request(connection: HTTPSConnection, method: str, address: str, form: str | None = None) -> tuple[int, str]:
    """As a browser sends it. A page that is compressed for a browser is not read."""
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    if "/coming" not in address:
        headers["Accept-Encoding"] = "gzip"
    connection.request(method, address, form, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def _resident(pid: int, kind: str = "Pss") -> float:
    """MB that this process has in memory, of those that it shares its part."""
    found = re.search(rf"^{kind}:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def _work_when_idle(pids: tuple[int, ...]) -> float:
    """Per cent of one processor, over a quiet minute that begins some seconds after the last visitor."""
    time.sleep(10)
    before, began = sum(map(_ticks, pids)), time.monotonic()
    time.sleep(QUIET)
    return (sum(map(_ticks, pids)) - before) / _TICKS / (time.monotonic() - began) * 100


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _rows(load: _Load, idle: float, bounds: Limited, whose: str) -> list[Row]:
    settled = [(seconds, node + caddy) for seconds, node, caddy in load.memory if seconds > SECONDS / 6]
    most = max(total for _, total in settled)
    at_most = next((node, caddy) for _, node, caddy in load.memory if node + caddy == most)
    slope = statistics.linear_regression(*zip(*settled, strict=True)).slope * 3600
    third = len(settled) // 3
    early, late = (statistics.fmean(total for _, total in part) for part in (settled[:third], settled[-third:]))
    cuts = statistics.quantiles(load.taken, n=100)
    good = sum(count for status, count in load.statuses.items() if status in (200, 303))
    peak = bounds.peak_mb()
    where = f"{whose}, 1 core, {MEMORY_MB} MB ({bounds.how})"
    return [
        Row(
            f"{len(load.taken)} requests over TLS in {SECONDS:.0f} s",
            f"p50 {cuts[49] * 1000:.0f}, p99 {cuts[98] * 1000:.0f} ms",
            where,
            goal="all answered",
            met=good == len(load.taken),
        ),
        Row(
            "answers by status, 0: none",
            _counted(load),
        ),
        Row(
            f"the most memory, node and {whose}",
            f"{most:.0f} MB ({at_most[0]:.0f} + {at_most[1]:.0f})",
            goal="<= 160 MB",
            met=most <= 160,
        ),
        Row("of it, what no file on the disk holds as well", f"{max(load.own):.0f} MB"),
        Row(
            "its mean in the first and the last third",
            f"{early:.1f}, {late:.1f} MB ({slope:+.1f} MB an hour)",
            goal="<= 2 MB more",
            met=late - early <= 2,
        ),
        Row(
            "the most in use, with the pages of files",
            "not counted here" if peak is None else f"{peak:.0f} MB",
            goal="no process ended",
            met=not bounds.was_out_of_memory(),
        ),
        Row("work when idle, of one processor", f"{idle:.2f} %", goal="<= 0.5 %", met=idle <= 0.5),
    ]


def _counted(load: _Load) -> str:
    return ", ".join(f"{status}: {count}" for status, count in sorted(load.statuses.items()))
