"""Erasing all that is kept of somebody, at once, when they ask for it themselves."""

import logging
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ..config import Settings
from ..database import CannotWrite, Writing, checkpoint, writing
from ..models import ClosedAddress, Coming, Person
from . import people

log = logging.getLogger(__name__)


def person(session: Session, settings: Settings, person_id: int, now: datetime) -> None:
    """Delete an account with everything that hangs on it, and the bytes as well. Raises LastLead, NotFound."""
    with writing(session) as transaction:
        found = transaction.get_one(Person, person_id)
        forget_address(transaction, found)
        people.require_another_lead(transaction, found)
        people.take_out(transaction, settings, found, now)
    fold(session)


def forget_address(session: Writing, whose: Person | Coming) -> None:
    """Delete what the outbox knew of an address: that it bounced, or that its owner wanted no letters.

    Not of an address that was only typed: its owner may have stopped letters for that very reason.
    """
    if whose.email_confirmed_at is not None:
        session.execute(delete(ClosedAddress).where(ClosedAddress.email_index == whose.email_index))


def fold(session: Session) -> None:
    """Empty the write-ahead log. Where an old reader is in its way, the job `fold` does it within the minute."""
    engine = session.get_bind().engine
    session.close()
    try:
        checkpoint(engine)
    except CannotWrite:
        log.exception("the log could not be emptied after somebody's data was erased; it is tried again each minute")
