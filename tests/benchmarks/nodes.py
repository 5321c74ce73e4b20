"""A chapter's node for benchmarks: its folder filled with really signed chapters, and a real process that serves it."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.encodings import from_instant
from node.chapter import runs
from node.config import Settings
from node.database import make_engine, writing
from node.directory import held
from node.directory.chapters import own_id
from node.handle import open_node
from node.members import telling
from node.models import Coming, RegistryChapter

from ..support.federation_makers import ChapterMaker, Members, listing, point, schedule
from ..support.network import a_run
from ..support.processes import free_port_base

RUNS_EACH = 3
#: With three runs each, weekly: more dates around London than one search page shows.
NEAR_LONDON = 6
_LONDON = (51.51, -0.09)
_A_LOCK = 200


class Served:
    """A running `rtr serve`. Its run dates lie two days ahead: no page of it asks another node."""

    def __init__(self, folder: Path, chapters: int = NEAR_LONDON) -> None:
        self.port = free_port_base()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder / "node"
        self._rtr("init", *self._profile(), "--root-key-file", str(folder / "root.key"))
        self.settings = Settings(data=self.folder, base_url=self.url, network="loopback", port=self.port)
        fill(self.settings, chapters)

    def start(self) -> float:
        """Seconds from the start of the process to its first answer."""
        environ = os.environ | {"RTR_TRUSTED_PROXIES": "1", "RTR_POLL_SECONDS": "0", "RTR_LOG_LEVEL": "ERROR"}
        began = time.monotonic()
        self.process = self._begin([*self._command(), "serve"], environ)
        while not _answers(self.port):
            assert time.monotonic() - began < 60, "the node does not answer"
        return time.monotonic() - began

    def start_and_stop(self) -> float:
        """Seconds from the start of the process to its first answer."""
        took = self.start()
        self.stop()
        return took

    def stop(self) -> None:
        """As the operator does it."""
        self.process.terminate()
        self.process.wait(timeout=20)

    def _begin(self, command: list[str], environ: dict[str, str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "deploy.commands", "--data", str(self.folder)]

    def _rtr(self, *words: str) -> None:
        subprocess.run([*self._command(), *words], check=True, capture_output=True)

    def _profile(self) -> list[str]:
        words = ["--base-url", self.url, "--name", "London", "--place", "London", "--country", "GB"]
        return [*words, "--timezone", "Europe/London", "--network", "loopback", "--port", str(self.port)]


def form_of_a_run(node: Served) -> str:
    """Announce a run. The address of its form "I'm coming" for the date that is a week ahead."""
    day = (datetime.now(UTC) + timedelta(days=7)).date()
    handle = open_node(node.settings, make_engine(node.settings.database), telling.tell)
    with handle.sessions() as session:
        run = runs.announce(session, node.settings, a_run(starts_on=day), None, handle.clock())
        return f"/runs/{own_id(session)}/{run.id}/coming?date={day}"


def count_comers(node: Served) -> int:
    """How many people have said that they come."""
    handle = open_node(node.settings, make_engine(node.settings.database))
    with handle.sessions() as session:
        return session.scalar(select(func.count()).select_from(Coming)) or 0


@contextmanager
def served(folder: Path, chapters: int = NEAR_LONDON) -> Iterator[Served]:
    """A node that is stopped at the end."""
    node = Served(folder, chapters)
    node.start()
    try:
        yield node
    finally:
        node.stop()


def fill(settings: Settings, chapters: int, first: int = 0) -> None:
    """Take signed roots and documents in, as from anybody: the first few around London, the others anywhere."""
    engine, now = make_engine(settings.database), datetime.now(UTC).replace(microsecond=0)
    chance = random.Random(3)
    for start in range(first, chapters, _A_LOCK):
        with Session(engine) as session, writing(session):
            for number in range(start, min(chapters, start + _A_LOCK)):
                _take(session, settings, _Chapter(number), chance, now)
    engine.dispose()


class _Chapter(ChapterMaker):
    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"chapter {number}")

    def root_members(self, version: int = 1, **changes: object) -> Members:
        """Nobody listens there, and nobody asks."""
        return super().root_members(version, base_url=f"http://127.0.0.1:{10_000 + self.number}", **changes)


def _take(session: Session, settings: Settings, made: _Chapter, chance: random.Random, now: datetime) -> None:
    entry = made.entry()
    session.add(
        RegistryChapter(
            chapter=made.id,
            root_version=1,
            root_digest=entry["root_digest"],
            status="active",
            since=from_instant(entry["since"]),
        )
    )
    session.flush()
    held.receive(session, settings, made.roots[0], now, made.id)
    lat, lon = _LONDON if made.number < NEAR_LONDON else (chance.uniform(-45, 50), chance.uniform(-170, 170))
    runs = [
        _run(number, lat + chance.uniform(-0.2, 0.2), lon + chance.uniform(-0.2, 0.2), now)
        for number in range(RUNS_EACH)
    ]
    held.receive(session, settings, made.document(now, listings=runs), now, made.id)


def _run(number: int, lat: float, lon: float, now: datetime) -> Members:
    first = now.date() + timedelta(days=2 + number)
    starts = f"{first.isoformat()}T{18 + number}:30"
    return listing(
        id=f"evening{'abc'[number]}",
        name=f"{first:%A} evening run by the river",
        schedule=schedule(dtstart=starts, rrule=f"FREQ=WEEKLY;INTERVAL=1;BYDAY={first:%a}"[:-1].upper()),
        facilities=["toilets", "lit"],
        meeting_point=point(lat_e4=round(lat * 10_000), lon_e4=round(lon * 10_000)),
    )


def _answers(port: int) -> bool:
    import socket

    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(f"GET /fed/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            return connection.recv(20).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
