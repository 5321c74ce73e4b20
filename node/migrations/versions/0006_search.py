"""What a search asks before it reads a document, and the words of listings."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TOLD = ["lat_e4", "lon_e4", "weekly", "kind", "facilities"]
_WORDS = " || ' ' || ".join(
    f"coalesce(json_extract(content, '$.{name}'), '')"
    for name in ("name", "meeting_point.name", "meeting_point.address", "what_happens")
)


def upgrade() -> None:
    op.drop_index("ix_held_listing_cell_next_start", table_name="held_listing")
    with op.batch_alter_table("held_listing") as batch_op:
        batch_op.add_column(sa.Column("weekly", sa.Boolean(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("kind", sa.String(), server_default="run", nullable=False))
        batch_op.add_column(sa.Column("facilities", sa.Integer(), server_default="0", nullable=False))
    # No listing had facilities yet; what is weekly is known again with each chapter's next document.
    op.execute("UPDATE held_listing SET kind = json_extract(content, '$.kind')")
    op.create_index("ix_held_listing_cell_next_start", "held_listing", ["cell", "next_start", *_TOLD])
    op.create_index("ix_held_listing_next_start", "held_listing", ["next_start", *_TOLD])
    op.execute("CREATE VIRTUAL TABLE listing_text USING fts5(words, prefix='2 3 4', columnsize=0)")
    op.execute(
        f"INSERT INTO listing_text (rowid, words) SELECT held_listing.row, {_WORDS} || ' ' || name || ' ' || place "
        "FROM held_listing JOIN held_document USING (chapter)"
    )
