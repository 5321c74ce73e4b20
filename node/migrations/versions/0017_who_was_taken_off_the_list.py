"""When a lead took a comer off the list, so that the comer's own page can say so (node.members.comers.clearing)."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("coming", sa.Column("cleared_at", sa.BigInteger(), nullable=True))
