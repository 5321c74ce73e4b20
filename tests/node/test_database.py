"""The one way to write: queued across threads and processes, whole or not at all."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from node.database import CannotWrite, Writing, after_writing, checkpoint, follow_writing, writing
from node.models import Chapter

from ..support.full_disk import full_disk
from ..support.network import LocalNode

ADD_ONE = """
import sys
from pathlib import Path
from sqlalchemy.orm import Session
from node.database import make_engine, writing
from node.models import Counter
engine = make_engine(Path(sys.argv[1]))
for _ in range(50):
    with Session(engine) as session, writing(session):
        session.get_one(Counter, 1).seq += 1
engine.dispose()
"""


def seq(node: LocalNode) -> int:
    with node.session() as session:
        return int(session.scalar(text("SELECT seq FROM counter")) or 0)


def test_processes_that_read_and_then_write_lose_nothing(london: LocalNode) -> None:
    before = seq(london)
    command = [sys.executable, "-c", ADD_ONE, str(london.settings.database)]
    writers = [subprocess.Popen(command) for _ in range(3)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    assert seq(london) == before + 150


def rename_and_fail(node: LocalNode) -> None:
    with node.session() as session, writing(session):
        session.get_one(Chapter, 1).name = "Elsewhere"
        session.flush()
        raise RuntimeError


def test_a_failed_write_leaves_nothing_behind(london: LocalNode) -> None:
    with pytest.raises(RuntimeError):
        rename_and_fail(london)
    with london.session() as session:
        assert session.get_one(Chapter, 1).name == "London"


def test_a_killed_writer_frees_the_lock(london: LocalNode) -> None:
    lock = f"{london.settings.database}.lock"
    code = f"import fcntl,os,sys; fcntl.flock(os.open({lock!r}, os.O_RDWR), 2); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        done = threading.Event()
        writer = threading.Thread(target=lambda: (write_once(london), done.set()))
        writer.start()
        assert not done.wait(0.2)
        holder.kill()
        writer.join(timeout=10)
    assert done.is_set()


def write_once(node: LocalNode) -> None:
    with node.session() as session, writing(session):
        session.get_one(Chapter, 1).about = "written"


def test_writing_inside_writing_raises_and_spoils_nothing(london: LocalNode) -> None:
    with london.session() as outer, london.session() as inner, writing(outer):
        outer.get_one(Chapter, 1).about = "kept"
        outer.flush()
        for session in (inner, outer):
            with pytest.raises(RuntimeError, match="inside writing"), writing(session):
                pass
        with pytest.raises(RuntimeError, match="inside writing"):
            checkpoint(london.engine)
    with london.session() as session:
        assert session.get_one(Chapter, 1).about == "kept"


@pytest.mark.parametrize("name", ["lock", "lock.turn"])
def test_a_lock_that_is_not_free_in_time_is_an_error(london: LocalNode, name: str) -> None:
    with (london.settings.data / f"node.sqlite.{name}").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with london.session() as session, pytest.raises(CannotWrite, match="not free"), writing(session, patience=0.01):
            pass
    write_once(london)


def test_whoever_waits_keeps_no_reader_s_snapshot_meanwhile(london: LocalNode) -> None:
    with london.session() as session, (london.settings.data / "node.sqlite.lock").open("rb") as other:
        session.get_one(Chapter, 1)
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CannotWrite), writing(session, patience=0.01):
            pass
        assert not session.in_transaction()


def test_a_full_disk_is_an_error_that_says_so_and_nothing_is_changed(london: LocalNode) -> None:
    with full_disk(london), london.session() as session, pytest.raises(CannotWrite, match="disk"), writing(session):
        session.get_one(Chapter, 1).about = "too much"
    with london.session() as session:
        assert session.get_one(Chapter, 1).about != "too much"
    write_once(london)


def test_a_checkpoint_holds_no_writer_up_behind_a_long_reader(london: LocalNode) -> None:
    with london.session() as reader:
        reader.get_one(Chapter, 1)
        write_once(london)
        began = time.monotonic()
        assert not checkpoint(london.engine)
        assert time.monotonic() - began < 3
        write_once(london)
    assert checkpoint(london.engine)


def test_an_error_carries_no_value_that_was_to_be_written(london: LocalNode) -> None:
    with london.session() as session, pytest.raises(IntegrityError) as found, writing(session):
        session.execute(text("INSERT INTO chapter (id, name) VALUES (:id, NULL)"), {"id": "canary-31c7"})
    assert "canary-31c7" not in str(found.value)


def test_deleted_text_is_gone_from_the_files_after_a_checkpoint(london: LocalNode) -> None:
    canary = "canary-7f3a"
    for about in (canary, "nothing"):
        with london.session() as session, writing(session):
            session.get_one(Chapter, 1).about = about
    checkpoint(london.engine)
    files = [path for path in london.settings.data.iterdir() if path.name.startswith("node.sqlite")]
    assert files
    assert not any(canary.encode() in path.read_bytes() for path in files)


def test_a_naive_time_is_refused(london: LocalNode) -> None:
    with london.session() as session, pytest.raises(Exception, match="naive"), writing(session):
        session.get_one(Chapter, 1).signed_at = datetime(2026, 1, 1)  # noqa: DTZ001 - on purpose


def test_every_connection_syncs_fully_and_overwrites_what_is_deleted(london: LocalNode) -> None:
    with london.session() as session:
        pragmas = [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "secure_delete")]
    assert pragmas == ["wal", 2, 1]


def test_the_lock_file_is_the_owners_alone(london: LocalNode) -> None:
    assert os.stat(f"{london.settings.database}.lock").st_mode & 0o777 == 0o600


def rename(name: str) -> Callable[[Writing], None]:
    def act(session: Writing) -> None:
        session.get_one(Chapter, 1).name = name

    return act


def names_that_another_process_sees(node: LocalNode, follow: Callable[[Writing], None]) -> list[str]:
    """The chapter's name at the end of a change, and after what follows from it."""
    seen = []
    with node.session() as session, writing(session) as transaction:
        rename("changed")(transaction)
        after_writing(transaction, lambda: seen.append(name_of(node)))
        follow_writing(transaction, "rename", lambda after: (seen.append(name_of(node)), follow(after))[1])
    return seen


def name_of(node: LocalNode) -> str:
    with node.session() as session:
        return session.get_one(Chapter, 1).name


def test_what_follows_is_a_transaction_of_its_own(london: LocalNode) -> None:
    assert names_that_another_process_sees(london, rename("followed")) == ["changed", "followed"]


def test_what_follows_and_fails_leaves_the_change_and_what_comes_after_it(
    london: LocalNode, caplog: pytest.LogCaptureFixture
) -> None:
    assert names_that_another_process_sees(london, lambda _: 1 / 0) == ["changed", "changed"]
    assert "ZeroDivisionError" in caplog.text


def test_nothing_follows_a_change_that_fails(london: LocalNode) -> None:
    def act(transaction: Writing) -> None:
        follow_writing(transaction, "rename", rename("followed"))
        raise RuntimeError

    with london.session() as session:
        with pytest.raises(RuntimeError), writing(session) as transaction:
            act(transaction)
        with writing(session):
            pass
    assert name_of(london) == "London"
