"""The leads' side: the messages that wait, and the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.text import tidy

from .. import sealed_fields
from ..config import Settings
from ..database import writing
from ..errors import ChangedMeanwhile, NotFound
from ..input.validation import check_private, refuse
from ..models import Message, Person, Run
from . import messages, telling

#: mended: the page was out of date and says the right thing now. right: it says the right thing.
Outcome = Literal["mended", "right"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
LIMIT = 1000


@dataclass(frozen=True)
class Shown:
    """A message as leads see it. `run`: the name of the run that it is about. `answered_by`: a first name, or empty.
    `can_mail`: whether the sender left an address. Nobody sees which.
    """

    id: str
    kind: str
    run_id: str | None
    run: str
    words: str
    sent_at: datetime
    until: datetime
    can_mail: bool
    answer: str
    outcome: str | None
    answered_at: datetime | None
    answered_by: str


def count_waiting(session: Session) -> int:
    """How many messages to the leads have no answer yet."""
    waiting = select(func.count()).select_from(Message).where(Message.answered_at.is_(None), Message.kind != "wish")
    return session.scalar(waiting) or 0


def all_of(session: Session, settings: Settings) -> Sequence[Shown]:
    """Every message to the leads: those that wait first, each part with the newest first. Raises CannotUnseal."""
    query = select(Message).where(Message.kind != "wish")
    rows = session.scalars(query.order_by(Message.answered_at.is_not(None), Message.sent_at.desc(), Message.id))
    return [_shown(session, settings, row) for row in rows]


def one(session: Session, settings: Settings, message_id: str) -> Shown:
    """One message to the leads. Raises NotFound and CannotUnseal."""
    return _shown(session, settings, _row(session, message_id))


def check(kind: str, words: str, outcome: str) -> dict[str, str]:
    """The problems of an answer, by field. The answer to a report may be an outcome alone."""
    found = check_private("words", words, LIMIT, is_required=kind != "report" or not outcome)
    return found | ({} if outcome in ("", *OUTCOMES) else {"outcome": "not_found"})


def answer(
    session: Session, settings: Settings, message_id: str, person_id: int, words: str, outcome: str, now: datetime
) -> None:
    """Keep an answer, and mail it to a sender who left an address. The same answer by the same lead again is none.

    Raises NotFound, InvalidInput, CannotUnseal, and ChangedMeanwhile where it was answered already.
    """
    key, words = sealed_fields.load(settings), tidy(words)
    with writing(session, is_private=True) as transaction:
        row = _row(transaction, message_id)
        outcome = outcome if row.kind == "report" else ""
        refuse(check(row.kind, words, outcome))
        if row.answered_at is not None:
            if (row.answered_by, row.outcome or "", messages.answer_of(settings, row)) == (person_id, outcome, words):
                return
            raise ChangedMeanwhile("the message was answered meanwhile")
        row.answer = key.seal("message.answer", row.id, words) if words else None
        row.outcome, row.answered_at, row.answered_by = outcome or None, now, person_id
        address = key.open_if("message.email", row.id, row.email)
        if address:
            telling.tell_sender(transaction, settings, row, address, now)


def erase(session: Session, message_id: str) -> None:
    """Delete a message to the leads, such as one that a program wrote. A second call changes nothing."""
    row = session.get(Message, message_id)
    if row is not None and row.kind != "wish":
        messages.erase(session, message_id)


def answered_by(session: Session, person_id: int) -> Sequence[Message]:
    """The messages that a person has answered, the oldest first."""
    query = select(Message).where(Message.answered_by == person_id)
    return session.scalars(query.order_by(Message.answered_at)).all()


def _row(session: Session, message_id: str) -> Message:
    row = session.get(Message, message_id)
    if row is None or row.kind == "wish":
        raise NotFound("no such message")
    return row


def _shown(session: Session, settings: Settings, row: Message) -> Shown:
    run = session.get(Run, row.run_id) if row.run_id else None
    by = session.get(Person, row.answered_by) if row.answered_by else None
    return Shown(
        id=row.id,
        kind=row.kind,
        run_id=row.run_id,
        run=run.name if run else "",
        words=messages.words_of(settings, row),
        sent_at=row.sent_at,
        until=messages.kept_until(settings, row),
        can_mail=row.email is not None and settings.has_mail,
        answer=messages.answer_of(settings, row),
        outcome=row.outcome,
        answered_at=row.answered_at,
        answered_by=by.first_name if by else "",
    )
