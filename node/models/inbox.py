"""What people write to the people of this site: questions, reports of what is out of date, wishes for a run."""

from datetime import datetime

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Past


class Message(Base):
    """One message. `kind`: question, report or wish (node.inbox.messages). `run_id`: the run that a report is about.

    Sealed: `words` (of a wish: the place), `email` (for the answer), `answer`. The token of the sender's private link
    is derived from `id` and looked up by `token_hash`. `form_id`: of the page and what was typed there, so that a
    double tap is one message. `outcome`: what the answer says of a report, as a word of node.inbox.answers.
    """

    __tablename__ = "message"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(index=True)
    run_id: Mapped[str | None] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    form_id: Mapped[str | None] = mapped_column(unique=True)
    words: Mapped[bytes]
    email: Mapped[bytes | None]
    can_help: Mapped[bool] = mapped_column(default=False, server_default=false())
    language: Mapped[str] = mapped_column(default="", server_default="")
    sent_at: Mapped[datetime] = mapped_column(Past)
    answer: Mapped[bytes | None]
    outcome: Mapped[str | None]
    answered_at: Mapped[datetime | None] = mapped_column(Past)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)


class ChapterContact(Base):
    """How HQ reaches the people of a chapter. Only HQ's node has rows. `name`, `email` and `phone` are sealed."""

    __tablename__ = "chapter_contact"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[bytes | None]
    email: Mapped[bytes | None]
    phone: Mapped[bytes | None]
    changed_at: Mapped[datetime] = mapped_column(Past)
