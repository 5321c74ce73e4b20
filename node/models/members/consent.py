"""What people have agreed to, in which words, and when; and when what is over was last deleted."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Base, Past


class Consent(Base):
    """A yes to one purpose. `wording`: the words that were read. `withdrawn_at`: when it was taken back."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    coming_id: Mapped[str | None] = mapped_column(ForeignKey("coming.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    wording: Mapped[str]
    at: Mapped[datetime] = mapped_column(Past)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Past)


class Upkeep(Base):
    """When what is over was last deleted from this node, for the page on privacy; and a proof of the members' key.

    `sure_at`: a time that has surely come, however wrong the clock is (node.members.retention). `key_proof`: a text
    that the members' key has sealed. One row.
    """

    __tablename__ = "upkeep"
    __table_args__ = (CheckConstraint("row = 1", name="ck_upkeep_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    swept_at: Mapped[datetime | None] = mapped_column(Past)
    sure_at: Mapped[datetime | None] = mapped_column(Past)
    key_proof: Mapped[bytes | None]
