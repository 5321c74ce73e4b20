"""The queue names chapters: a node is told of the newest document, so nobody reads the digest of the one queued."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # The column is in no index and in no key, so that SQLite takes it out of the table in place.
    op.drop_column("relay_item", "digest")
