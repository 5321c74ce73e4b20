"""A run's day: heads counted, how it went, and how its lead is."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Base, Past


class RunDay(Base):
    """What the leads have noted of one date. None of it ever leaves the node.

    `outcome`: held, nobody or not-held. `band`: how many about, as a word of node.members.run_day.BANDS. `note`: what
    the lead says to whoever comes that day, on their private pages alone. `note_by`: the lead who wrote it.
    """

    __tablename__ = "run_day"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    heads_out: Mapped[int | None]
    heads_back: Mapped[int | None]
    outcome: Mapped[str | None]
    band: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    note_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note_at: Mapped[datetime | None] = mapped_column(Past)
    noted_at: Mapped[datetime] = mapped_column(Past)


class CheckIn(Base):
    """How a lead is after a run, for that lead's eyes alone. `words`: sealed. It is erased after 30 days."""

    __tablename__ = "check_in"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    day: Mapped[date]
    words: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(Past)
