"""Real node processes on loopback: a demo that tests and benchmarks control."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

PATIENCE = 60.0
#: A test asks for each page as another visitor, since one visitor's budget is small on purpose.
_BEHIND_A_PROXY = {"RTR_TRUSTED_PROXIES": "1"}


def free_port_base(count: int = 4) -> int:
    """The first of so many ports in a row that are free now."""
    for _ in range(100):
        base = random.randrange(20_000, 30_000)
        if all(_is_free(base + offset) for offset in range(count)):
            return base
    raise RuntimeError(f"no {count} free ports in a row")


def wait_until(condition: Callable[[], bool], what: str, patience: float = PATIENCE, pause: float = 0.05) -> float:
    """Wait until `condition` holds. How many seconds it took. AssertionError after `patience` seconds."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < patience, f"waited {patience:.0f} s for {what}"
        time.sleep(pause)
    return time.monotonic() - began


def rtr(folder: Path, *words: str, typed: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
    """`rtr --data folder words`, ended, with these variables beside the others'."""
    command = [sys.executable, "-m", "deploy.commands", "--data", str(folder), *words]
    env = os.environ | environ
    return subprocess.run(command, capture_output=True, text=True, check=False, input=typed, env=env)


class Demo:
    """A running `rtr demo`. Its nodes have names, and each can be stopped and started."""

    def __init__(self, folder: Path, nodes: int = 4) -> None:
        self.folder, self.port_base = folder, free_port_base(nodes)
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        command = [sys.executable, "-m", "deploy.commands", "demo", "--port-base", str(self.port_base)]
        command += ["--nodes", str(nodes)]
        self.process = subprocess.Popen(
            # A relative folder, as `make demo` gives it.
            [*command, "--dir", folder.name],
            cwd=folder.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | _BEHIND_A_PROXY,
        )
        self.said: list[str] = []
        self.converged = self._read_until("converged: ")

    def node(self, name: str) -> dict[str, Any]:
        """The row of demo.json: name, url, chapter, pid, signin_url."""
        return next(row for row in self._rows() if row["name"] == name)

    def names(self) -> list[str]:
        """The names of all nodes, HQ's first."""
        return [row["name"] for row in self._rows()]

    def url(self, name: str) -> str:
        """A node's address."""
        return str(self.node(name)["url"])

    def kill(self, name: str) -> None:
        """Kill a node's process (-9) and wait until it is gone."""
        started = self._started.pop(name, None)
        pid = started.pid if started else int((self.folder / name / "serve.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        if started:
            started.wait()
        wait_until(lambda: not self.answers(name), f"{name} to be gone")

    def start(self, name: str, **environ: str) -> None:
        """Start `rtr serve` for a node, with these settings, and wait until it answers."""
        command = [sys.executable, "-m", "deploy.commands", "--data", str(self.folder / name), "serve"]
        with (self.folder / name / "serve.log").open("ab") as log:
            settings = os.environ | _BEHIND_A_PROXY | environ
            self._started[name] = subprocess.Popen(command, stdout=log, stderr=log, env=settings)
        wait_until(lambda: self.answers(name), f"{name} to answer")

    def restart_all(self, **environ: str) -> None:
        """Kill and start every node, with these settings."""
        for name in self.names():
            self.kill(name)
            self.start(name, **environ)

    def page(self, name: str, path: str) -> str:
        """The HTML of a page, for a visitor whom the node has not seen before."""
        address = ".".join(str(random.randrange(1, 255)) for _ in range(4))
        return requests.get(self.url(name) + path, headers={"X-Forwarded-For": address}, timeout=10).text

    def answers(self, name: str) -> bool:
        """Whether the node's status can be read."""
        try:
            return requests.get(f"{self.url(name)}/fed/v1/status", timeout=2).ok
        except requests.RequestException:
            return False

    def command(self, name: str, *words: str) -> str:
        """What `rtr --data … words` prints."""
        done = rtr(self.folder / name, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        """Stop the demo as Ctrl-C does, and then the nodes that this object has started."""
        self.process.terminate()
        for process in self._started.values():
            process.terminate()
        for process in (self.process, *self._started.values()):
            process.wait(timeout=60)
        if self.process.stdout:
            self.process.stdout.close()

    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads((self.folder / "demo.json").read_text())["nodes"]
        return rows

    def _read_until(self, mark: str) -> str:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if line.startswith(mark):
                return line.rstrip()
        raise AssertionError("the demo ended: " + "\n".join(self.said))


@contextmanager
def demo(folder: Path, nodes: int = 4) -> Iterator[Demo]:
    """A demo. It is stopped at the end."""
    running = Demo(folder, nodes)
    try:
        yield running
    finally:
        running.stop()


class LeadBrowser:
    """A signed-in lead, with plain HTTP as a browser without JavaScript sends it."""

    def __init__(self, running: Demo, name: str) -> None:
        self.url = running.url(name)
        self._http = requests.Session()
        link = running.command(name, "signin-link").strip()
        assert self._http.post(link, headers={"Origin": self.url}, timeout=10).ok

    def get(self, path: str) -> str:
        """A page's HTML."""
        answer = self._http.get(self.url + path, timeout=10)
        answer.raise_for_status()
        return answer.text

    def post(self, path: str, **fields: str) -> requests.Response:
        """Send a form. Its redirect is not followed."""
        return self._http.post(
            self.url + path, data=fields, headers={"Origin": self.url}, timeout=10, allow_redirects=False
        )


def first_listing(running: Demo, name: str) -> tuple[str, str]:
    """(chapter id, listing id) of a run of that chapter, as Brisbane's node lists it."""
    chapter = str(running.node(name)["chapter"])
    match = re.search(rf"/runs/{chapter}/([a-z2-7]{{8}})", running.page("brisbane", "/runs"))
    assert match, "no listing on /runs"
    return chapter, match[1]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
