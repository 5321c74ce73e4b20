"""What Alembic runs: one connection that `node.migrations.upgrade` gives it, foreign keys off."""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from node import models
from node.database import Base
from node.migrations import KeysBroken

assert models  # noqa: S101 - the import fills the metadata


def check_keys(ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]) -> None:
    """After each step, so that no migration can forget it: with foreign keys off SQLite does not look by itself."""
    assert ctx.connection is not None  # noqa: S101 - a step was taken on it
    broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = ", ".join(sorted({f"{row[0]} (of {row[2]})" for row in broken}))
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
