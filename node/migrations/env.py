"""What Alembic runs, on the connection that `node.migrations.upgrade` gives it, with foreign keys off."""

import sqlite3
from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from node import models
from node.database import Base
from node.migrations import KeysBroken, broken_keys

assert models  # noqa: S101 - the import fills the metadata


def check_keys(ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]) -> None:
    """Check foreign keys after each step. No migration can forget it, and with foreign keys off SQLite does not."""
    driver = ctx.connection.connection.driver_connection if ctx.connection else None
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - as changing_tables gave it
    broken = broken_keys(driver) - context.config.attributes["broken_before"]
    if broken:
        tables = ", ".join(sorted(f"{table} (of {other})" for table, other in broken))
        raise KeysBroken(
            f"the upgrade to {step.up_revision_id} would leave rows without what they belong to, in {tables}. "
            "Nothing was changed: go on with the former version of this program, and tell its makers"
        )


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=False,
    on_version_apply=check_keys,
)
context.run_migrations()
