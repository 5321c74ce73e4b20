"""Public transport, parking and a landmark of a run; and bits for four new facilities in the rows of the search."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

#: Each new word and its place in the closed list (federation.words.FACILITIES).
_NEW = {"accessible-toilet": 10, "assistance-dogs": 11, "children": 12, "sign-language": 13}


def upgrade() -> None:
    for name in ("public_transport", "parking", "landmark"):
        op.add_column("run", sa.Column(name, sa.String(), server_default="", nullable=False))
    op.add_column("run", sa.Column("landmark_distance_m", sa.Integer(), nullable=True))
    op.add_column("run", sa.Column("landmark_direction", sa.String(), nullable=True))
    _index_new_words()


def _index_new_words() -> None:
    """Nodes that know the words may have said them before this one learnt to find them."""
    rows = sa.table("held_listing", *map(sa.column, ("row", "content", "facilities")))
    maybe = sa.or_(*(rows.c.content.contains(f'"{word}"') for word in _NEW))
    for row, content, bits in op.get_bind().execute(sa.select(rows).where(maybe)).all():
        said = json.loads(content).get("facilities", [])
        new = sum(1 << place for word, place in _NEW.items() if word in said)
        op.execute(rows.update().where(rows.c.row == row).values(facilities=bits | new))
