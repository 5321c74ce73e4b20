"""What is asked at a start, and what is known of a second server that speaks for the same chapter."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("signed", sa.JSON(), server_default="[]", nullable=False),
        sa.CheckConstraint("row = 1", name="ck_question_one_row"),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_question")),
    )
    for name in ("began_at", "met_at", "rival_since"):
        op.add_column("chapter", sa.Column(name, sa.BigInteger(), nullable=True))
