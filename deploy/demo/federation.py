"""Real node processes on loopback: made, started, joined, watched and stopped."""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import click

from federation import BASE_PATH
from federation.invitation import Invitation
from node.sync.joining import join
from node.wire.outbound import Answer, Outbound, Unreachable

from ..commands.folder import opened
from . import requirements
from .nodes import DemoNode
from .paper import list_paper_chapters
from .story import CHAPTERS, DemoChapter

_PATIENCE_SECONDS = 60.0
#: The nodes share the machine until all hold the same, so more of them take longer.
_PATIENCE_A_NODE = 10.0
_PAUSE = 0.1
_WATCH_EVERY = 2.0

Say = Callable[[str], None]


class Federation:
    """The demo's nodes. HQ listens on `port_base`, the chapters on the next ports.

    `paper`: so many more chapters are signed documents only, for which HQ's node answers.
    """

    def __init__(
        self, folder: Path, port_base: int, chapters: tuple[DemoChapter, ...] = CHAPTERS, paper: int = 0
    ) -> None:
        self.folder, self._chapters, self._paper = folder, chapters, paper
        names = ["hq", *(chapter.key for chapter in chapters)]
        poll = poll_seconds(len(names), paper)
        self.nodes = [
            DemoNode(name, folder / name, f"http://127.0.0.1:{port_base + offset}", poll)
            for offset, name in enumerate(names)
        ]
        self._ports = range(port_base, port_base + len(names))
        self._wire = Outbound("loopback")
        self._making = threading.Lock()
        self._patience = _PATIENCE_SECONDS + _PATIENCE_A_NODE * len(names)

    @property
    def hq(self) -> DemoNode:
        """The seed node."""
        return self.nodes[0]

    def start(self, say: Say) -> None:
        """Make all nodes, start them, and let the chapters join: as many at once as the machine has processors."""
        self._clear()
        invitations = self._make_hq(say)
        self.hq.serve()
        self._wait_for(self.hq)
        work = zip(self.nodes[1:], self._chapters, invitations, strict=True)
        pool = ThreadPoolExecutor(os.cpu_count() or 1)
        try:
            begun = [pool.submit(self._bring_in, *one) for one in work]
            for done, one in enumerate(begun, 2):
                say(f"{one.result()} is in: {done} of {len(self.nodes)} nodes")
        finally:
            # Once somebody has interrupted, and nodes are being stopped, no other may be started.
            pool.shutdown(cancel_futures=True)
        self.write_state()

    def describe(self) -> Iterator[str]:
        """One or two lines for each node: its address, and a lead's sign-in link."""
        for node in self.nodes:
            yield f"{node.name:13} {node.url}/"
            if node.signin_url:
                yield f"{'':13} a lead signs in: {node.signin_url}"
        yield f"{'letters':13} {self.hq.letters.parent}{os.sep}: each letter that a node would mail is a file there"

    def wait_until_converged(self) -> tuple[int, int]:
        """Wait until all nodes hold the same documents of all chapters. How many nodes and listings there are."""
        ends = time.monotonic() + self._patience
        chapters = len(self._chapters) + self._paper
        while time.monotonic() < ends:
            held = self.hq.read_on(self._wire)
            if len(held) == chapters and all(node.read_on(self._wire) == held for node in self.nodes[1:]):
                return len(self.nodes), int(json.loads(self._status(self.hq).body)["counts"]["listings"])
            for node in self.nodes:
                node.require_alive()
            time.sleep(_PAUSE)
        raise click.ClickException(f"the nodes did not converge within {self._patience:.0f} s")

    def memory(self) -> int:
        """Bytes of memory of all nodes' processes together."""
        return sum(node.memory() for node in self.nodes)

    def watch(self, say: Say) -> None:
        """Keep demo.json and the sign-in links good until interrupted. Say once if a node has stopped."""
        gone: set[str] = set()
        while True:
            time.sleep(_WATCH_EVERY)
            stopped = {node.name: node for node in self.nodes if node.pid() is None}
            for name in stopped.keys() - gone:
                say(f"{name} has stopped; start it again with: rtr --data {stopped[name].folder} serve")
            gone = set(stopped)
            self.write_state()

    def write_state(self) -> None:
        """Write demo.json: each node's address, its process, and a sign-in link that still works."""
        for node in self.nodes[1:]:
            node.renew_link()
        self._write_rows(self.nodes)

    def stop(self) -> None:
        """Stop every process that this demo started, and write a demo.json that names none of them."""
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
        # A demo that was refused has started nothing, and the folder is that of another demo.
        if started:
            self._write_rows(self.nodes)

    def _write_rows(self, nodes: list[DemoNode]) -> None:
        """Write demo.json whole or not at all. Only its owner may ever read it: its links sign anybody in."""
        named = ("name", "url", "chapter", "signin_url")
        rows = [{name: getattr(node, name) for name in named} | {"pid": node.pid()} for node in nodes]
        growing = self.folder / "demo.json.new"
        growing.unlink(missing_ok=True)
        growing.touch(mode=0o600, exist_ok=False)
        growing.write_text(json.dumps({"nodes": rows}, indent=2) + "\n")
        growing.replace(self.folder / "demo.json")

    def _clear(self) -> None:
        """Delete an earlier demo if nothing of it runs. Raise ClickException for any other folder that is not empty."""
        used = self.folder.exists() and any(self.folder.iterdir())
        if used and not (self.folder / "demo.json").exists():
            raise click.ClickException(f"{self.folder} holds something else than a demo: choose another --dir")
        requirements.require_unserved(self.folder)
        requirements.require_free_ports(self._ports)
        if used:
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._write_rows([])

    def _make_hq(self, say: Say) -> list[Invitation]:
        invitations = self.hq.make_hq(self._chapters)
        if self._paper:
            began = time.monotonic()
            listings = list_paper_chapters(self.hq, self._paper)
            took = time.monotonic() - began
            say(f"{self._paper:,} chapters on paper, {listings:,} listings, signed and listed in {took:.1f} s")
        return invitations

    def _bring_in(self, node: DemoNode, chapter: DemoChapter, invitation: Invitation) -> str:
        """Make one chapter's node, start it and let it join. Its name."""
        with self._making:  # Alembic works on one database of a process at a time
            node.make_chapter(chapter)
        node.serve()
        self._wait_for(node)
        with opened(node.folder, {}) as handle:
            join(handle, invitation)
        return node.name

    def _wait_for(self, node: DemoNode) -> None:
        ends = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < ends:
            with suppress(Unreachable):
                if self._status(node).status == 200:
                    return
            node.require_alive()
            time.sleep(_PAUSE)
        raise click.ClickException(f"{node.name} does not answer at {node.url}")

    def _status(self, node: DemoNode) -> Answer:
        return self._wire.send("GET", node.url, f"{BASE_PATH}/status", cap=65_536)


def poll_seconds(nodes: int, paper: int = 0) -> int:
    """Seconds between two rounds of each node. All nodes of the machine together ask about five times a second.

    With many chapters on paper a node asks less often: having heard from HQ, it notes that for each of them.
    """
    return max(2, nodes // 5, paper // 1000)
