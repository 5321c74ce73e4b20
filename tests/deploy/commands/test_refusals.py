"""Whatever is wrong with a node's folder, every command says it in one line with the way out, and changes nothing."""

import errno
import gzip
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import OperationalError

from deploy.commands import main, refusals
from node import migrations
from node.jobs import only_here
from node.migrations import copies

from ...support.network import free_ports
from ...support.processes import wait_until
from .test_commands import loopback_node

COMMANDS = ["migrate", "health", "lead list", "lead add Eve", "signin-link", "sync", "join rtr1.x", "hq list"]


def rtr(data: Path, words: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), *words.split()])


def serve(data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.commands", "--data", str(data), "serve"]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A chapter's folder with a lead, on a free port."""
    made = loopback_node(tmp_path, free_ports(1)[0])
    assert rtr(made, "lead add Ada").exit_code == 0
    return made


def port_of(data: Path) -> int:
    return int((data / "settings.env").read_text().partition("RTR_PORT=")[2].split()[0])


def execute(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / "node.sqlite")) as connection, connection:
        connection.execute(statement)


def without_database(data: Path) -> None:
    for path in data.glob("node.sqlite*"):
        path.unlink()


def emptied(data: Path) -> None:
    without_database(data)
    (data / "node.sqlite").touch()


def without_rows(data: Path) -> None:
    execute(data, "DELETE FROM chapter")


def without_tables(data: Path) -> None:
    emptied(data)
    execute(data, "CREATE TABLE other (x)")


def noise(data: Path) -> None:
    without_database(data)
    (data / "node.sqlite").write_bytes(bytes(range(1, 256)) * 100)


def damaged(data: Path) -> None:
    """Every page but the first two begins with nonsense."""
    path = data / "node.sqlite"
    content = bytearray(path.read_bytes())
    for page in range(8192, len(content), 4096):
        content[page : page + 64] = b"\xff" * 64
    without_database(data)
    path.write_bytes(content)


def newer(data: Path) -> None:
    execute(data, "UPDATE alembic_version SET version_num = '9000'")


GONE = "is gone or empty, and nothing of the chapter is in it: move the folder away, and put your newest backup back"
DAMAGED = "is damaged: stop the node, move the folder away, put your newest backup back (`rtr restore`)"
NEWER = "a newer program has upgraded it. Run that newer program, or put a copy from before"
FAULTS = {
    without_database: GONE,
    emptied: GONE,
    without_rows: GONE,
    without_tables: GONE,
    noise: DAMAGED,
    damaged: DAMAGED,
    newer: NEWER,
}


def is_one_line(result: Result, said: str) -> bool:
    is_refusal = isinstance(result.exception, SystemExit) and result.exit_code == 1 and not result.stdout
    return is_refusal and said in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_every_command_refuses_a_broken_database_in_a_line(
    data: Path, words: str, fault: Callable[[Path], None]
) -> None:
    fault(data)
    result = rtr(data, words)
    # Health asks whatever serves the newer database: that nothing does is what is wrong, as far as it can see.
    said = "does not answer well (not at all)" if (fault, words) == (newer, "health") else FAULTS[fault]
    assert is_one_line(result, said), result.output


def test_an_empty_database_is_not_made_into_a_healthy_empty_node(data: Path) -> None:
    emptied(data)
    rtr(data, "migrate")
    assert (data / "node.sqlite").read_bytes() == b""


@pytest.mark.processes
@pytest.mark.parametrize("fault", [emptied, damaged, newer], ids=lambda fault: fault.__name__)
def test_serve_refuses_a_broken_database_in_a_line(data: Path, fault: Callable[[Path], None]) -> None:
    fault(data)
    done = serve(data)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert FAULTS[fault] in done.stderr


def test_an_older_database_is_refused_with_the_way_out(data: Path) -> None:
    execute(data, "UPDATE alembic_version SET version_num = '0007'")
    assert is_one_line(rtr(data, "lead list"), f"is of an older version: run `rtr --data {data} migrate`")


def put_older(data: Path) -> None:
    without_database(data)
    kept = Path(__file__).parents[2] / "former" / "0002-chapter.sqlite.gz"
    (data / "node.sqlite").write_bytes(gzip.decompress(kept.read_bytes()))


def test_migrate_says_where_the_copy_is(data: Path) -> None:
    put_older(data)
    result = rtr(data, "migrate")
    copy = copies.all_of(data / "node.sqlite")[0].absolute()
    assert result.output == f"a copy from before is {copy}\ndatabase: 0002 -> {migrations.newest()}\n"
    assert rtr(data, "lead list").output == "1 Ada\n2 Priya\n"


@pytest.mark.processes
def test_serve_makes_a_copy_before_it_brings_an_older_database_to_its_version(data: Path) -> None:
    put_older(data)
    command = [sys.executable, "-m", "deploy.commands", "--data", str(data), "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            said = process.stdout.readline()
            # Of another chapter, which is no matter here.
            wait_until(lambda: (data / "serve.pid").exists(), "the node to serve")
        finally:
            process.terminate()
    assert said == f"a copy from before is {copies.all_of(data / 'node.sqlite')[0].absolute()}\n"
    assert version_of(data) == migrations.newest()


def version_of(data: Path) -> str:
    with closing(sqlite3.connect(data / "node.sqlite")) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@contextmanager
def key_missing(data: Path) -> Iterator[str]:
    (data / "keys/signing.key").unlink()
    yield "signing.key cannot be read"


@contextmanager
def port_in_use(data: Path) -> Iterator[str]:
    port = port_of(data)
    with socket.create_server(("127.0.0.1", port)):
        yield f"port {port} is in use"


@contextmanager
def page_damaged(data: Path) -> Iterator[str]:
    """The last page, which no question of a start's own reads, begins with nonsense."""
    path = data / "node.sqlite"
    path.write_bytes(path.read_bytes()[:-4096] + b"\xff" * 4096)
    yield DAMAGED


@pytest.mark.processes
@pytest.mark.parametrize("trouble", [key_missing, port_in_use, page_damaged], ids=lambda trouble: trouble.__name__)
def test_a_refused_start_upgrades_nothing_and_makes_no_copy(
    data: Path, trouble: Callable[[Path], AbstractContextManager[str]]
) -> None:
    put_older(data)
    with trouble(data) as said:
        done = serve(data)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert said in done.stderr
    assert version_of(data) == "0002"
    assert copies.all_of(data / "node.sqlite") == []


def test_migrate_has_nothing_to_do_where_no_node_is_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTR_BASE_URL", "https://london.example.org")
    result = rtr(tmp_path / "node", "migrate")
    assert (result.exit_code, result.output) == (0, f"there is no node in {tmp_path / 'node'} yet\n")


def test_migrate_leaves_a_node_alone_that_serves_and_is_of_this_version(data: Path) -> None:
    from node import config

    with only_here(config.load(data, {})):
        assert rtr(data, "migrate").exit_code == 0


def test_nothing_is_upgraded_under_a_program_that_serves(data: Path) -> None:
    put_older(data)
    from node import config

    with only_here(config.load(data, {})):
        assert is_one_line(rtr(data, "migrate"), "another `rtr serve` already works on")
    assert copies.all_of(data / "node.sqlite") == []


@contextmanager
def as_somebody_else(folder: Path) -> Iterator[None]:
    """No right to write there: root becomes nobody for a while, anybody else takes the right away."""
    is_root, kept = os.geteuid() == 0, folder.stat().st_mode
    if is_root:
        os.seteuid(65534)
    else:
        folder.chmod(0o500)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        else:
            folder.chmod(kept)


@pytest.mark.parametrize("words", [word for word in COMMANDS if word != "health"])
def test_a_folder_that_belongs_to_somebody_else_is_said_in_a_line(data: Path, words: str) -> None:
    rtr(data, words)  # what it needs is imported
    with as_somebody_else(data):
        result = rtr(data, words)
    said = f"chown -R 65534 {data}" if os.geteuid() == 0 else f"{data} cannot be written: make the folder writable"
    assert is_one_line(result, said), result.output


def sqlite_error(statement: str, *before: str) -> sqlite3.Error:
    with closing(sqlite3.connect(":memory:")) as connection:
        for line in ("CREATE TABLE t (x)", *before):
            connection.execute(line)
        with pytest.raises(sqlite3.Error) as caught:
            connection.execute(statement)
    return caught.value


FULL = sqlite_error("INSERT INTO t VALUES (randomblob(90000))", "PRAGMA max_page_count = 2")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FULL, "is full: free some space"),
        (OperationalError("INSERT", {}, FULL), "is full: free some space"),
        (OSError(errno.ENOSPC, "No space left on device"), "is full: free some space"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "is full: free some space"),
        (OSError(errno.EIO, "Input/output error"), "fails: save a copy of the folder elsewhere"),
        (OSError(errno.EROFS, "Read-only file system"), "cannot be written: make the folder writable, or mount it so"),
        (OSError(errno.EISDIR, "Is a directory", "keys"), "keys: Is a directory"),
    ],
    ids=["sqlite full", "in SQLAlchemy's", "full", "quota", "disk fails", "read-only", "other"],
)
def test_what_the_machine_gets_wrong_is_a_line(tmp_path: Path, error: Exception, said: str) -> None:
    found = refusals.words(error, tmp_path)
    assert found is not None
    assert said in found
    assert "\n" not in found


def test_what_sqlite_calls_a_failing_disk_may_be_a_full_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = os.statvfs_result((4096, 4096, 1000, 0, 0, 100, 50, 50, 0, 255))
    monkeypatch.setattr("deploy.commands.refusals.os.statvfs", lambda _: full)
    assert "is full" in str(refusals.words(OSError(errno.EIO, "Input/output error"), tmp_path))


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), sqlite_error("SELECT y FROM t"), BrokenPipeError(32)]
)
def test_a_fault_of_ours_keeps_its_traceback(tmp_path: Path, error: Exception) -> None:
    assert refusals.words(error, tmp_path) is None


def test_a_database_that_an_older_version_left_open_to_all_is_closed(data: Path) -> None:
    (data / "node.sqlite").chmod(0o644)
    rtr(data, "lead list")
    assert (data / "node.sqlite").stat().st_mode & 0o777 == 0o600


def test_whatever_a_command_writes_is_its_owners_alone(data: Path) -> None:
    files = [path for path in data.rglob("*") if path.is_file()]
    assert (data / "node.sqlite") in files
    assert [path for path in [data, *files] if path.stat().st_mode & 0o077] == []


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>Hello</h1>")

    def log_message(self, *_: object) -> None:
        return


def test_another_program_at_its_port_is_not_a_healthy_node(data: Path) -> None:
    port = port_of(data)
    with HTTPServer(("127.0.0.1", port), Page) as server:
        Thread(target=server.handle_request, daemon=True).start()
        assert is_one_line(rtr(data, "health"), f"what answers on port {port} is not the node in {data}")


def test_a_node_that_cannot_sign_is_not_healthy(data: Path) -> None:
    (data / "keys/signing.key").unlink()
    assert is_one_line(rtr(data, "health"), "signing.key cannot be read")


def test_a_node_without_room_is_not_healthy(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    little = os.statvfs_result((4096, 4096, 10_000, 100, 100, 100, 50, 50, 0, 255))
    monkeypatch.setattr("os.statvfs", lambda _: little)
    assert is_one_line(rtr(data, "health"), "has 0 MB left: free some space")
