"""When a lead last said anything, here and in the other chapters' documents. So far it is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("chapter", sa.Column("last_word_on", sa.Date(), nullable=True))
    op.add_column("held_document", sa.Column("last_word_on", sa.String(), server_default="", nullable=False))
