"""Who has said that they will come: as little of them as they wanted to give."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Base, Past


class Coming(Base):
    """Somebody who said "I'm coming". The private link's token is derived from `id` and looked up by `token_hash`.

    `day`: the date; None: each date from `since` on. `said_for`: when and where they said yes to
    (node.members.comers.moves); after a move they are asked again. `form_id`: of the page and what was typed there, so
    that a double tap is one. Sealed: `name`, `email`, `message` (to the leads), `emergency` (a contact, for that day's
    lead around the run). `given_for`: the date for which message and contact were given; they are erased after it.
    `cleared_at`: when a lead took the comer off the list (node.members.comers.clearing).
    """

    __tablename__ = "coming"

    id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), index=True)
    day: Mapped[date | None]
    since: Mapped[date]
    said_for: Mapped[str]
    said_at: Mapped[datetime] = mapped_column(Past)
    given_for: Mapped[date]
    form_id: Mapped[str | None] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    first_time: Mapped[bool] = mapped_column(default=False, server_default=false())
    look_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    language: Mapped[str] = mapped_column(default="", server_default="")
    name: Mapped[bytes | None]
    message: Mapped[bytes | None]
    emergency: Mapped[bytes | None]
    email: Mapped[bytes | None]
    email_index: Mapped[str | None] = mapped_column(index=True)
    email_confirmed_at: Mapped[datetime | None] = mapped_column(Past)
    cleared_at: Mapped[datetime | None] = mapped_column(Past)


class DayOff(Base):
    """A date on which somebody who comes each week does not come."""

    __tablename__ = "day_off"

    coming_id: Mapped[str] = mapped_column(ForeignKey("coming.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class ComingDate(Base):
    """What a comer has said and was told of one date since they said that they come.

    `said_for`: when and where they said yes to, after a move. `told`: what the last letter said of it
    (node.members.comers.news). `letters`: how many there were.
    """

    __tablename__ = "coming_date"

    coming_id: Mapped[str] = mapped_column(ForeignKey("coming.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    said_for: Mapped[str | None]
    told: Mapped[str | None]
    letters: Mapped[int] = mapped_column(default=0)


class EmergencyOpening(Base):
    """That a lead has opened an emergency contact, for the runner to see.

    `first_name`: of that lead then; empty once that lead's account is deleted.
    """

    __tablename__ = "emergency_opening"

    id: Mapped[int] = mapped_column(primary_key=True)
    coming_id: Mapped[str] = mapped_column(ForeignKey("coming.id", ondelete="CASCADE"), index=True)
    day: Mapped[date]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    first_name: Mapped[str]
    at: Mapped[datetime] = mapped_column(Past)


class CannotFind(Base):
    """That somebody is at the meeting point on a date and cannot find the others."""

    __tablename__ = "cannot_find"

    coming_id: Mapped[str] = mapped_column(ForeignKey("coming.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Past)
