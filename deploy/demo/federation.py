"""Four real node processes on loopback: made, started, joined, watched and stopped."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from federation.envelope import read
from federation.feed import Block
from federation.invitation import Invitation
from federation.keys import SigningKey
from node import dates, leads, runs
from node.errors import NodeError
from node.hq import admissions, founding
from node.identity import create_chapter
from node.joining import join
from node.keys import write_key
from node.outbound import Outbound, Unreachable
from node.peers import Node, PeerRefused

from ..commands.folder import made, opened, utc_now
from ..commands.hq import write_root_keys
from . import claims
from .story import CHAPTERS, HQ, DemoChapter

_POLL_SECONDS = "2"
_PATIENCE_SECONDS = 60.0
_PAUSE = 0.1
_WATCH_EVERY = 2.0


@dataclass
class DemoNode:
    """One node of the demo. `chapter`: its id, None for HQ."""

    name: str
    folder: Path
    url: str
    chapter: str | None = None
    process: subprocess.Popen[bytes] | None = None
    signin_url: str | None = None


class Federation:
    """The demo's nodes; HQ listens on `port_base`, London, Peterborough and Brisbane on the next ports."""

    def __init__(self, folder: Path, port_base: int) -> None:
        self.folder = folder
        names = ["hq", *(chapter.key for chapter in CHAPTERS)]
        self.nodes = [
            DemoNode(name, folder / name, f"http://127.0.0.1:{port_base + offset}") for offset, name in enumerate(names)
        ]
        self._ports = range(port_base, port_base + len(names))
        self._wire = Outbound("loopback")

    def start(self) -> None:
        """Make all four, start them, and let HQ admit the chapters."""
        self._clear()
        invitations = self._make_hq()
        for node, chapter in zip(self.nodes[1:], CHAPTERS, strict=True):
            _make_chapter(node, chapter)
        for node in self.nodes:
            node.process = _serve(node)
        for node, invitation in zip(self.nodes[1:], invitations, strict=True):
            self._wait_for(node)
            self._wait_for(self.nodes[0])
            with opened(node.folder, {}) as folder:
                join(folder.sessions, folder.settings, self._wire, invitation, utc_now)
        self.write_state()

    def describe(self) -> Iterator[str]:
        """A line or two a node: its address, and a lead's way in."""
        for node in self.nodes:
            yield f"{node.name:13} {node.url}/"
            if node.signin_url:
                yield f"{'':13} a lead signs in: {node.signin_url}"

    def wait_until_converged(self) -> tuple[int, int]:
        """Wait until all nodes hold the same documents of all chapters: (nodes, listings)."""
        ends = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < ends:
            held = [self._held(node) for node in self.nodes]
            if len(held[0][0]) == len(CHAPTERS) and all(one == held[0] for one in held):
                return len(self.nodes), held[0][1]
            self._require_alive()
            time.sleep(_PAUSE)
        raise click.ClickException(f"the nodes did not converge within {_PATIENCE_SECONDS:.0f} s")

    def watch(self, say: Callable[[str], None]) -> None:
        """Keep demo.json and the sign-in links good until interrupted; say once if a node has stopped."""
        gone: set[str] = set()
        while True:
            time.sleep(_WATCH_EVERY)
            stopped = {node.name: node for node in self.nodes if _pid(node) is None}
            for name in stopped.keys() - gone:
                say(f"{name} has stopped; start it again with: rtr --data {stopped[name].folder} serve")
            gone = set(stopped)
            self.write_state()

    def write_state(self) -> None:
        """demo.json: where each node is, its process, and a sign-in link that still works."""
        for node in self.nodes[1:]:
            _renew_link(node)
        self._write_rows()

    def stop(self) -> None:
        """Stop every process that this demo started; then demo.json names none of them."""
        started = [node.process for node in self.nodes if node.process]
        running = [process for process in started if process.poll() is None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        # A demo that was refused has started nothing, and the folder is another's.
        if started:
            self._write_rows()

    def _write_rows(self) -> None:
        rows = [
            {
                "name": node.name,
                "url": node.url,
                "chapter": node.chapter,
                "pid": _pid(node),
                "signin_url": node.signin_url,
            }
            for node in self.nodes
        ]
        growing = self.folder / "demo.json.new"
        growing.write_text(json.dumps({"nodes": rows}, indent=2) + "\n")
        growing.replace(self.folder / "demo.json")

    def _clear(self) -> None:
        """Replace an earlier demo, once nothing runs there; any other folder with something in it is refused."""
        used = self.folder.exists() and any(self.folder.iterdir())
        if used and not (self.folder / "demo.json").exists():
            raise click.ClickException(f"{self.folder} holds something else than a demo: choose another --dir")
        claims.require_unserved(self.folder)
        claims.require_free_ports(self._ports)
        if used:
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "demo.json").write_text('{"nodes": []}\n')

    def _make_hq(self) -> list[Invitation]:
        hq = self.nodes[0]
        values = _settings(hq, "hq")
        with made(hq.folder, values) as folder, folder.sessions() as session:
            roots = founding.create_hq(session, folder.settings, HQ, utc_now())
            write_root_keys(self.folder / "hq-root-keys", roots)
            return [
                admissions.invite(session, folder.settings, chapter.profile.name, True, utc_now())
                for chapter in CHAPTERS
            ]

    def _wait_for(self, node: DemoNode) -> None:
        ends = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < ends:
            if self._answers(node):
                return
            self._require_alive()
            time.sleep(_PAUSE)
        raise click.ClickException(f"{node.name} does not answer at {node.url}")

    def _answers(self, node: DemoNode) -> bool:
        try:
            return self._wire.send("GET", node.url, "/fed/v1/status", cap=65_536).status == 200
        except Unreachable:
            return False

    def _held(self, node: DemoNode) -> tuple[frozenset[str], int]:
        """Digests of the documents that a node serves, and how many listings they hold."""
        try:
            block = Node(self._wire, node.url).changes("")
            status = json.loads(self._wire.send("GET", node.url, "/fed/v1/status", cap=65_536).body)
        except (Unreachable, PeerRefused):
            return frozenset(), 0
        return _documents(block), int(status["counts"]["listings"])

    def _require_alive(self) -> None:
        for node in self.nodes:
            if node.process and node.process.poll() is not None:
                raise click.ClickException(f"{node.name} could not start: see {node.folder / 'serve.log'}")


def _documents(block: Block | None) -> frozenset[str]:
    envelopes = [read(line) for line in block.envelopes] if block else []
    return frozenset(envelope.digest for envelope in envelopes if envelope.kind == "chapter")


def _settings(node: DemoNode, role: str) -> dict[str, str]:
    return {
        "BASE_URL": node.url,
        "ROLE": role,
        "NETWORK": "loopback",
        "PORT": node.url.rsplit(":", 1)[1],
        "POLL_SECONDS": _POLL_SECONDS,
    }


def _make_chapter(node: DemoNode, chapter: DemoChapter) -> None:
    root_key, signing = SigningKey.generate(), SigningKey.generate()
    now = utc_now()
    with made(node.folder, _settings(node, "chapter")) as folder, folder.sessions() as session:
        node.chapter = create_chapter(session, folder.settings, chapter.profile, signing, root_key, now).id
        write_key(node.folder.parent / f"{node.name}-root.key", root_key)
        leads.add(session, chapter.lead, now)
        run = runs.announce(session, folder.settings, chapter.next_run(now), None, now)
        dates.confirm(session, folder.settings, run.id, run.starts_on, now)


def _serve(node: DemoNode) -> subprocess.Popen[bytes]:
    with (node.folder / "serve.log").open("ab") as log:
        command = [sys.executable, "-m", "deploy.commands", "--data", str(node.folder), "serve"]
        # A session of its own: Ctrl-C is for the demo, which stops its nodes in order.
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603


def _pid(node: DemoNode) -> int | None:
    """The process that serves this folder, also if somebody started it again by hand; None if none does."""
    try:
        pid = int((node.folder / "serve.pid").read_text())
        Path(f"/proc/{pid}").stat()
    except (OSError, ValueError):
        return None
    return None if node.process and node.process.pid == pid and node.process.poll() is not None else pid


def _renew_link(node: DemoNode) -> None:
    now = utc_now()
    try:
        with opened(node.folder, {}) as folder, folder.sessions() as session:
            token = (node.signin_url or "").rsplit("/", 1)[-1]
            if leads.peek_link(session, token, now) is None:
                token = leads.make_link(session, leads.all_leads(session)[0].id, now)
                node.signin_url = f"{node.url}/signin/{token}"
    except (NodeError, click.ClickException):
        node.signin_url = None
