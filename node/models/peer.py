"""Other nodes as this one has met them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Instant, Past


class KnownPeer(Base):
    """What is known of one peer: how far its feed has been read, and how it has behaved."""

    __tablename__ = "peer"

    base_url: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    try_after: Mapped[datetime | None] = mapped_column(Instant)
    asked_at: Mapped[datetime | None] = mapped_column(Past(is_forgotten=True))
    #: From the node's own /status, asked at `status_at`: how far its clock is ahead of ours (behind: negative).
    software: Mapped[str] = mapped_column(default="", server_default="")
    status_at: Mapped[datetime | None] = mapped_column(Past(is_forgotten=True))
    clock_off_seconds: Mapped[int | None]
    #: What was found against it, how often, and the newest of it in words.
    suspicions: Mapped[int] = mapped_column(default=0, server_default="0")
    suspicion: Mapped[str] = mapped_column(default="", server_default="")
    suspected_at: Mapped[datetime | None] = mapped_column(Past)


class Retry(Base):
    """A chapter whose document was refused for now (its root or its registry entry was missing): asked for again."""

    __tablename__ = "retry"

    chapter: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(Past)
