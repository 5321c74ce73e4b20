"""Migrations make the very tables that the models describe."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from node import migrations
from node.database import Base, make_engine, writing_connection


def is_of_a_model(name: str | None, kind: str, _: Any) -> bool:
    """No model describes FTS5's table and the tables that SQLite keeps for it."""
    return not (kind == "table" and name is not None and name.startswith("listing_text"))


def test_migrations_end_where_the_models_are(tmp_path: Path) -> None:
    engine = make_engine(tmp_path / "node.sqlite")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_of_a_model})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_an_upgraded_database_is_at_the_newest_revision(tmp_path: Path) -> None:
    engine = make_engine(tmp_path / "node.sqlite")
    assert migrations.current(engine) is None
    migrations.upgrade(engine)
    migrations.upgrade(engine)
    assert migrations.current(engine) == migrations.newest()
    engine.dispose()


_FORMER = (
    "INSERT INTO held_document (chapter, version, digest, envelope, name, place, country, issued, fresh_until, expires,"
    " seq) VALUES ('a', 1, 'd', x'00', 'London', 'Southwark', 'GB', 1, 2, 3, 1)",
    "INSERT INTO held_listing (row, chapter, listing, content, lat_e4, lon_e4, cell, next_start) VALUES (7, 'a', 'l',"
    """ '{"name":"Evening run","kind":"walk","meeting_point":{"name":"Monument","address":""}}', 1, 2, 3, 4)""",
)


def test_listings_of_an_older_version_are_found_by_their_words(tmp_path: Path) -> None:
    engine, config = make_engine(tmp_path / "node.sqlite"), Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with writing_connection(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in _FORMER:
            connection.exec_driver_sql(statement)
    migrations.upgrade(engine)
    with engine.connect() as connection:
        found = "SELECT rowid FROM listing_text WHERE listing_text MATCH 'southw* monu*'"
        assert connection.exec_driver_sql(found).all() == [(7,)]
        assert connection.exec_driver_sql("SELECT kind FROM held_listing").scalar() == "walk"
    engine.dispose()
