"""What a reader and a lead notice while strangers do their worst, by a real `rtr serve` with really signed documents.

`python -m tests.benchmarks attack --before FOLDER` also serves with the code in FOLDER, an older checkout, and puts
its figures beside ours. Whatever serves is filled and asked over HTTP and by its own commands alone.
"""

import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count
from pathlib import Path

import requests

from federation.envelope import Envelope

from ..support.federation_makers import ChapterMaker, listing, point, schedule
from ..support.processes import free_port_base, wait_until
from . import attackers
from .table import Row

#: Seconds of each scene; how long a reader or a lead waits at most.
_SCENE, _PATIENCE = 20, 10
_BETWEEN_PAGES = 0.05
_PLAIN_CHAPTERS = 6
_HERE = Path(__file__).parents[2]
_GOALS = {"page": 200, "tap": 500, "memory": 120, "log": 1}

#: Scene: what the attackers do in it.
_SCENES = {
    "quiet": "",
    "4 connections pipeline the feed, unread": "pipeline",
    "100 connections idle or slow": "stand",
    "a listed chapter drips its roots": "drip",
    # Last: each document that is taken in gets a new place in the feed, whose first block is then nearly empty.
    "12 addresses PUT heavy documents": "put",
}


@dataclass
class Asked:
    """What was asked for again and again: how long each took. A quick error is no answer: nobody is helped by it."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def note(self, began: float, ok: bool) -> None:
        """One that began then and is over now; what failed took as long as anybody waits."""
        self.seconds.append(time.monotonic() - began if ok else _PATIENCE)
        self.failed += not ok


@dataclass
class Seen:
    """What was noticed in one scene; MB, bytes."""

    pages: Asked = field(default_factory=Asked)
    taps: Asked = field(default_factory=Asked)
    memory: float = 0.0
    log: int = 0
    is_healthy: bool = True


def measure(before: Path | None = None) -> list[Row]:
    """Every scene with this code, and with that in `before`."""
    with tempfile.TemporaryDirectory() as folder:
        now = _run_all(Path(folder) / "now", _HERE)
        then = _run_all(Path(folder) / "then", before.resolve()) if before else {}
    return [row for scene, seen in now.items() for row in _rows(scene, seen, then.get(scene))]


def _run_all(folder: Path, code: Path) -> dict[str, Seen]:
    folder.mkdir()
    node = _Attacked(folder, code)
    return {scene: node.scene(kind) for scene, kind in _SCENES.items()}


def _rows(scene: str, now: Seen, then: Seen | None) -> list[Row]:
    def row(what: str, words: Callable[[Seen], str], figure: Callable[[Seen], float]) -> Row:
        unit = {"page": "p95 ms", "tap": "p95 ms", "memory": "MB", "log": "MB"}[what]
        ratio = figure(now) / figure(then) if then and figure(then) else None
        met = figure(now) <= _GOALS[what] and _serves(now)
        before = f"{words(then)} before" if then else ""
        return Row(f"{what}, {scene}", words(now), before, ratio, f"<= {_GOALS[what]} {unit}", met)

    return [
        row("page", lambda seen: _spread(seen.pages) + _health(seen), lambda seen: _p95(seen.pages)),
        row("tap", lambda seen: _spread(seen.taps), lambda seen: _p95(seen.taps)),
        row("memory", lambda seen: f"{seen.memory:.0f} MB", lambda seen: seen.memory),
        row("log", lambda seen: f"{seen.log / 1e6:.2f} MB", lambda seen: seen.log / 1e6),
    ]


def _serves(seen: Seen) -> bool:
    """Whether it did its work; the figures of one that did not, however small, are no good news."""
    return seen.is_healthy and not seen.pages.failed and not seen.taps.failed


def _health(seen: Seen) -> str:
    return "" if seen.is_healthy else ", rtr health: no"


def _spread(asked: Asked) -> str:
    if not asked.seconds:
        return "none"
    spread = f"{statistics.median(asked.seconds) * 1000:.0f}, {_p95(asked):.0f} ms, n={len(asked.seconds)}"
    return spread + (f", {asked.failed} failed" if asked.failed else "")


def _p95(asked: Asked) -> float:
    """In milliseconds; as long as anybody waits, where nobody asked."""
    return (sorted(asked.seconds)[int(len(asked.seconds) * 0.95)] if asked.seconds else _PATIENCE) * 1000


class _Attacked:
    """A chapter's folder, and the process that serves it with the code in `code`."""

    def __init__(self, folder: Path, code: Path) -> None:
        self._folder, self._code = folder / "node", code
        self.port, self._drips = free_port_base(), free_port_base()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environ = os.environ | {
            "PYTHONPATH": str(code),
            "RTR_TRUSTED_PROXIES": "1",
            "RTR_POLL_SECONDS": "0",
        }
        # Ours, if it was built: an older checkout has none.
        places = Path("node/data/places.sqlite")
        if not (code / places).exists():
            shutil.copy(_HERE / places, code / places)
        self._rtr(
            *("init", "--base-url", self.url, "--network", "loopback", "--port", str(self.port)),
            *_PROFILE,
            *("--root-key-file", str(folder / "root.key")),
        )
        self._rtr("lead", "add", "Ada")
        self._fill()

    def scene(self, kind: str) -> Seen:
        """Serve, attack, look."""
        seen = Seen()
        with self.serving(RTR_POLL_SECONDS="5" if kind == "drip" else "0") as (process, log):
            lead = _Lead(self)
            with _attack(kind, self._drips if kind == "drip" else self.port):
                # Until they are in full swing.
                time.sleep(3 if kind else 0)
                began, ends = log.stat().st_size, time.monotonic() + _SCENE
                looking = [threading.Thread(target=act, args=(seen, ends)) for act in (self._read, lead.tap)]
                for thread in looking:
                    thread.start()
                time.sleep(_SCENE / 2)
                seen.is_healthy = self._rtr("health", check=False).returncode == 0
                for thread in looking:
                    thread.join()
                seen.memory, seen.log = _most_memory(process), log.stat().st_size - began
        return seen

    def _read(self, seen: Seen, ends: float) -> None:
        """A page that is drawn, one that may be kept, and a run's: each as from somebody who was never here."""
        paths = ("/runs?near=London&n={0}", "/", "/runs?near=London&within=20&n={0}", "/chapters")
        for number in count():
            if time.monotonic() > ends:
                return
            began = time.monotonic()
            seen.pages.note(began, self._opens(paths[number % len(paths)].format(number), number))
            time.sleep(_BETWEEN_PAGES)

    def _opens(self, path: str, number: int) -> bool:
        headers = {"X-Forwarded-For": f"203.0.{number // 250 % 250}.{number % 250}"}
        try:
            return requests.get(self.url + path, headers=headers, timeout=_PATIENCE).ok
        except requests.RequestException:
            return False

    @contextmanager
    def serving(self, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """The process, and the file that its log goes to."""
        log = self._folder.parent / "serve.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                self._command("serve"), env=self._environ | settings, cwd=self._code, stdout=file, stderr=file
            )
        try:
            wait_until(lambda: _answers(self.port), "the node to answer")
            yield process, log
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
            process.kill()
            process.wait()

    def signin_link(self) -> str:
        """For the one lead there is."""
        return self._rtr("signin-link").stdout.strip()

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "deploy.commands", "--data", str(self._folder), *words]

    def _rtr(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(*words), env=self._environ, cwd=self._code, check=check, capture_output=True, text=True
        )

    def _fill(self) -> None:
        """HQ's list of chapters by hand, all else as anybody hands it in; then a run of our own."""
        now = datetime.now(UTC).replace(microsecond=0)
        plain = [attackers.LocalChapter(f"plain {number}", 10_000 + number) for number in range(_PLAIN_CHAPTERS)]
        full = [attackers.heavy(number) for number in range(attackers.ADDRESSES)]
        slow = attackers.dripping(self._drips)
        chapters = [*plain, *full, slow]
        self._list(chapters, slow.id)
        documents = [_document(one, now) for one in plain]
        documents += [one.document(now - timedelta(hours=7), listings=attackers.heavy_listings(now)) for one in full]
        with self.serving():
            for number, chapter in enumerate(chapters):
                self._hand_in(number, f"/chapters/{chapter.id}/root/1", chapter.roots[0].to_bytes())
            for number, (chapter, document) in enumerate(zip(chapters, documents, strict=False)):
                self._hand_in(number, f"/documents/{chapter.id}", document.to_bytes())
            _Lead(self).announce(now)

    def _hand_in(self, number: int, path: str, body: bytes) -> None:
        status = attackers.hand_in(self.port, 100 + number, path, body)
        assert status in (201, 204), f"{path}: {status}"

    def _list(self, chapters: list[ChapterMaker], slow: str) -> None:
        rows = [
            (one.id, attackers.DRIPPED_ROOTS if one.id == slow else 1, one.roots[0].digest, "active", 1_750_000_000)
            for one in chapters
        ]
        with sqlite3.connect(self._folder / "node.sqlite") as connection:
            connection.executemany(_LISTED, rows)
        connection.close()


_LISTED = "INSERT INTO registry_chapter (chapter, root_version, root_digest, status, since) VALUES (?, ?, ?, ?, ?)"
_PROFILE = ("--name", "London", "--place", "London", "--country", "GB", "--timezone", "Europe/London")


def _document(chapter: attackers.LocalChapter, now: datetime) -> Envelope:
    first = now.date() + timedelta(days=2)
    rule = f"FREQ=WEEKLY;INTERVAL=1;BYDAY={first:%a}"[:-1].upper()
    when = schedule(dtstart=f"{first.isoformat()}T18:30", rrule=rule)
    where = point(lat_e4=515101 + 300 * (chapter.port % 100))
    return chapter.document(now, listings=[listing(schedule=when, meeting_point=where)])


class _Lead:
    """A signed-in lead, who presses the buttons that the board shows."""

    def __init__(self, node: _Attacked) -> None:
        self._url, self._http = node.url, requests.Session()
        self._http.headers["X-Forwarded-For"] = "192.0.2.1"
        answer = self._http.post(node.signin_link(), headers={"Origin": self._url}, timeout=_PATIENCE)
        assert answer.ok, answer.status_code

    def announce(self, now: datetime) -> None:
        """One weekly run, from in two days on."""
        page = self._http.get(f"{self._url}/lead/runs/new", timeout=_PATIENCE).text
        form_id = re.search(r'name="form_id"[^>]* value="([^"]*)"', page)
        assert form_id
        typed = _RUN | {"starts_on": str(now.date() + timedelta(days=2)), "form_id": form_id[1]}
        answer = self._post("/lead/runs/new", typed)
        assert answer.status_code == 303, re.findall(r'class="wrong"[^>]*>[^<]*', answer.text)

    def tap(self, seen: Seen, ends: float) -> None:
        """Confirm a date and take it back, in turn."""
        for verb in (verb for _ in count() for verb in ("confirm", "undo")):
            if time.monotonic() > ends:
                return
            began, ok = time.monotonic(), False
            with suppress(requests.RequestException, LookupError):
                page = self._http.get(f"{self._url}/lead", timeout=_PATIENCE).text
                action, fields = _form(page, verb)
                began = time.monotonic()
                ok = self._post(action, fields).status_code == 303
            seen.taps.note(began, ok)
            # So slowly that no tap meets the lead's own budget (web.http.limits).
            time.sleep(0.7)

    def _post(self, path: str, fields: dict[str, str]) -> requests.Response:
        headers = {"Origin": self._url}
        return self._http.post(self._url + path, fields, headers=headers, timeout=_PATIENCE, allow_redirects=False)


_RUN = {
    "name": "Thursday evening run",
    "kind": "run-walk",
    "repeats": "weekly",
    "starts_at": "18:30",
    "timezone": "Europe/London",
    "arrive_minutes_before": "10",
    "duration_minutes": "60",
    "distance": "5",
    "point_name": "The Monument",
    "address": "Fish Street Hill",
    "directions": "At the foot of the column.",
    "point": "51.5101, -0.0860",
    "lead_id": "",
}


def _form(page: str, verb: str) -> tuple[str, dict[str, str]]:
    """Where the first button `verb` of a date sends to, and what goes with it."""
    form = re.search(rf'<form [^>]*action="(/lead/runs/\w+/dates/[^"]*/{verb})"[^>]*>(.*?)</form>', page, re.S)
    if form is None:
        raise LookupError(verb)
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[2])
    return form[1], {name: unescape(value) for name, value in hidden}


@contextmanager
def _attack(kind: str, port: int) -> Iterator[None]:
    if not kind:
        yield
        return
    words = [sys.executable, "-m", "tests.benchmarks.attackers", kind, str(_SCENE + 5), str(port)]
    process = subprocess.Popen(words, cwd=_HERE, stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _most_memory(process: subprocess.Popen[bytes]) -> float:
    """The most that it ever took (MB)."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    assert match
    return int(match[1]) / 1024


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(f"GET /fed/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        return connection.recv(20).startswith(b"HTTP/1.1 200")
    return False
