"""What a run tells whoever comes for the first time: a letter, and photos of the place."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Base, Past


class FirstTimerLetter(Base):
    """A lead's letter to whoever comes to a run for the first time. It is public on this node's pages alone."""

    __tablename__ = "first_timer_letter"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    words: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(Past)


class Photo(Base):
    """A photo of a run's meeting point, encoded anew by this node. `shows`: the text alternative."""

    __tablename__ = "photo"

    id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), index=True)
    shows: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes]
    added_at: Mapped[datetime] = mapped_column(Past)
