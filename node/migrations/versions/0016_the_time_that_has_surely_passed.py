"""The time that has surely come, for retention where no other node vouches for the clock (node.members.retention)."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # It is empty: the first count begins at the last sweep, which went by a clock that others vouched for.
    op.add_column("upkeep", sa.Column("sure_at", sa.BigInteger(), nullable=True))
