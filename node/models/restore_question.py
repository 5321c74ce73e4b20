"""What a node asks others at its start: do they hold a newer document of ours?"""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Past


class RestoreQuestion(Base):
    """The row is there until that is answered: this folder may have been put back from a copy. One row.

    `since`: when the node began to ask. `version`, `envelope`: the newest that had been signed by then. `signed`:
    digests of what was signed since, though it was not answered.
    """

    __tablename__ = "question"
    __table_args__ = (CheckConstraint("row = 1", name="ck_question_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    since: Mapped[datetime] = mapped_column(Past)
    version: Mapped[int]
    envelope: Mapped[bytes]
    signed: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
