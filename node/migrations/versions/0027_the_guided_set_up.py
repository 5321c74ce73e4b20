"""How far the guided set-up has come."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "set_up",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("profile", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("left", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("link_hash", sa.String(), server_default="", nullable=False),
        sa.Column("link_ends_at", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("row = 1", name="ck_set_up_one_row"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_set_up_person_id_person", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("row", name="pk_set_up"),
    )
