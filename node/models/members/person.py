"""People with an account, and where they are signed in."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...database import Base, Past


class Person(Base):
    """A person with an account. `role`: lead, co-lead or member (node.members.roles). HQ's people are leads.

    `public_name`: that lead's own yes to their first name in listings. `email`: sealed. `email_index`: its HMAC, by
    which it is looked up. `seen_at`: when the account was last used. An idle member's account is deleted.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str]
    role: Mapped[str] = mapped_column(default="lead", server_default="lead")
    public_name: Mapped[bool] = mapped_column(default=False)
    consented_at: Mapped[datetime | None] = mapped_column(Past)
    added_at: Mapped[datetime] = mapped_column(Past)
    email: Mapped[bytes | None]
    email_index: Mapped[str | None] = mapped_column(index=True, unique=True)
    email_confirmed_at: Mapped[datetime | None] = mapped_column(Past)
    #: The language of letters, as a locale of web/translations; empty: English.
    language: Mapped[str] = mapped_column(default="", server_default="")
    seen_at: Mapped[datetime | None] = mapped_column(Past)


class PersonSession(Base):
    """A signed-in phone, kept as the SHA-256 of its token. It ends 90 days after it was last used."""

    __tablename__ = "person_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    device: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime] = mapped_column(Past)
    seen_at: Mapped[datetime] = mapped_column(Past)

    person: Mapped[Person] = relationship()
