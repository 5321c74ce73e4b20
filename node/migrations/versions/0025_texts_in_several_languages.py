"""In which language leads wrote of the chapter and of its runs, and the same in others."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    for table in ("run", "chapter"):
        op.add_column(table, sa.Column("text_language", sa.String()))
        op.add_column(table, sa.Column("translations", sa.JSON(), server_default="{}", nullable=False))
