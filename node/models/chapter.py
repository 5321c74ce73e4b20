"""This node itself: the chapter (or HQ) that it speaks for, and the HQ that it has joined. One row each."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, false
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
    #: As in Run, of `about` alone.
    text_language: Mapped[str | None]
    translations: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict, server_default="{}")
    contact: Mapped[str] = mapped_column(default="")
    #: Whether anybody may ask the leads something by a form (node.inbox).
    contact_form: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_version: Mapped[int] = mapped_column(default=0)
    last_digest: Mapped[str] = mapped_column(default="")
    #: The last day on which a lead said anything. Of the time before that was noted nothing is known.
    last_word_on: Mapped[date | None]
    #: The day on which it closed for good. From then on it has no coming run, and this node ends (node.upkeep.closing).
    closed_on: Mapped[date | None]
    #: Of the whole chapter, as in Run.
    notices: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    signed_at: Mapped[datetime | None] = mapped_column(Past(is_forgotten=True))
    #: When a document of ours was met that this node did not make. A lead is told until they dismiss it.
    taken_over_at: Mapped[datetime | None] = mapped_column(Past)
    #: When such a document was last met, and since when two servers are known to speak for us. While they do, this one
    #: signs nothing by itself.
    met_at: Mapped[datetime | None] = mapped_column(Past)
    rival_since: Mapped[datetime | None] = mapped_column(Past)
    #: When the process that serves began. What leads have said since then was said on this very server.
    began_at: Mapped[datetime | None] = mapped_column(Past)


class Hq(Base):
    """The HQ that this node has joined, pinned by the digest of its first root."""

    __tablename__ = "hq"
    __table_args__ = (CheckConstraint("row = 1", name="ck_hq_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    id: Mapped[str]
    root_digest: Mapped[str]
    url: Mapped[str]
    #: When this chapter asked to join. None at HQ itself, and where the chapter joined before this was noted.
    asked_at: Mapped[datetime | None] = mapped_column(Past)
