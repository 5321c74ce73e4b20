"""What a node asks others at its start, until it is answered."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Past


class RestoreQuestion(Base):
    """Open while it is not answered what the others hold of us: this folder may have been put back from a copy. One
    row.

    `version`, `envelope`: what had been signed by `since`; `signed`: digests of what has been signed in spite of it.
    """

    __tablename__ = "question"
    __table_args__ = (CheckConstraint("row = 1", name="ck_question_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    since: Mapped[datetime] = mapped_column(Past)
    version: Mapped[int]
    envelope: Mapped[bytes]
    signed: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
