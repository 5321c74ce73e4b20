"""Migrations make the very tables that the models describe."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from node import migrations
from node.database import Base, make_engine


def test_migrations_end_where_the_models_are(tmp_path: Path) -> None:
    engine = make_engine(tmp_path / "node.sqlite")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_an_upgraded_database_is_at_the_newest_revision(tmp_path: Path) -> None:
    engine = make_engine(tmp_path / "node.sqlite")
    assert migrations.current(engine) is None
    migrations.upgrade(engine)
    migrations.upgrade(engine)
    assert migrations.current(engine) == migrations.newest()
    engine.dispose()
