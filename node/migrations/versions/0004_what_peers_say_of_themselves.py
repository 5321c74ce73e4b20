"""What other nodes say of themselves, and what was found against them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("peer") as batch_op:
        batch_op.add_column(sa.Column("software", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("status_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("clock_off_seconds", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("suspicions", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("suspicion", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("suspected_at", sa.BigInteger(), nullable=True))
