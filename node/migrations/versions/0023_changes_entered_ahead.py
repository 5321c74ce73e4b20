"""From which day on a run is as it stands here, where a lead entered the change ahead."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("run", sa.Column("changes_on", sa.Date(), nullable=True))
