"""A message to the people of this site: kept sealed, found by its sender's private link, erased after its time.

A sender needs no account and leaves no name. An e-mail address is for the answer alone. No message is ever public, and
none publishes anything: what a report says is out of date stays as it is until a lead changes it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.text import tidy

from .. import sealed_fields
from ..chapter import runs
from ..config import Settings
from ..database import Writing, fold, writing
from ..errors import NodeError, NotFound
from ..input import email, form_ids
from ..input.tokens import hash_of
from ..input.validation import check_private, refuse
from ..models import Chapter, Letter, Message
from . import room, telling

#: question: to the leads of a chapter. report: that something about a run is out of date. wish: for a run, to HQ.
Kind = Literal["question", "report", "wish"]
#: The most characters of a message's words, by kind. The words of a wish are a place.
LIMITS: Mapping[Kind, int] = {"question": 1000, "report": 500, "wish": 80}


class NotOpen(NodeError):
    """The chapter takes no questions by a form."""

    code = "not-open"


@dataclass(frozen=True)
class Written:
    """What somebody writes. `run_id`: what a report is about. `can_help`: the sender of a wish would help."""

    kind: Kind
    words: str
    email: str = ""
    run_id: str | None = None
    can_help: bool = False
    language: str = ""

    def tidied(self) -> "Written":
        """The same without stray spaces."""
        return replace(self, words=tidy(self.words), email=tidy(self.email))


def check(written: Written) -> dict[str, str]:
    """The problems of what somebody writes, by field. It may name people and numbers: nothing of it is public."""
    found = check_private("words", written.words, LIMITS[written.kind], is_required=True)
    code = email.check_email(written.email) if written.email else None
    return found | ({"email": code} if code else {})


def send(
    session: Session, settings: Settings, written: Written, now: datetime, form_id: str = "", from_here: int = 0
) -> str:
    """Keep a message and tell the leads. The token of the sender's private link.

    The same form with the same content again gives the same link. `from_here`: how many this visitor's network has sent
    (node.inbox.room). Raises NotOpen for a question, NotFound for the run of a report, InvalidInput, CannotUnseal.
    """
    written, key = written.tidied(), sealed_fields.load(settings)
    refuse(check(written))
    form = form_ids.with_content(form_id, written)
    with writing(session, is_private=True) as transaction:
        made = transaction.scalars(select(Message.id).where(Message.form_id == form)).first() if form else None
        if made is not None:
            return key.token("message", made)
        _require_wanted(transaction, written)
        room.require(transaction, written.kind, written.run_id, from_here)
        row = Message(id=secrets.token_hex(16), kind=written.kind, run_id=written.run_id, form_id=form, sent_at=now)
        row.token_hash = hash_of(key.token("message", row.id))
        row.words = key.seal("message.words", row.id, written.words)
        row.email = key.seal("message.email", row.id, written.email) if written.email else None
        row.can_help, row.language = written.can_help, written.language
        transaction.add(row)
        telling.tell_leads(transaction, settings, row, now)
    return key.token("message", row.id)


def token_of(settings: Settings, row: Message) -> str:
    """The token of the sender's private link. Raises CannotUnseal."""
    return sealed_fields.load(settings).token("message", row.id)


def find(session: Session, settings: Settings, token: str, now: datetime) -> Message:
    """The message whose private link it is. Raises NotFound, whether the link was made up, or its message is erased."""
    row = session.scalars(select(Message).where(Message.token_hash == hash_of(token))).first()
    if row is None or is_over(settings, row, now):
        raise NotFound("this link opens nothing")
    return row


def words_of(settings: Settings, row: Message) -> str:
    """What the sender wrote. Raises CannotUnseal."""
    return sealed_fields.load(settings).open("message.words", row.id, row.words)


def answer_of(settings: Settings, row: Message) -> str:
    """What was answered; empty for nothing. Raises CannotUnseal."""
    return sealed_fields.load(settings).open_if("message.answer", row.id, row.answer)


def export(settings: Settings, row: Message) -> dict[str, object]:
    """All that is kept of a message, as JSON's members, for its sender. Raises CannotUnseal."""
    return {
        "kind": row.kind,
        "words": words_of(settings, row),
        "email": sealed_fields.load(settings).open_if("message.email", row.id, row.email),
        "can_help": row.can_help,
        "language": row.language,
        "run": row.run_id,
        "sent": row.sent_at.isoformat(),
        "answer": answer_of(settings, row),
        "outcome": row.outcome,
        "answered": row.answered_at.isoformat() if row.answered_at else None,
        "erased_after": kept_until(settings, row).isoformat(),
    }


def erase(session: Session, message_id: str) -> None:
    """Delete a message, its answer, and the letter that carries the answer. A second call changes nothing."""
    with writing(session, is_private=True) as transaction:
        transaction.execute(delete(Message).where(Message.id == message_id))
        transaction.execute(delete(Letter).where(Letter.key == telling.answer_key(message_id)))
    fold(session)


def kept_until(settings: Settings, row: Message) -> datetime:
    """When a message is erased: so many days after it was sent, or answered."""
    return max(row.sent_at, row.answered_at or row.sent_at) + _kept(settings, row.kind)


def is_over(settings: Settings, row: Message, now: datetime) -> bool:
    """Whether nothing is kept of a message any more."""
    return now > kept_until(settings, row)


def sweep(session: Writing, settings: Settings, now: datetime) -> None:
    """Delete the messages that are over."""
    for row in session.scalars(select(Message)).all():
        if is_over(settings, row, now):
            session.delete(row)
    session.flush()


def _kept(settings: Settings, kind: str) -> timedelta:
    """A wish waits until somebody can begin a run there, which takes longer than an answer."""
    return timedelta(days=settings.keep_idle_days if kind == "wish" else settings.keep_messages_days)


def _require_wanted(session: Session, written: Written) -> None:
    if written.kind == "question" and not session.get_one(Chapter, 1).contact_form:
        raise NotOpen("this chapter takes no questions by a form")
    if written.kind == "report":
        runs.get(session, written.run_id or "")
