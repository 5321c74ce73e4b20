"""The document of a chapter that waits, so that HQ reads its name before it says yes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("admission", sa.Column("document", sa.LargeBinary(), nullable=True))
