"""A real `rtr serve` that is told to stop: at once, and who asked already is answered."""

import fcntl
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy.orm import sessionmaker

from deploy import stopping
from node.database import make_engine, writing
from node.file_lock import is_held
from node.models import Hq

from ..node.test_jobs import silent_host
from ..support.processes import free_port_base, wait_until
from .commands.test_commands import loopback_node, rtr

pytestmark = pytest.mark.processes


@pytest.fixture
def port() -> int:
    return free_port_base()


@pytest.fixture
def data(tmp_path: Path, port: int) -> Path:
    """A chapter's folder on loopback that knows of no HQ."""
    return loopback_node(tmp_path, port)


@contextmanager
def serving(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`rtr serve`, which answers already."""
    command = [sys.executable, "-m", "deploy.commands", "--data", str(data), "serve"]
    with (data.parent / "serve.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_until(lambda: rtr(data, "health").exit_code == 0, "the node to answer")
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[bytes], within: float) -> int:
    """The status with which it ended within so many seconds."""
    return process.wait(timeout=within)


def test_a_request_under_way_is_answered_before_the_node_ends(data: Path, port: int) -> None:
    assert rtr(data, "lead", "add", "Sam").exit_code == 0
    link, address = rtr(data, "signin-link").output.strip(), ("127.0.0.1", port)
    head = f"POST {urlsplit(link).path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    with serving(data) as process, socket.create_connection(address, timeout=20) as tapping:
        tapping.sendall(head.encode())
        assert tapping.recv(1000).startswith(b"HTTP/1.1 100")
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not _listens(f"http://127.0.0.1:{port}"), "nobody new to be let in")
        tapping.sendall(b"a=b")
        assert tapping.recv(1000).startswith(b"HTTP/1.1 303")
        assert ended(process, 10) == 0


def _listens(url: str) -> bool:
    try:
        requests.get(url, timeout=0.5)
    except requests.ReadTimeout:
        return True  # a busy machine: it has let us in all the same
    except requests.ConnectionError:
        return False
    return True


def test_a_node_ends_at_once_though_hq_keeps_a_job_waiting(data: Path) -> None:
    engine = make_engine(data / "node.sqlite")
    with silent_host() as (url, came):
        with sessionmaker(engine)() as session, writing(session):
            session.add(Hq(row=1, id="a" * 24, url=url, root_digest="0" * 64))
        engine.dispose()
        with serving(data) as process:
            came.clear()
            assert came.wait(20)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert ended(process, 9) == 0
            assert time.monotonic() - began < stopping.SECONDS
    assert b"Traceback" not in (data.parent / "serve.log").read_bytes()


def test_a_second_signal_waits_for_nobody(data: Path, port: int) -> None:
    with serving(data) as process, socket.create_connection(("127.0.0.1", port), timeout=20) as tapping:
        tapping.sendall(b"POST /signin/x HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert tapping.recv(1000).startswith(b"HTTP/1.1 100")
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not _listens(f"http://127.0.0.1:{port}"), "nobody new to be let in")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert ended(process, 9) == 0
        assert time.monotonic() - began < stopping.SECONDS
    assert not (data / "serve.pid").exists()


#: Serves as `rtr serve` does, with an answer that takes longer than anybody waits; says so when somebody asks.
_WORKER_THAT_IS_BUSY = """
import os, signal, sys, time
from deploy import stopping
from deploy.listening import listening
from deploy.server import create_server

def app(environ, start_response):
    print("asked", flush=True)
    time.sleep(60)

def hurry():
    os.kill(os.getpid(), signal.SIGTERM)

stopping.SECONDS = float(sys.argv[2])
server = create_server(app, listening("127.0.0.1", int(sys.argv[1])))
if sys.argv[3:]:
    signal.signal(signal.SIGUSR1, lambda *_: server._doors[0].trigger.thunks.append(hurry))
print("serving", flush=True)
with stopping.stopped_gently(server, lambda: print("stopping", flush=True)):
    server.run()
"""


@contextmanager
def busy_worker(port: int, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _WORKER_THAT_IS_BUSY, str(port), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, ExitStack() as at_the_end:
        at_the_end.callback(process.kill)
        assert process.stdout
        assert process.stdout.readline() == "serving\n"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as asking:
            asking.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
            assert process.stdout.readline() == "asked\n"
            yield process


@pytest.mark.parametrize(("seconds", "signals"), [(0.5, 1), (60, 2)], ids=["patience is over", "a second signal"])
def test_a_worker_that_is_busy_is_left_behind(port: int, seconds: float, signals: int) -> None:
    with busy_worker(port, str(seconds)) as process:
        assert process.stdout
        began = time.monotonic()
        for _ in range(signals):
            process.send_signal(signal.SIGTERM)
            process.stdout.readline()
        assert ended(process, 20) == 0
        assert time.monotonic() - began < 3


def test_a_second_signal_is_heard_where_waitress_catches_every_exception(port: int) -> None:
    with busy_worker(port, "60", "in the loop") as process:
        assert process.stdout
        began = time.monotonic()
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "stopping\n"
        assert ended(process, 20) == 0
        assert time.monotonic() - began < 3


def test_whatever_waits_for_another_program_is_left_behind_at_a_second_signal(data: Path, port: int) -> None:
    assert rtr(data, "lead", "add", "Sam").exit_code == 0
    path = urlsplit(rtr(data, "signin-link").output.strip()).path
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    lock_file, address = data / "node.sqlite.lock", ("127.0.0.1", port)
    with lock_file.open("rb") as lock, serving(data) as process, socket.create_connection(address, 20) as tapping:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tapping.sendall(f"{head}Content-Length: 0\r\n\r\n".encode())
        wait_until(lambda: is_held(data / "node.sqlite.lock.turn"), "a tap, or a job, to wait for the lock")
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not _listens(f"http://127.0.0.1:{port}"), "nobody new to be let in")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert ended(process, 20) == 0
        assert time.monotonic() - began < 3
    assert b"the job" not in (data.parent / "serve.log").read_bytes()
