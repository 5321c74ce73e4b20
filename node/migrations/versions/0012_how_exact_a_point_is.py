"""How exact a run's point is: no pin leads anybody to the middle of a town. Of the runs so far it is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("run", sa.Column("precision_m", sa.Integer(), nullable=True))
