"""HQ's registry of the chapters, as this node holds it."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Instant, Past


class HeldRegistry(Base):
    """The newest registry that this node has adopted. `read_at`: when HQ's own host last answered."""

    __tablename__ = "held_registry"
    __table_args__ = (CheckConstraint("row = 1", name="ck_held_registry_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    version: Mapped[int]
    digest: Mapped[str]
    envelope: Mapped[bytes]
    name: Mapped[str]
    contact: Mapped[str]
    fresh_until: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Past(is_forgotten=True))


class HeldBin(Base):
    """The exact bytes of a bin, kept for two registries. `registry_version`: the newest registry that names it."""

    __tablename__ = "held_bin"

    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    registry_version: Mapped[int]


class RegistryChapter(Base):
    """One entry of the adopted registry."""

    __tablename__ = "registry_chapter"

    chapter: Mapped[str] = mapped_column(primary_key=True)
    root_version: Mapped[int]
    root_digest: Mapped[str]
    status: Mapped[str]
    since: Mapped[datetime] = mapped_column(Instant)
    replaces: Mapped[str | None]
