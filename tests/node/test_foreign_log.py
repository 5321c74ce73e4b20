"""A copy of the database in the place of one whose log still lies there is noticed before SQLite mixes the two."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from node import foreign_log
from node.chapter.identity import own
from node.database import checkpoint

from ..support.network import LocalNode, a_run


@pytest.fixture
def killed(london: LocalNode, tmp_path: Path) -> Path:
    """The database of a server that was killed with changes in its log."""
    checkpoint(london.engine)
    london.announce(a_run(name="In the log"))
    return as_left(london, tmp_path / "killed")


def as_left(node: LocalNode, folder: Path) -> Path:
    """The database and its log, as they are on the disk now."""
    folder.mkdir()
    for end in ("", "-wal"):
        shutil.copy(f"{node.settings.database}{end}", folder)
    return folder / "node.sqlite"


def vacuumed(node: LocalNode, path: Path) -> Path:
    """A copy of all that is committed, as a backup has it."""
    with closing(sqlite3.connect(node.settings.database)) as database:
        database.execute("VACUUM INTO ?", (str(path),))
    return path


def page_by_page(node: LocalNode, path: Path) -> Path:
    """A copy of all that is committed, as it is made before an upgrade."""
    with closing(sqlite3.connect(node.settings.database)) as database, closing(sqlite3.connect(path)) as copy:
        database.backup(copy)
    return path


COPIES = pytest.mark.parametrize("copied", [vacuumed, page_by_page])


def test_a_killed_servers_own_log_is_its_own(killed: Path) -> None:
    assert killed.with_name("node.sqlite-wal").stat().st_size > 0
    assert not foreign_log.is_foreign(killed)


def test_a_log_stays_its_own_while_many_changes_are_added(london: LocalNode, tmp_path: Path) -> None:
    for number in range(300):
        with london.handle.writing() as transaction:
            own(transaction).about = f"About {number}"
        if number in (0, 1, 2, 150):
            checkpoint(london.engine)
        if number % 60 in (0, 1):
            assert not foreign_log.is_foreign(as_left(london, tmp_path / str(number)))


@COPIES
def test_an_older_copy_in_its_place_is_noticed(
    london: LocalNode, tmp_path: Path, copied: Callable[[LocalNode, Path], Path]
) -> None:
    copy = copied(london, tmp_path / "older.sqlite")
    london.announce(a_run())
    checkpoint(london.engine)
    london.announce(a_run(name="In the log"))
    left = as_left(london, tmp_path / "killed")
    shutil.copy(copy, left)
    assert foreign_log.is_foreign(left)


@COPIES
def test_a_newer_copy_in_its_place_is_noticed(
    london: LocalNode, killed: Path, tmp_path: Path, copied: Callable[[LocalNode, Path], Path]
) -> None:
    for name in ("One", "Two", "Three"):
        london.announce(a_run(name=name))
    shutil.copy(copied(london, tmp_path / "newer.sqlite"), killed)
    assert foreign_log.is_foreign(killed)


def test_another_chapters_database_beside_the_log_is_noticed(killed: Path, tmp_path: Path, london: LocalNode) -> None:
    with closing(sqlite3.connect(page_by_page(london, tmp_path / "other.sqlite"))) as database, database:
        database.execute("UPDATE revision SET number = 70000")
    shutil.copy(tmp_path / "other.sqlite", killed)
    assert foreign_log.is_foreign(killed)


def test_a_checkpoint_that_was_cut_off_is_the_logs_own(london: LocalNode, killed: Path, tmp_path: Path) -> None:
    """Some pages of the log are in the database already."""
    shutil.copy(page_by_page(london, tmp_path / "moved.sqlite"), killed)
    assert not foreign_log.is_foreign(killed)


@pytest.mark.parametrize("log", [b"", b"x" * 20, b"x" * 5000])
def test_what_is_no_log_is_nobodys(killed: Path, log: bytes) -> None:
    killed.with_name("node.sqlite-wal").write_bytes(log)
    assert not foreign_log.is_foreign(killed)


def test_a_database_that_cannot_be_read_is_for_others_to_refuse(killed: Path) -> None:
    killed.write_bytes(b"no database" * 1000)
    assert not foreign_log.is_foreign(killed)


def test_looking_changes_nothing(london: LocalNode, tmp_path: Path, killed: Path) -> None:
    shutil.copy(page_by_page(london, tmp_path / "copy.sqlite"), killed)
    before = {path.name: path.read_bytes() for path in killed.parent.iterdir()}
    foreign_log.is_foreign(killed)
    assert {path.name: path.read_bytes() for path in killed.parent.iterdir()} == before
