"""What Alembic runs: one connection that `node.migrations.upgrade` gives it."""

from alembic import context

from node import models
from node.database import Base

assert models  # noqa: S101 - the import fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
