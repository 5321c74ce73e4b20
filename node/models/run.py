"""Our own runs, and what leads have said of their dates."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, ForeignKey, false, true
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Past
from .pause import Pausable

COVER_HOURS, WARN_HOURS = 24, 2


class Run(Pausable, Base):
    """A run. `starts_on`: its first date, which gives the weekday. `starts_at`: wall-clock time in `timezone`."""

    __tablename__ = "run"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="run")
    timezone: Mapped[str]
    starts_on: Mapped[date]
    starts_at: Mapped[time]
    #: How often: a word of node.chapter.runs.REPEATS. `until`: the last day. `exdates`: planned gaps as YYYY-MM-DD.
    repeats: Mapped[str] = mapped_column(default="weekly", server_default="weekly")
    until: Mapped[date | None]
    exdates: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    duration_minutes: Mapped[int] = mapped_column(default=60)
    arrive_minutes_before: Mapped[int] = mapped_column(default=10)
    distance_m: Mapped[int | None]
    point_name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    directions: Mapped[str] = mapped_column(default="")
    lat_e4: Mapped[int]
    lon_e4: Mapped[int]
    #: About how far from that point people may stand, in metres; None: said before that was asked.
    precision_m: Mapped[int | None]
    public_transport: Mapped[str] = mapped_column(default="", server_default="")
    parking: Mapped[str] = mapped_column(default="", server_default="")
    #: Something that everybody finds; how far the point is from there, and in which of federation.words.DIRECTIONS.
    landmark: Mapped[str] = mapped_column(default="", server_default="")
    landmark_distance_m: Mapped[int | None]
    landmark_direction: Mapped[str | None]
    look_for: Mapped[str] = mapped_column(default="")
    what_happens: Mapped[str] = mapped_column(default="")
    bring: Mapped[str] = mapped_column(default="")
    facilities: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    accessibility: Mapped[str] = mapped_column(default="", server_default="")
    audience: Mapped[str] = mapped_column(default="everyone", server_default="everyone")
    minimum_age: Mapped[int | None]
    younger_accompanied: Mapped[bool] = mapped_column(default=False, server_default=false())
    languages: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    photos: Mapped[str | None]
    bank_holidays: Mapped[str | None]
    free_of_charge: Mapped[bool] = mapped_column(default=True, server_default=true())
    warming_up: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: The language of the texts above (BCP 47), and the same texts in others: by language, then by field. Each may miss
    #: some.
    text_language: Mapped[str | None]
    translations: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict, server_default="{}")
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: Hours before the start at which the other leads are asked, and at which whoever comes is told that nobody has
    #: promised to be there.
    cover_hours: Mapped[int] = mapped_column(default=COVER_HOURS, server_default=f"{COVER_HOURS}")
    warn_hours: Mapped[int] = mapped_column(default=WARN_HOURS, server_default=f"{WARN_HOURS}")
    #: The form that announced it: a double tap makes one run.
    form_id: Mapped[str | None] = mapped_column(unique=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Past)
    #: The last day on which a withdrawn run is still listed, with its dates cancelled.
    listed_until: Mapped[date | None]
    #: The day on which a lead last said that all of this is right, and the day on which the leads were last asked.
    checked_on: Mapped[date | None]
    check_asked_on: Mapped[date | None]
    #: As federation.documents.Notice has them.
    notices: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    #: The day from which on the run is as it stands here, where a lead entered the change ahead.
    changes_on: Mapped[date | None]
    #: A change for a day more than eight weeks ahead (JSON, see node.facts.later_changes).
    later_change: Mapped[str | None]
    #: What stood before the last change (JSON), so that it can be undone, and when the change was made.
    before_edit: Mapped[str | None]
    edited_at: Mapped[datetime | None] = mapped_column(Past)


class RunDate(Base):
    """What leads have said of one date. Without a row, nobody has confirmed it yet.

    `state`: confirmed, cancelled or moved. `starts` (naive local, YYYY-MM-DDTHH:MM) and `point` (JSON of a meeting
    point): where it was moved to, or where it stays while the run changes. `as_announced`: it stays.
    """

    __tablename__ = "run_date"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str]
    at: Mapped[datetime] = mapped_column(Past)
    reason: Mapped[str | None]
    note: Mapped[str | None]
    starts: Mapped[str | None]
    point: Mapped[str | None]
    as_announced: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: What was said before the last tap (JSON), so that one tap undoes it. None if there is no tap to undo.
    before: Mapped[str | None]

    @property
    def is_moved(self) -> bool:
        """Whether the date has an hour or a meeting point of its own."""
        return self.starts is not None or self.point is not None
