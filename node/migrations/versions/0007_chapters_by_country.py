"""The list of chapters in its order, and what a search in it looks at."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("ix_held_document_country_name", "held_document", ["country", "name", "chapter", "place"])
