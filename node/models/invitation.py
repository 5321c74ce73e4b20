"""HQ's door: invitations it gave out, and chapters that wait at it."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Instant, Past


class IssuedInvitation(Base):
    """14 days, one use, kept as the SHA-256 of its secret. `admits`: without a person's yes."""

    __tablename__ = "issued_invitation"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(default="")
    admits: Mapped[bool] = mapped_column(default=True)
    issued_at: Mapped[datetime] = mapped_column(Past)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_by: Mapped[str | None]


class Admission(Base):
    """A chapter that asked and was verified, and waits for a person at HQ.

    `document`: its own, as sealed, if its host gave one.
    """

    __tablename__ = "admission"

    chapter: Mapped[str] = mapped_column(primary_key=True)
    root: Mapped[bytes]
    document: Mapped[bytes | None]
    base_url: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(Past)
