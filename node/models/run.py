"""Our own runs, and what is known of their single dates."""

from datetime import date, datetime, time

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Instant


class Run(Base):
    """A weekly run: `starts_on` is its first date (and so its weekday), `starts_at` wall-clock time in `timezone`."""

    __tablename__ = "run"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="run")
    timezone: Mapped[str]
    starts_on: Mapped[date]
    starts_at: Mapped[time]
    duration_minutes: Mapped[int] = mapped_column(default=60)
    arrive_minutes_before: Mapped[int] = mapped_column(default=10)
    distance_m: Mapped[int | None]
    point_name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    directions: Mapped[str] = mapped_column(default="")
    lat_e4: Mapped[int]
    lon_e4: Mapped[int]
    look_for: Mapped[str] = mapped_column(default="")
    what_happens: Mapped[str] = mapped_column(default="")
    bring: Mapped[str] = mapped_column(default="")
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    #: The form that made it: a double tap on "announce" makes one run.
    form_id: Mapped[str | None] = mapped_column(unique=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class RunDate(Base):
    """What a lead has said of one date: confirmed or cancelled. No row: not confirmed yet."""

    __tablename__ = "run_date"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str | None]
    note: Mapped[str | None]
    #: What stood before the last tap (JSON, or empty for nothing), so that one tap undoes it.
    before: Mapped[str | None]
