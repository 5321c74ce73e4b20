"""How chapters join: the invitations that HQ has given, and the chapters that wait for its yes."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Instant, Past


class IssuedInvitation(Base):
    """An invitation for one chapter, good for 14 days, kept as the SHA-256 of its secret.

    `admits`: the chapter joins without a person's yes. `used_by`: the id of the chapter that asked with it.
    """

    __tablename__ = "issued_invitation"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(default="")
    admits: Mapped[bool] = mapped_column(default=True)
    issued_at: Mapped[datetime] = mapped_column(Past)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_by: Mapped[str | None]


class Admission(Base):
    """A chapter that has asked to join, was verified, and waits for a person at HQ.

    `root`, `document`: as the chapter sealed them. There is no document if its host gave none.
    """

    __tablename__ = "admission"

    chapter: Mapped[str] = mapped_column(primary_key=True)
    root: Mapped[bytes]
    document: Mapped[bytes | None]
    base_url: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(Past)
