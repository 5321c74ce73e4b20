"""The revision that kept pages are of."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    table = op.create_table(
        "revision",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("row = 1", name="ck_revision_one_row"),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_revision")),
    )
    op.bulk_insert(table, [{"row": 1, "number": 0}])
