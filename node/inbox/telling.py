"""Letters about messages: to the leads that one waits, and to its sender what they answered.

A letter to leads says only that something waits, and about which run. What was written stays on the leads' page: a
mailbox is read on locked screens, and lies on other people's servers. A flood must not use up the day's letters: each
kind of message causes at most LETTERS_A_DAY of them to a lead, and one run at most one.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import sealed_fields
from ..chapter import leads
from ..config import Settings
from ..database import Writing
from ..mail import letters
from ..models import Letter, Message

LETTERS_A_DAY = 5
#: How long such a letter is worth sending.
_WORTH = timedelta(days=3)


def tell_leads(session: Writing, settings: Settings, row: Message, now: datetime) -> None:
    """Queue a letter to each lead who can be mailed. HQ reads wishes on its page. Raises CannotUnseal."""
    if row.kind == "wish":
        return
    day = f"inbox {row.kind} {now:%Y-%m-%d} "
    # Nobody finds the message's id in a key that outlives it.
    about = row.run_id or sealed_fields.load(settings).index("told", row.id)
    facts, end = {"kind": row.kind, "run": row.run_id or ""}, now + _WORTH
    for lead in leads.all_leads(session):
        key = f"{day}{about} to {lead.id}"
        if lead.email_confirmed_at is not None and _count(session, day, lead.id) < LETTERS_A_DAY:
            letters.queue(session, settings, "message_waits", key, now, not_after=end, person_id=lead.id, facts=facts)


def tell_sender(session: Writing, settings: Settings, row: Message, address: str, now: datetime) -> None:
    """Queue the letter that carries the answer. Raises CannotUnseal."""
    facts = {"message": row.id, "language": row.language}
    key, end = answer_key(row.id), now + _WORTH
    letters.queue(session, settings, "answered", key, now, not_after=end, address=address, facts=facts)


def answer_key(message_id: str) -> str:
    """The key of the letter that carries the answer to a message."""
    return f"answer to {message_id}"


def _count(session: Session, day: str, person_id: int) -> int:
    """The letters about messages of one kind that a lead has had on a day."""
    today = Letter.key.startswith(day), Letter.person_id == person_id
    return session.scalar(select(func.count()).select_from(Letter).where(*today)) or 0
