"""The database's shape, step by step. Alembic is imported only where a step is taken: memory counts."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

_HERE = Path(__file__).parent


def newest() -> str:
    """The revision that this program needs: the last file in versions/, by name."""
    return sorted(path.stem.split("_")[0] for path in (_HERE / "versions").glob("[0-9]*.py"))[-1]


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(found) if found else None


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision, in one transaction under the write lock."""
    from alembic import command
    from alembic.config import Config

    from ..database import writing_connection

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    with writing_connection(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
