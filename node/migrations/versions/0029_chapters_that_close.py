"""The day on which a chapter closed for good, here and in the other chapters' documents. So far none has said so."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("chapter", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("held_document", sa.Column("closed_on", sa.String(), server_default="", nullable=False))
