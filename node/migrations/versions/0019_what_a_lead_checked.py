"""When a lead last said that a run is right, and when the leads were asked. Of the runs so far it is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("run", sa.Column("checked_on", sa.Date(), nullable=True))
    op.add_column("run", sa.Column("check_asked_on", sa.Date(), nullable=True))
