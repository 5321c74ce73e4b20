"""How far the guided set-up of this node has come (node.setup). One row, only where there is or was one."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Instant, Past


class SetUp(Base):
    """The set-up of this node. Most of how far it has come is seen from what is there: the chapter, a run, an HQ.

    `profile`: the chapter as it was typed, until it is founded. `left`: steps that were left for later. `link_hash`:
    the SHA-256 of the one link that opens the set-up. `person_id`: whoever has opened it.
    """

    __tablename__ = "set_up"
    __table_args__ = (CheckConstraint("row = 1", name="ck_set_up_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    profile: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    left: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    link_hash: Mapped[str] = mapped_column(default="", server_default="")
    link_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    finished_at: Mapped[datetime | None] = mapped_column(Past)
