"""A rehearsal finds what an upgrade would fail of, leaves everything as it is, and tells a person's word from noise."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from deploy.upgrade import changes, rehearsal
from node import migrations
from node.jobs import JOBS
from node.migrations import copies
from node.upkeep.room import ROOM

from ...node.migrations.test_upgrades import one_more, rows
from ...support.full_disk import full_disk
from ...support.network import LONDON, Clock, LocalNode, a_run


@pytest.fixture
def node(tmp_path: Path, clock: Clock, gazetteer: None) -> Iterator[LocalNode]:
    made = LocalNode(tmp_path / "london", clock, 8201)
    made.found_chapter(LONDON)
    made.add_lead("Ada")
    made.announce(a_run())
    yield made
    made.close()


def files(node: LocalNode) -> list[str]:
    return sorted(str(path.relative_to(node.settings.data)) for path in node.settings.data.rglob("*") if path.is_file())


def test_a_rehearsal_changes_nothing_and_leaves_nothing(
    node: LocalNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, there = rows(node.settings.database), files(node)
    one_more(tmp_path, monkeypatch, 'op.execute("CREATE TABLE later (x)")')
    rehearsal.rehearse(node.settings)
    assert (rows(node.settings.database), files(node)) == (before, there)


def test_a_step_that_fails_is_found_while_the_node_serves(
    node: LocalNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, there = rows(node.settings.database), files(node)
    one_more(tmp_path, monkeypatch, 'op.execute("DELETE FROM elsewhere")')
    with pytest.raises(OperationalError, match="no such table"):
        rehearsal.rehearse(node.settings)
    assert (rows(node.settings.database), files(node)) == (before, there)


@pytest.mark.parametrize(("table", "page"), [("held_listing", "/runs"), ("run_date", "/lead")])
def test_a_page_that_cannot_be_drawn_any_more_is_named(
    node: LocalNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, page: str
) -> None:
    one_more(tmp_path, monkeypatch, f'op.execute("DROP TABLE {table}")')
    with pytest.raises(rehearsal.Failed, match=rf"cannot show {page} with this database"):
        rehearsal.rehearse(node.settings)


def test_what_a_node_does_by_itself_is_no_word_of_a_person(
    node: LocalNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_more(tmp_path, monkeypatch, 'op.execute("CREATE TABLE later (x)")')
    copy = migrations.upgrade(node.engine)
    assert copy is not None
    node.clock.tick(hours=30)
    with node.session() as session:
        before = session.connection().exec_driver_sql("SELECT last_version FROM chapter").scalar()
    for job in JOBS:
        job.run(node.handle)
    with node.session() as session:
        assert session.connection().exec_driver_sql("SELECT last_version FROM chapter").scalar() != before
    assert changes.tables_changed_since(node.settings, copy) == []
    node.add_lead("Priya")
    assert changes.tables_changed_since(node.settings, copy) == ["person"]


def test_a_copy_is_put_back_and_the_newer_database_is_kept(
    node: LocalNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, former = rows(node.settings.database), migrations.newest()
    one_more(tmp_path, monkeypatch, 'op.execute("CREATE TABLE later (x)")')
    copy = migrations.upgrade(node.engine)
    assert copy is not None
    node.add_lead("Priya")
    newer = rows(node.settings.database)
    node.engine.dispose()
    kept = copies.put_back(node.settings.database, copy, "9000")
    assert rows(node.settings.database) == before
    assert rows(kept) == newer
    assert (kept.stat().st_mode & 0o777, node.settings.database.stat().st_mode & 0o777) == (0o600, 0o600)
    assert copies.newest_of(node.settings.database, {former}) == copy


def test_a_disk_without_room_is_said_in_words_before_anything_is_written(
    node: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, there = rows(node.settings.database), files(node)
    monkeypatch.setattr(rehearsal, "room_in", lambda _: ROOM)
    with pytest.raises(rehearsal.Failed, match=r"has 16 MB left, and this needs .* MB for a while: free some space"):
        rehearsal.rehearse(node.settings)
    assert (rows(node.settings.database), files(node)) == (before, there)
    monkeypatch.undo()
    rehearsal.rehearse(node.settings)


def test_a_disk_that_is_full_half_way_leaves_nothing_of_a_rehearsal(
    node: LocalNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, there = rows(node.settings.database), files(node)
    one_more(tmp_path, monkeypatch, 'op.execute("CREATE TABLE later (x)")')
    with full_disk(node), pytest.raises((sqlite3.Error, OSError)):
        rehearsal.rehearse(node.settings)
    assert (rows(node.settings.database), files(node)) == (before, there)
