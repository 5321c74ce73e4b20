"""The directory: roots and documents of all chapters, our own too, as their authors sealed them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Instant, Past


class Counter(Base):
    """The feed's name and its last seq. One row."""

    __tablename__ = "counter"
    __table_args__ = (CheckConstraint("row = 1", name="ck_counter_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    feed: Mapped[str]
    seq: Mapped[int] = mapped_column(default=0)


class HeldRoot(Base):
    """A verified root. `author`: a chapter's or HQ's id. HQ's roots have no seq, since they are not in the feed."""

    __tablename__ = "held_root"

    author: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(index=True)
    base_url: Mapped[str] = mapped_column(default="")
    envelope: Mapped[bytes]
    seq: Mapped[int | None] = mapped_column(unique=True)


class HeldDocument(Base):
    """The newest document of one chapter. Where `envelope` is gone, only `version` is left, as the floor (§8.2)."""

    __tablename__ = "held_document"
    __table_args__ = (
        # The list of chapters in its order, with the columns that a search in it reads.
        Index("ix_held_document_country_name", "country", "name", "chapter", "place"),
        # Which have expired, without a look at their envelopes.
        Index("ix_held_document_expires", "expires", "chapter"),
    )

    chapter: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    digest: Mapped[str | None] = mapped_column(index=True)
    envelope: Mapped[bytes | None]
    name: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    #: The chapter's own pause as JSON, or empty.
    pause: Mapped[str] = mapped_column(default="", server_default="")
    #: When a lead last said anything, as YYYY-MM-DD, or empty.
    last_word_on: Mapped[str] = mapped_column(default="", server_default="")
    #: The day on which the chapter closed for good, as YYYY-MM-DD, or empty.
    closed_on: Mapped[str] = mapped_column(default="", server_default="")
    issued: Mapped[datetime] = mapped_column(Instant)
    fresh_until: Mapped[datetime] = mapped_column(Instant)
    expires: Mapped[datetime] = mapped_column(Instant)
    #: When the chapter's own host last answered anything.
    heard_at: Mapped[datetime | None] = mapped_column(Past(is_forgotten=True))
    seq: Mapped[int] = mapped_column(unique=True)


_TOLD = ("lat_e4", "lon_e4", "weekly", "kind", "facilities")


class HeldListing(Base):
    """One listing of a held document, in a row of its own for search.

    `content`: its JSON. `cell`: of a grid of 0.1 degrees. `weekly`: whether its dates lie whole weeks apart.
    `facilities`: bits, see node.directory.listing_rows.
    """

    __tablename__ = "held_listing"
    __table_args__ = (
        UniqueConstraint("chapter", "listing", name="uq_held_listing_chapter_listing"),
        # All that a search reads before it reads a listing.
        Index("ix_held_listing_cell_next_start", "cell", "next_start", *_TOLD),
        Index("ix_held_listing_next_start", "next_start", "chapter", "listing", *_TOLD),
    )

    row: Mapped[int] = mapped_column(primary_key=True)
    chapter: Mapped[str]
    listing: Mapped[str]
    content: Mapped[str]
    lat_e4: Mapped[int]
    lon_e4: Mapped[int]
    cell: Mapped[int]
    weekly: Mapped[bool] = mapped_column(default=False, server_default=false())
    kind: Mapped[str] = mapped_column(default="run", server_default="run")
    facilities: Mapped[int] = mapped_column(default=0, server_default="0")
    #: When the next date that has not ended starts; None for a run that is over. A run whose dates this node cannot
    #: read has node.directory.listing_rows.UNREADABLE.
    next_start: Mapped[datetime | None] = mapped_column(Instant)


class Evidence(Base):
    """A second payload that a chapter signed under one version. It is kept for 30 days."""

    __tablename__ = "evidence"

    digest: Mapped[str] = mapped_column(primary_key=True)
    chapter: Mapped[str]
    version: Mapped[int]
    envelope: Mapped[bytes]
    seen_at: Mapped[datetime] = mapped_column(Past)
