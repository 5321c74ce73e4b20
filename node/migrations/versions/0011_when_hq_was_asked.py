"""When HQ was asked to let this chapter in: its lead reads how long that takes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("hq", sa.Column("asked_at", sa.BigInteger(), nullable=True))
