"""Who does what on which date: the rota, promises, and holidays of leads."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Base, Past


class RotaRule(Base):
    """Who usually takes which dates of a run. `duty`: lead, back-marker or welcomer.

    `dates`: turns (in the order of `position`), or which of the month's dates: 1 to 5, or -1 for the last.
    """

    __tablename__ = "rota_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    duty: Mapped[str] = mapped_column(default="lead")
    dates: Mapped[str] = mapped_column(default="turns")
    position: Mapped[int] = mapped_column(default=0)


class Duty(Base):
    """Whoever takes one duty on one date. `promised_at`: when that person said "I'll be there". `promised_for`: when
    and where the date was held then (node.members.comers.moves).

    `offered_to`: whoever is asked to take it over; until that person says yes, the promise is the former one's.
    `dropped_at`: since when somebody is sought anew. `dropped_by`: whoever cannot be there, and `line`: what that
    person wrote to the others. `was_off`: the date was cancelled or paused when it was last looked at. A duty without a
    person is open.
    """

    __tablename__ = "duty"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    duty: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    promised_at: Mapped[datetime | None] = mapped_column(Past)
    promised_for: Mapped[str | None]
    offered_to: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    dropped_at: Mapped[datetime | None] = mapped_column(Past)
    dropped_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    line: Mapped[str] = mapped_column(default="")
    was_off: Mapped[bool] = mapped_column(default=False, server_default=false())


class Holiday(Base):
    """Days, both included, on which a person takes no duty."""

    __tablename__ = "holiday"
    __table_args__ = (Index("ix_holiday_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    first_day: Mapped[date]
    last_day: Mapped[date]
