"""Leads: who may act for the chapter, their one-time links and their signed-in phones."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Base, Instant, Past


class Lead(Base):
    """A volunteer. `public_name`: that lead's own yes to their first name in listings."""

    __tablename__ = "lead"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str]
    public_name: Mapped[bool] = mapped_column(default=False)
    consented_at: Mapped[datetime | None] = mapped_column(Past)
    added_at: Mapped[datetime] = mapped_column(Past)


class SignInLink(Base):
    """A one-time sign-in link, good for 15 minutes, kept as the SHA-256 of its token."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(Instant)


class LeadSession(Base):
    """A signed-in phone, kept as the SHA-256 of its token. It ends 90 days after it was last used."""

    __tablename__ = "lead_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    device: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime] = mapped_column(Past)
    seen_at: Mapped[datetime] = mapped_column(Past)

    lead: Mapped[Lead] = relationship()
