"""Other nodes, as this one has come to know them."""

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
    #: From the peer's own /status, read at `status_at`. `clock_off_seconds`: how far its clock is ahead of ours.
    software: Mapped[str] = mapped_column(default="", server_default="")
    status_at: Mapped[datetime | None] = mapped_column(Past(is_forgotten=True))
    clock_off_seconds: Mapped[int | None]
    #: How often anything was found against the peer, and the newest of it in words.
    suspicions: Mapped[int] = mapped_column(default=0, server_default="0")
    suspicion: Mapped[str] = mapped_column(default="", server_default="")
    suspected_at: Mapped[datetime | None] = mapped_column(Past)


class Retry(Base):
    """A chapter whose document is asked for again. It was refused while its root or its registry entry was missing."""

    __tablename__ = "retry"

    chapter: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(Past)
