"""Notices of runs and of the chapter, with their first and last days."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("run", sa.Column("notices", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("chapter", sa.Column("notices", sa.JSON(), server_default="[]", nullable=False))
