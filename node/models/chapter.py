"""This node itself: the chapter (or HQ) it speaks for, and the HQ it has pinned. One row each."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Past
from .pause import Pausable


class Chapter(Pausable, Base):
    """Our own profile. On HQ's node `id` is HQ's id, and `contact` its public address."""

    __tablename__ = "chapter"
    __table_args__ = (CheckConstraint("row = 1", name="ck_chapter_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    id: Mapped[str]
    name: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="UTC")
    about: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    last_version: Mapped[int] = mapped_column(default=0)
    last_digest: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime | None] = mapped_column(Past(is_forgotten=True))
    #: Set when a document of ours that this node did not make was met; a lead is told until it is dismissed.
    taken_over_at: Mapped[datetime | None] = mapped_column(Past)
    #: When one was last met, and since when two servers are known to speak for us: then nothing is signed by itself.
    met_at: Mapped[datetime | None] = mapped_column(Past)
    rival_since: Mapped[datetime | None] = mapped_column(Past)
    #: When the process that serves began: what a lead has said since then was said on this very server.
    began_at: Mapped[datetime | None] = mapped_column(Past)


class Hq(Base):
    """The HQ this node has joined, pinned by the digest of its first root."""

    __tablename__ = "hq"
    __table_args__ = (CheckConstraint("row = 1", name="ck_hq_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    id: Mapped[str]
    root_digest: Mapped[str]
    url: Mapped[str]
    #: When this chapter asked it to be let in; None at HQ itself, and where that was before this was noted.
    asked_at: Mapped[datetime | None] = mapped_column(Past)
