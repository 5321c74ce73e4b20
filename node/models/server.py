"""How the server does, for those who look after it. Nothing here is about a person."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Past


class CheckResult(Base):
    """What the last look found of one check (node.upkeep.doctor).

    `since`: when this state began, as far as the looks tell. `told_at`: when leads were written to about it, if they
    were since it was last well.
    """

    __tablename__ = "check_result"

    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    says: Mapped[str]
    fix: Mapped[str]
    at: Mapped[datetime] = mapped_column(Past)
    since: Mapped[datetime] = mapped_column(Past)
    told_at: Mapped[datetime | None] = mapped_column(Past(is_forgotten=True))


class Sample(Base):
    """How the server did at one time. None: there was nothing to measure.

    `fresh_hours`: until what this node signed is stale. `heard_minutes`: since another node answered. `backup_hours`:
    since the last backup.
    """

    __tablename__ = "sample"

    at: Mapped[datetime] = mapped_column(Past, primary_key=True)
    fresh_hours: Mapped[int | None]
    heard_minutes: Mapped[int | None]
    letters_waiting: Mapped[int]
    memory_mb: Mapped[int | None]
    backup_hours: Mapped[int | None]
