"""What the hourly look at the server found, and samples of how it does, for the leads' page."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "check_result",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.Column("fix", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_check_result"),
    )
    op.create_table(
        "sample",
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("fresh_hours", sa.Integer(), nullable=True),
        sa.Column("heard_minutes", sa.Integer(), nullable=True),
        sa.Column("letters_waiting", sa.Integer(), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=True),
        sa.Column("backup_hours", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("at", name="pk_sample"),
    )
