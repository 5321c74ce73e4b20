"""A full reading of 10,000 chapters by a new node, against the time that checking their signatures takes two threads.

BENCH_CHAPTERS makes it smaller.
"""

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests
from sqlalchemy import func, select, update

from deploy.demo.corpus import SignedChapter, make_chapters
from federation.envelope import open_sealed
from federation.keys import SigningKey
from node import config, migrations
from node.chapter import identity
from node.chapter.profile import ProfileInput
from node.config import Settings
from node.database import LARGE_CACHE_KIB, make_engine, writing
from node.directory import registry
from node.handle import open_node
from node.models import HeldDocument, HeldListing, KnownPeer
from node.sync import Report, Sync
from node.sync.__main__ import opened

from ..support.federation_makers import HqMaker
from ..support.processes import free_port_base, wait_until
from .servers import served
from .table import Row

CHAPTERS = int(os.environ.get("BENCH_CHAPTERS", "10000"))
RUNS = 3
ROUNDS = 3
_PAGES = ("/runs?near=London", "/runs", "/runs?near=Berlin&within=50", "/chapters/{chapter}")


def measure() -> list[Row]:
    """The reading's time beside its floor in turn, its stages, a re-read, memory and the pages meanwhile."""
    now = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as name:
        folder, hq, port = Path(name), HqMaker(), free_port_base()
        url = f"http://127.0.0.1:{port}"
        chapters = list(make_chapters(CHAPTERS, RUNS, now, at=lambda _: url))
        served.prepare(folder / "served", hq, chapters, now)
        gc.freeze()  # as the syncing process does; it never holds these chapters, which are the benchmark's own
        with _started("tests.benchmarks.servers.served", str(folder / "served"), str(port)):
            wait_until(lambda: _answers(f"{url}/fed/v1/status"), "the served peer")
            rows = list(_timed(folder, hq, url, chapters))
            return [*rows, *_beside_pages(folder, hq, url, port + 1)]


def _timed(folder: Path, hq: HqMaker, url: str, chapters: list[SignedChapter]) -> Iterator[Row]:
    floors: list[float] = []
    reports: list[tuple[float, Report]] = []
    again: list[float] = []
    alone: list[float] = []
    for number in range(ROUNDS):
        node = _Node(folder / f"node-{number}", hq, url, 8100)
        floors.append(_clocked(lambda: _verify(chapters, 2)))
        report, seconds = node.read()
        assert node.holds() == (len(chapters), RUNS * len(chapters)), node.holds()
        reports.append((seconds, report))
        alone.append(_clocked(lambda: _verify(chapters, 1)))
        node.forget_cursors()
        again.append(node.read()[1])
        node.close()
    took, floor = statistics.median(seconds for seconds, _ in reports), statistics.median(floors)
    ratio = statistics.median(seconds / below for (seconds, _), below in zip(reports, floors, strict=True))
    what = f"sync of {len(chapters):,} chapters, roots and listings included"
    yield Row(what, f"{took:.2f} s", f"two threads verify it: {floor:.2f} s", ratio, "<= 5x", ratio <= 5)
    for stage in reports[0][1].seconds:
        spent = statistics.median(report.seconds[stage] for _, report in reports)
        yield Row(f"  of which, one beside the other: {stage}", f"{spent:.2f} s")
    reread, single = statistics.median(again), statistics.median(alone)
    faster = statistics.median(one / re for one, re in zip(alone, again, strict=True))
    below = f"one thread verifies it: {single:.2f} s"
    yield Row("the same read again, unchanged", f"{reread:.2f} s", below, faster, ">= 6x faster", faster >= 6)


def _beside_pages(folder: Path, hq: HqMaker, url: str, port: int) -> Iterator[Row]:
    """A serving node whose reading goes on in a process of its own, as the job starts it."""
    node = _Node(folder / "serving", hq, url, port)
    node.close()
    address = f"http://127.0.0.1:{port}"
    with _started("deploy.commands", "--data", str(folder / "serving"), "serve", RTR_POLL_SECONDS="0"):
        wait_until(lambda: _answers(f"{address}/fed/v1/status"), "the serving node")
        _p99(address, lambda count: count < 50)
        quiet = _p99(address, lambda count: count < 400)
        command = [sys.executable, "-m", "node.sync", str(folder / "serving")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reading:
            busy = _p99(address, lambda _: reading.poll() is None)
            said = json.loads(reading.stdout.read() if reading.stdout else "")
        full = _p99(address, lambda count: count < 400)
    peak = said["peak_mb"]
    assert said["stored"] >= CHAPTERS, said
    yield Row("memory of the syncing process, at its most", f"{peak:.0f} MB", goal="<= 150 MB", met=peak <= 150)
    yield Row(
        "page p99 while a sync goes on",
        f"{busy * 1000:.1f} ms",
        f"quiet: {quiet * 1000:.1f} ms empty, {full * 1000:.1f} ms full",
        busy / quiet,
        "<= 1.5x of quiet",
        busy <= 1.5 * quiet,
    )


def _p99(address: str, goes_on: Callable[[int], bool]) -> float:
    """Of rendered pages: each has a query of its own, so that none is a kept one."""
    took: list[float] = []
    with requests.Session() as http:
        while goes_on(len(took)) or len(took) < 50:
            http.headers["X-Forwarded-For"] = f"198.51.{len(took) % 250}.{len(took) // 250 % 250}"
            began = time.perf_counter()
            http.get(f"{address}/runs?near=London&n={time.time_ns()}", timeout=20).raise_for_status()
            took.append(time.perf_counter() - began)
            time.sleep(0.005)
    return statistics.quantiles(took, n=100)[98]


class _Node:
    """A fresh node that has joined `hq`, whose address is `url`."""

    def __init__(self, folder: Path, hq: HqMaker, url: str, port: int) -> None:
        folder.mkdir()
        values = {"BASE_URL": f"http://127.0.0.1:{port}", "NETWORK": "loopback", "PORT": str(port)}
        config.write(folder, values | {"TRUSTED_PROXIES": "1"})
        self.settings: Settings = config.load(folder, {})
        # As node.sync.__main__ opens it.
        self.engine = make_engine(self.settings.database, cache_kib=LARGE_CACHE_KIB)
        migrations.upgrade(self.engine)
        self.sessions = open_node(self.settings, self.engine).sessions
        self._reading = opened(self.settings)
        with self.sessions() as session:
            profile = ProfileInput("Leeds", "Leeds", "GB", "Europe/London")
            now = datetime.now(UTC)
            identity.create_chapter(session, self.settings, profile, SigningKey.generate(), SigningKey.generate(), now)
            with writing(session):
                registry.pin(session, url, hq.roots, hq.id, hq.roots[0].digest)

    def read(self) -> tuple[Report, float]:
        """One round, and the seconds it took."""
        began = time.perf_counter()
        report = Sync(self._reading).round()
        return report, time.perf_counter() - began

    def holds(self) -> tuple[int, int]:
        """(documents of others, listings)"""
        with self.sessions() as session:
            documents = session.scalar(select(func.count()).select_from(HeldDocument)) or 0
            return documents - 1, session.scalar(select(func.count()).select_from(HeldListing)) or 0

    def forget_cursors(self) -> None:
        """The next round reads all feeds from their start."""
        with self.sessions() as session, writing(session):
            session.execute(update(KnownPeer).values(cursor=""))

    def close(self) -> None:
        """Let go of the database."""
        self._reading.engine.dispose()
        self.engine.dispose()


def _verify(chapters: list[SignedChapter], threads: int) -> None:
    """The signatures of all roots and documents, and nothing else."""

    def heap(first: int) -> None:
        for one in chapters[first::threads]:
            root = json.loads(one.root.payload)
            open_sealed(one.root, "chapter-root", root["root_keys"], 1)
            open_sealed(one.document, "chapter", root["signing_keys"], 1)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(heap, range(threads)))


def _clocked(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


@contextmanager
def _started(*words: str, **environ: str) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", *words], env=os.environ | environ, stderr=subprocess.DEVNULL) as one:
        try:
            yield
        finally:
            one.terminate()
