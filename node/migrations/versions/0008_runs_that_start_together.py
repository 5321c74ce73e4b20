"""The index of next starts in the order of results: many runs start at the same minute."""

from alembic import op

revision = "0008"
down_revision = "0007"

_TOLD = ["lat_e4", "lon_e4", "weekly", "kind", "facilities"]


def upgrade() -> None:
    op.drop_index("ix_held_listing_next_start", table_name="held_listing")
    op.create_index("ix_held_listing_next_start", "held_listing", ["next_start", "chapter", "listing", *_TOLD])
