"""`rtr demo`: it never destroys what runs, and leaves nothing running."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from deploy.demo.federation import Federation

from ...support.processes import Demo, free_port_base, wait_until


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The folder of a demo that has ended."""
    folder = tmp_path / "demo"
    (folder / "london").mkdir(parents=True)
    (folder / "demo.json").write_text('{"nodes": []}')
    (folder / "london" / "serve.lock").touch()
    (folder / "london" / "serve.pid").write_text("1\n")
    return folder


@pytest.mark.parametrize("offset", range(4))
def test_a_port_in_use_is_refused_and_the_folder_stays(earlier: Path, offset: int) -> None:
    base = free_port_base()
    refusal = pytest.raises(click.ClickException, match=f"port {base + offset} is in use: stop .* --port-base")
    with socket.create_server(("127.0.0.1", base + offset)), refusal:
        Federation(earlier, base).start(print)
    assert (earlier / "london").exists()


def test_a_folder_that_is_being_served_is_refused_and_stays(earlier: Path) -> None:
    with (earlier / "london" / "serve.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(click.ClickException, match=r"process 1 serves .*london: stop it"):
            Federation(earlier, free_port_base()).start(print)
    assert (earlier / "london").exists()


def test_a_process_number_that_another_program_has_by_now_is_no_hindrance(earlier: Path) -> None:
    federation = Federation(earlier, free_port_base())
    federation._clear()
    assert [path.name for path in earlier.iterdir()] == ["demo.json"]


def test_links_that_let_somebody_in_are_their_owners_alone(earlier: Path) -> None:
    """Whatever the terminal's umask is, and whoever could read the earlier demo's."""
    (earlier / "demo.json.new").touch(mode=0o644)
    umask = os.umask(0)
    try:
        federation = Federation(earlier, free_port_base())
        federation._clear()
        begun = (earlier / "demo.json").stat().st_mode & 0o777
        federation.write_state()
    finally:
        os.umask(umask)
    assert (begun, (earlier / "demo.json").stat().st_mode & 0o777) == (0o600, 0o600)
    assert earlier.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_holds_something_else_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(click.ClickException, match="something else than a demo"):
        Federation(tmp_path, free_port_base()).start(print)
    assert (tmp_path / "thesis.txt").exists()


def test_a_demo_that_was_refused_leaves_the_others_demo_json_alone(earlier: Path) -> None:
    federation = Federation(earlier, free_port_base())
    federation.stop()
    assert (earlier / "demo.json").read_text() == '{"nodes": []}'


def rows(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "demo.json").read_text())["nodes"]
    return found


@pytest.fixture
def terminal() -> Iterator[None]:
    """What is started hears a hang-up, though whoever started the tests may ignore it: a child inherits that."""
    former = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, former)


@pytest.mark.processes
@pytest.mark.usefixtures("terminal")
def test_a_second_demo_in_one_folder_is_refused_and_a_hang_up_ends_the_first(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    try:
        second = second_demo(demo)
        assert (second.returncode, second.stderr.count("\n")) == (1, 1)
        pids = [row["pid"] for row in rows(demo.folder)]
        assert all(Path(f"/proc/{pid}").exists() for pid in pids)
        demo.process.send_signal(signal.SIGHUP)
        wait_until(lambda: demo.process.poll() is not None, "the demo to end")
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
        assert [row["pid"] for row in rows(demo.folder)] == [None] * 4
    finally:
        demo.stop()


def second_demo(demo: Demo) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.commands", "demo", "--port-base", str(free_port_base())]
    return subprocess.run(
        [*command, "--dir", str(demo.folder)], capture_output=True, text=True, timeout=60, check=False
    )
