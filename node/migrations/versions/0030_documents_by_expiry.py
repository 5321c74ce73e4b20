"""An index of documents by when they expire, for maps: they leave out what the lists leave out."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_index("ix_held_document_expires", "held_document", ["expires", "chapter"])
