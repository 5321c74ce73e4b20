"""Which dates are held as they were announced, though their run has changed."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("run_date", sa.Column("as_announced", sa.Boolean(), nullable=False, server_default=sa.false()))
