"""A change of a run that a lead has entered for a day more than eight weeks ahead."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("run", sa.Column("later_change", sa.String(), nullable=True))
