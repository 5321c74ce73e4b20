"""The outbox: letters that wait to be mailed, and addresses that take none."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Base, Instant, Past


class Letter(Base):
    """A letter that waits, or was sent. Its words are made when it is sent, from what is true then.

    `key`: what it is about and for whom, so that no restart and no doubled hour sends it twice. `kind`: a word of
    node.mail.letters. `facts`: what it is about, without anything about a person (run, day). To whom: `person_id`,
    `coming_id`, or `address` (sealed), where nobody is known yet. `not_after`: a letter that comes too late is none.
    """

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    coming_id: Mapped[str | None] = mapped_column(ForeignKey("coming.id", ondelete="CASCADE"), index=True)
    address: Mapped[bytes | None]
    message_id: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(Past)
    try_at: Mapped[datetime] = mapped_column(Instant, index=True)
    not_after: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    #: How often it was handed over without an answer of the mail server that was noted.
    in_doubt: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[datetime | None] = mapped_column(Past)
    #: Why it is not sent any more, in one word of node.mail.outbox.
    given_up: Mapped[str | None]


class ClosedAddress(Base):
    """An address that gets no letters: it bounced, or its owner stopped them. `why`: bounced or stopped."""

    __tablename__ = "closed_address"

    email_index: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(Past)
