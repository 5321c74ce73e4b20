"""A backup holds what a new server needs, of one moment, and only a lead's key opens it."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from node.config import Settings
from node.upkeep.backups import archive, backup, backup_files, backup_key, backup_notes
from node.upkeep.backups.backup_key import NoBackupKey, Pair

from ....support.network import LocalNode, a_run
from .conftest import opened


def test_it_holds_the_database_the_settings_and_the_signing_key(settings: Settings, pair: Pair, tmp_path: Path) -> None:
    found = opened(backup.make(settings).path, pair, tmp_path / "opened")
    names = {str(path.relative_to(found)) for path in found.rglob("*") if path.is_file()}
    assert names == {"manifest.json", "settings.env", "keys/signing.key", "node.sqlite"}
    assert (found / "keys/signing.key").read_bytes() == settings.signing_key_file.read_bytes()


@pytest.mark.parametrize(
    ("chosen", "held"),
    [("none", set()), ("signing", {"keys/signing.key"}), ("all", {"keys/signing.key", "members.key"})],
)
def test_it_holds_the_keys_that_the_lead_chose(
    settings: Settings, pair: Pair, tmp_path: Path, chosen: str, held: set[str]
) -> None:
    found = opened(backup.make(replace(settings, backup_keys=chosen)).path, pair, tmp_path / "opened")
    assert {str(path.relative_to(found)) for path in found.rglob("*.key")} == held


def test_it_holds_a_run_that_was_announced_the_moment_before(
    settings: Settings, pair: Pair, london: LocalNode, tmp_path: Path
) -> None:
    london.announce(a_run(name="Announced just now"))
    found = opened(backup.make(settings).path, pair, tmp_path / "opened")
    with closing(sqlite3.connect(found / "node.sqlite")) as database:
        assert database.execute("SELECT name FROM run").fetchall() == [("Announced just now",)]


def test_a_writer_in_the_middle_of_writing_neither_waits_nor_gets_into_it(
    settings: Settings, pair: Pair, london: LocalNode, tmp_path: Path
) -> None:
    london.announce(a_run(name="Before"))
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE run SET name = 'Half'")
        made = backup.make(settings)
        writer.execute("COMMIT")
    with closing(sqlite3.connect(opened(made.path, pair, tmp_path / "opened") / "node.sqlite")) as database:
        assert database.execute("SELECT name FROM run").fetchall() == [("Before",)]
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_it_is_its_owners_alone_and_nothing_stays_in_the_clear(settings: Settings, london: LocalNode) -> None:
    london.announce(a_run(name="A name to look for"))
    copy = backup.make(settings)
    assert copy.path.stat().st_mode & 0o777 == 0o600
    assert backup_files.folder(settings).stat().st_mode & 0o777 == 0o700
    assert {path.name for path in copy.path.parent.iterdir()} == {copy.path.name, "last.json"}
    assert b"A name to look for" not in copy.path.read_bytes()


def test_without_a_key_none_is_made_and_that_is_noted(settings: Settings) -> None:
    with pytest.raises(NoBackupKey, match="rtr backup key"):
        backup.make(replace(settings, backup_key=""))
    run = backup_notes.last_run(settings)
    assert run
    assert run.failure == "no-backup-key"
    assert backup_notes.last_backup(settings) is None


def test_a_key_with_a_wrong_letter_makes_none(settings: Settings, pair: Pair) -> None:
    wrong = pair.recipient[:-1] + ("q" if pair.recipient[-1] != "q" else "p")
    with pytest.raises(NoBackupKey, match="no public key"):
        backup.make(replace(settings, backup_key=wrong))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


def test_on_a_full_disk_there_is_no_half_backup_and_the_next_one_is_whole(
    settings: Settings, pair: Pair, tmp_path: Path
) -> None:
    with files_of_at_most(100_000), pytest.raises(sqlite3.OperationalError):
        backup.make(settings)
    assert [path.name for path in backup_files.folder(settings).iterdir()] == ["last.json"]
    failed = backup_notes.last_run(settings)
    assert failed
    assert failed.failure == "failed"
    assert opened(backup.make(settings).path, pair, tmp_path / "opened")
    mended = backup_notes.last_run(settings)
    assert mended
    assert mended.failure == ""


def test_a_disk_that_is_full_while_it_is_encrypted_is_said_as_one(pair: Pair, tmp_path: Path) -> None:
    content = os.urandom(1 << 20)
    part = archive.Part("node.sqlite", BytesIO(content), len(content))
    with files_of_at_most(200_000), pytest.raises(OSError, match="File too large"):
        archive.write(tmp_path / "copy.age", [part], pair.recipient, 0)


def test_a_file_that_shrinks_while_it_is_read_makes_none(pair: Pair, tmp_path: Path) -> None:
    part = archive.Part("node.sqlite", BytesIO(b"short"), 100)
    with pytest.raises(archive.BadBackup, match="became shorter"):
        archive.write(tmp_path / "copy.age", [part], pair.recipient, 0)


def test_a_disk_with_too_little_room_is_left_to_the_leads(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_LEFT_FREE", 1 << 60)
    with pytest.raises(backup.NoRoom, match="free some space"):
        backup.make(settings)
    assert [path.name for path in backup_files.folder(settings).iterdir()] == ["last.json"]


def test_of_two_at_once_the_second_waits_for_nobody(settings: Settings) -> None:
    made = backup.make(settings)
    with backup.only_one(settings), pytest.raises(backup.BackupBusy, match="already"):
        backup.make(settings)
    assert [copy.path for copy in backup_files.all_of(settings)] == [made.path]


#: Where a process is killed, as a line that puts the kill there.
KILLS = {
    "before anything is copied": "backup._copied = kill",
    "once the copy lies in the clear": "backup._manifest = kill",
    "before it is encrypted": "archive.write = kill",
    "in the middle of encrypting": "archive._packed = lambda pieces: (kill() if n else b'x' * 99999 for n in range(2))",
    "before it is on the disk": "os.fsync = kill",
    "before it has its name": "pathlib.Path.replace = kill",
    "once it has its name": "staging.sync = kill",
    "before it is noted": "backup_notes.note_run = kill",
}
_KILLED = """
import os, pathlib, signal, sys
from node import config
from node.upkeep.backups import archive, backup, backup_notes, staging
def kill(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
{line}
backup.make(config.load(pathlib.Path(sys.argv[1])))
"""


@pytest.mark.parametrize("where", KILLS)
def test_a_killed_backup_leaves_no_half_one_and_nothing_in_the_clear(
    settings: Settings, pair: Pair, london: LocalNode, tmp_path: Path, where: str
) -> None:
    london.announce(a_run(name="A name to look for"))
    code = _KILLED.format(line=KILLS[where])
    done = subprocess.run([sys.executable, "-c", code, settings.data], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    for copy in backup_files.all_of(settings):
        assert where in ("once it has its name", "before it is noted")
        opened(copy.path, pair, tmp_path / "killed")
    backup.clean(settings)
    left = [
        path
        for path in settings.data.rglob("*")
        if path.is_file() and not path.name.startswith(f"{settings.database.name}")
    ]
    assert not [path for path in left if backup_files.GROWING in path.name or b"A name to look" in path.read_bytes()]
    assert opened(backup.make(settings, datetime.now(UTC) + timedelta(seconds=5)).path, pair, tmp_path / "next")


def test_a_clean_leaves_what_is_being_made(settings: Settings) -> None:
    folder = backup_files.folder(settings)
    with backup.only_one(settings):
        folder.mkdir(exist_ok=True)
        growing = folder / f"node.sqlite{backup_files.GROWING}"
        growing.touch()
        backup.clean(settings)
        assert growing.exists()
    backup.clean(settings)
    assert not growing.exists()


def test_debians_own_tools_open_it(settings: Settings, pair: Pair, tmp_path: Path) -> None:
    """The inside is a plain compressed tar: a lead needs no copy of this program."""
    packed = tmp_path / "packed"
    archive.decrypt(backup.make(settings).path, backup_key.identity(pair.secret), packed, lambda done, whole: None)
    listed = subprocess.run(["tar", "-tzf", packed], capture_output=True, text=True, check=True).stdout.split()
    assert listed == ["manifest.json", "settings.env", "keys/signing.key", "node.sqlite"]
