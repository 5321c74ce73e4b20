"""For what hour and place a duty is promised, who wrote the line of a run's day, and who has used an invitation."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("duty", sa.Column("promised_for", sa.String(), nullable=True))
    op.add_column("run_day", sa.Column("note_at", sa.BigInteger(), nullable=True))
    op.add_column("role_invitation", sa.Column("used_at", sa.BigInteger(), nullable=True))
    _add_person("run_day", "note_by")
    _add_person("role_invitation", "used_by")


def _add_person(table: str, column: str) -> None:
    """Add a column that names a person. Alembic would build the whole table anew for its foreign key."""
    key = f"CONSTRAINT fk_{table}_{column}_person REFERENCES person (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {key}")
