"""A filled database of each schema there ever was becomes the newest with nothing lost; a failed upgrade is none."""

import gzip
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from node import migrations
from node.config import Settings
from node.database import Base, make_engine
from node.directory import listing_rows
from node.handle import Node
from node.migrations import copies
from node.wire.outbound import Outbound
from web import close, create_app

from ...former.filling import empty_tables, fill
from ...support.network import START, Clock
from .test_migrations import is_of_a_model

FORMER = Path(__file__).parents[2] / "former"
WHOSE = ("chapter", "hq")
PORTS = {"chapter": 8201, "hq": 8200}
#: What an upgrade changes on purpose, (table, column) and why. All else stays as it was, to the letter.
CHANGED: dict[tuple[str, str], str] = {
    ("relay_item", "digest"): "0013 drops it: nobody reads it, for a node is told of the newest document",
}

#: Tables and columns that an upgrade gives another name: a lead is a person.
TABLES = {"lead": "person", "lead_session": "person_session"}
COLUMNS = {"lead_id": "person_id"}
#: The tables in which those columns have another name; a run keeps its `lead_id`.
OF_A_PERSON = ("sign_in_link", "person_session")

Rows = dict[str, list[dict[str, Any]]]


def kept(revision: str, whose: str) -> Path:
    return FORMER / f"{revision}-{whose}.sqlite.gz"


def former() -> list[tuple[str, str]]:
    return [(revision, whose) for revision in migrations.known()[:-1] for whose in WHOSE]


def unpack(revision: str, whose: str, folder: Path) -> Path:
    """The database, where a node would have it."""
    path = folder / "node.sqlite"
    path.write_bytes(gzip.decompress(kept(revision, whose).read_bytes()))
    return path


def rows(path: Path) -> Rows:
    """Table to rows, of all tables but SQLite's and FTS5's own and Alembic's."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    ours = [name for name in names if not name.startswith(("sqlite_", "listing_text_", "alembic_"))]
    found = {name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in ours}  # noqa: S608
    connection.close()
    return found


def shape(path: Path) -> set[tuple[Any, ...]]:
    """Every column, index and foreign key."""
    connection = sqlite3.connect(path)
    found: set[tuple[Any, ...]] = set()
    for table in rows(path):
        for _, *column in connection.execute(f'PRAGMA table_xinfo("{table}")'):
            found.add((table, "column", *column))
        for _, index, *kind in connection.execute(f'PRAGMA index_list("{table}")').fetchall():
            columns = [row[2] for row in connection.execute(f'PRAGMA index_info("{index}")')]
            found.add((table, "index", index, *kind, *columns))
        for _, _, *key in connection.execute(f'PRAGMA foreign_key_list("{table}")'):
            found.add((table, "key", *key))
    connection.close()
    return found


def upgrade(path: Path) -> Path | None:
    engine = make_engine(path)
    try:
        return migrations.upgrade(engine)
    finally:
        engine.dispose()


def of_kept_columns(table: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [name for name in (before[0] if before else {}) if (table, name) not in CHANGED]
    return [{name: row[name] for name in names} for row in after]


@pytest.mark.parametrize(("revision", "whose"), former())
def test_of_each_former_revision_there_is_a_filled_database(revision: str, whose: str, tmp_path: Path) -> None:
    """Whoever adds a migration first keeps a database of the revision before it: tests/former/README.md."""
    assert kept(revision, whose).exists(), f"run `python -m tests.former` on the last commit of revision {revision}"
    engine = make_engine(unpack(revision, whose, tmp_path))
    assert migrations.current(engine) == revision
    engine.dispose()


@pytest.mark.parametrize("revision", migrations.known()[:-1])
def test_the_filled_databases_of_a_revision_have_a_row_in_every_table_of_theirs(revision: str, tmp_path: Path) -> None:
    filled: list[Rows] = []
    for whose in WHOSE:
        (tmp_path / whose).mkdir()
        filled.append(rows(unpack(revision, whose, tmp_path / whose)))
    assert filled[0].keys() == filled[1].keys()
    assert [name for name in filled[0] if not filled[0][name] and not filled[1][name]] == []


def test_todays_code_fills_every_table_of_todays_schema(tmp_path: Path) -> None:
    engines = [make_engine(path) for path in fill(tmp_path).values()]
    with Session(engines[0]) as chapter, Session(engines[1]) as hq:
        assert empty_tables([chapter, hq]) == set()
    for engine in engines:
        engine.dispose()


def by_their_names_of_today(found: Rows) -> Rows:
    """The rows of a former database, where the newest has them."""
    named = {TABLES.get(table, table): of_table for table, of_table in found.items()}
    for table in OF_A_PERSON:
        named[table] = [{COLUMNS.get(name, name): value for name, value in row.items()} for row in named[table]]
    return named


@pytest.mark.parametrize(("revision", "whose"), former())
def test_an_upgrade_loses_no_row_and_no_value(revision: str, whose: str, tmp_path: Path) -> None:
    path = unpack(revision, whose, tmp_path)
    before = by_their_names_of_today(rows(path))
    upgrade(path)
    after = rows(path)
    assert before.keys() <= after.keys()
    for table, former_rows in before.items():
        wanted = of_kept_columns(table, former_rows, former_rows)
        assert of_kept_columns(table, former_rows, after[table]) == wanted, table


@pytest.mark.parametrize(("revision", "whose"), former())
def test_an_upgraded_database_has_the_shape_of_a_new_one(revision: str, whose: str, tmp_path: Path) -> None:
    path = unpack(revision, whose, tmp_path)
    upgrade(path)
    upgrade(tmp_path / "new.sqlite")
    assert shape(path) == shape(tmp_path / "new.sqlite")
    engine = make_engine(path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_of_a_model})
        assert compare_metadata(context, Base.metadata) == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    engine.dispose()


@pytest.mark.parametrize(("revision", "whose"), former())
def test_the_pages_of_an_upgraded_node_are_there(revision: str, whose: str, tmp_path: Path) -> None:
    upgrade(unpack(revision, whose, tmp_path))
    url = f"http://127.0.0.1:{PORTS[whose]}"
    role: Any = "hq" if whose == "hq" else "chapter"
    settings, clock = Settings(tmp_path, url, role, "loopback", port=PORTS[whose]), Clock(START + timedelta(minutes=5))
    engine = make_engine(settings.database)
    app = create_app(Node(settings, engine, Outbound("loopback"), clock, clock()))
    for path in ("/", "/runs", "/chapters", "/fed/v1/status", "/fed/v1/changes"):
        answer = app.test_client().get(path, base_url=url)
        assert answer.status_code == 200, path
        if path == "/runs":
            assert "The Monument" in answer.text
    close(app)
    engine.dispose()


def test_listings_of_the_first_version_are_found_by_their_words(tmp_path: Path) -> None:
    path = unpack("0001", "chapter", tmp_path)
    upgrade(path)
    connection = sqlite3.connect(path)
    query = "SELECT rowid FROM listing_text WHERE listing_text MATCH 'lond* mon*'"
    found = {row[0] for row in connection.execute(query)}
    listed = dict(connection.execute("SELECT row, json_extract(content, '$.kind') FROM held_listing"))
    kinds = dict(connection.execute("SELECT row, kind FROM held_listing"))
    connection.close()
    assert found
    assert found <= listed.keys()
    assert kinds == listed


def test_facilities_that_others_said_before_this_node_knew_them_are_found(tmp_path: Path) -> None:
    path = unpack("0017", "chapter", tmp_path)
    connection = sqlite3.connect(path)
    said = '{"facilities":["water","sign-language","children"],"audience":"assistance-dogs"}'
    connection.execute("UPDATE held_listing SET content = ?, facilities = 2", (said,))
    connection.commit()
    connection.close()
    upgrade(path)
    wanted = listing_rows.facility_bits(["water", "sign-language", "children"])
    assert {row["facilities"] for row in rows(path)["held_listing"]} == {wanted}


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Engine]:
    """A chapter's database of the revision before the newest."""
    engine = make_engine(unpack(migrations.known()[-2], "chapter", tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[Engine]:
    """The same, at the newest."""
    path = unpack(migrations.known()[-2], "chapter", tmp_path)
    upgrade(path)
    shutil.rmtree(copies.folder_of(path))
    engine = make_engine(path)
    yield engine
    engine.dispose()


def one_more(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """A program with one more migration than today's."""
    here = folder / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, here, ignore=shutil.ignore_patterns("__pycache__"))
    head = f'revision = "9000"\ndown_revision = "{migrations.newest()}"\n'
    head += "import sqlalchemy as sa\nfrom alembic import op\n"
    body = "".join(f"    {line}\n" for line in lines)
    (here / "versions" / "9000_tomorrow.py").write_text(f"{head}\n\ndef upgrade() -> None:\n{body}")
    monkeypatch.setattr(migrations, "_HERE", here)


def database(engine: Engine) -> Path:
    return Path(str(engine.url.database))


@pytest.mark.parametrize("table", ["person", "run", "relay_item", "chapter", "held_document"])
def test_a_table_made_anew_keeps_its_rows_and_all_that_point_to_them(
    newest: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    before = rows(database(newest))
    assert before["person_session"]
    assert before["relay_receipt"]
    column = 'sa.Column("later", sa.String(), nullable=False, server_default="x")'
    anew = f'with op.batch_alter_table("{table}", recreate="always") as batch:'
    one_more(tmp_path, monkeypatch, anew, f"    batch.add_column({column})")
    migrations.upgrade(newest)
    after = rows(database(newest))
    assert {row.pop("later") for row in after[table]} == {"x"}
    assert after == before


def test_a_step_that_leaves_rows_without_what_they_belong_to_is_undone(
    newest: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(database(newest))
    one_more(tmp_path, monkeypatch, 'op.execute("DELETE FROM person")')
    with pytest.raises(migrations.KeysBroken, match=r"9000 would leave rows .* person_session \(of person\)"):
        migrations.upgrade(newest)
    assert rows(database(newest)) == before
    assert copies.all_of(database(newest)) == []


def test_a_row_that_pointed_to_nothing_already_shuts_nobody_out(
    newest: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has taken a lead out by hand, with the sqlite3 program, where foreign keys are off."""
    connection = sqlite3.connect(database(newest))
    with connection:
        connection.execute("DELETE FROM person WHERE first_name = 'Priya'")
    connection.close()
    before = rows(database(newest))
    one_more(tmp_path, monkeypatch, "pass")
    assert migrations.upgrade(newest) is not None
    assert rows(database(newest)) == before


def test_foreign_keys_are_on_again_after_an_upgrade(filled: Engine) -> None:
    migrations.upgrade(filled)
    with filled.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_copy_is_made_first_and_holds_all_of_it(filled: Engine) -> None:
    before = rows(database(filled))
    copy = migrations.upgrade(filled)
    assert copy is not None
    assert copy.name.startswith(f"node-{migrations.known()[-2]}-20")
    assert rows(copy) == before
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700


def test_a_copy_holds_what_the_log_beside_the_database_held(filled: Engine) -> None:
    with filled.begin() as connection:
        connection.exec_driver_sql("UPDATE chapter SET about = 'only in the log so far'")
    copy = migrations.upgrade(filled)
    assert copy is not None
    assert rows(copy)["chapter"][0]["about"] == "only in the log so far"


def test_a_new_database_and_one_at_the_newest_need_no_copy(newest: Engine, tmp_path: Path) -> None:
    assert migrations.upgrade(newest) is None
    assert upgrade(tmp_path / "new.sqlite") is None
    assert not copies.folder_of(database(newest)).exists()


def test_an_upgrade_that_fails_leaves_the_database_as_it_was_and_no_copy(
    newest: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(database(newest))
    one_more(tmp_path, monkeypatch, 'op.execute("DELETE FROM run_date")', 'op.execute("DELETE FROM elsewhere")')
    with pytest.raises(OperationalError, match="no such table: elsewhere"):
        migrations.upgrade(newest)
    assert rows(database(newest)) == before
    assert copies.all_of(database(newest)) == []


def test_a_copy_that_cannot_be_written_stops_the_upgrade_before_its_first_step(filled: Engine) -> None:
    copies.folder_of(database(filled)).write_text("a file where the folder should be")
    before = rows(database(filled))
    with pytest.raises(OSError, match="before-upgrade"):
        migrations.upgrade(filled)
    assert rows(database(filled)) == before


def test_what_a_killed_upgrade_left_of_a_copy_goes(filled: Engine) -> None:
    folder = copies.folder_of(database(filled))
    folder.mkdir()
    (folder / "node-0001-20260101T000000Z.growing").touch()
    copy = migrations.upgrade(filled)
    assert [path.name for path in folder.iterdir()] == [copy.name if copy else ""]


def test_only_the_newest_copies_stay(filled: Engine) -> None:
    folder = copies.folder_of(database(filled))
    folder.mkdir()
    for day in range(1, 6):
        (folder / f"node-0001-2026010{day}T000000Z.sqlite").touch()
    copy = migrations.upgrade(filled)
    names = [path.name for path in copies.all_of(database(filled))]
    assert copy is not None
    assert names == [copy.name, "node-0001-20260105T000000Z.sqlite", "node-0001-20260104T000000Z.sqlite"]


def test_copies_go_when_they_are_old(filled: Engine) -> None:
    migrations.upgrade(filled)
    copies.sweep(database(filled), datetime.now(UTC) - timedelta(days=1))
    assert len(copies.all_of(database(filled))) == 1
    copies.sweep(database(filled), datetime.now(UTC) + timedelta(days=1))
    assert copies.all_of(database(filled)) == []


def test_a_newer_database_than_the_program_is_left_alone(newest: Engine) -> None:
    with newest.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9000'")
    with pytest.raises(migrations.UnknownRevision, match="Run that newer program"):
        migrations.upgrade(newest)
    assert migrations.current(newest) == "9000"
