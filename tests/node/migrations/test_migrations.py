"""Migrations make the very tables that the models describe."""

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from node import migrations
from node.database import Base, make_engine


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
