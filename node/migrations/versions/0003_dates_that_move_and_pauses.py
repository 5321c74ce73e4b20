"""Dates that move, pauses, changes that can be undone, and all that a listing says."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("chapter") as batch_op:
        batch_op.add_column(sa.Column("paused_since", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("back_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("pause_note", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("held_document") as batch_op:
        batch_op.add_column(sa.Column("pause", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("run") as batch_op:
        batch_op.add_column(sa.Column("repeats", sa.String(), server_default="weekly", nullable=False))
        batch_op.add_column(sa.Column("until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("exdates", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("facilities", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("accessibility", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("audience", sa.String(), server_default="everyone", nullable=False))
        batch_op.add_column(sa.Column("minimum_age", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("younger_accompanied", sa.Boolean(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("languages", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("photos", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("bank_holidays", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("free_of_charge", sa.Boolean(), server_default=sa.text("1"), nullable=False))
        batch_op.add_column(sa.Column("warming_up", sa.Boolean(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("listed_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("before_edit", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("edited_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("paused_since", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("back_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("pause_note", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("run_date") as batch_op:
        batch_op.add_column(sa.Column("starts", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("point", sa.String(), nullable=True))
