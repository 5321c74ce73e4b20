"""Erasing all that is kept of somebody, at once, when they ask for it themselves."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..config import Settings
from ..database import Writing, fold, writing
from ..models import ClosedAddress, Coming, Person
from . import people


def person(session: Session, settings: Settings, person_id: int, now: datetime) -> None:
    """Delete an account with everything that hangs on it, and the bytes as well. Raises LastLead, NotFound."""
    with writing(session) as transaction:
        found = transaction.get_one(Person, person_id)
        links = transaction.scalars(select(Coming).where(Coming.person_id == person_id)).all()
        every = [confirmed_address(found), *map(confirmed_address, links)]
        addresses = [one for one in every if one]
        people.require_another_lead(transaction, found)
        people.take_out(transaction, settings, found, now)
        forget_addresses(transaction, addresses)
    fold(session)


def confirmed_address(whose: Person | Coming) -> str | None:
    """The `email_index` of an address, for `forget_addresses`. None for one that was only typed: its owner may have
    stopped letters for that very reason.
    """
    return whose.email_index if whose.email_confirmed_at is not None else None


def forget_addresses(session: Writing, indexes: Collection[str]) -> None:
    """Delete what the outbox knew of addresses of somebody who has just been deleted: that one bounced, or that its
    owner wanted no letters. Not of one that is somebody's here still, who would get letters again.
    """
    session.flush()
    known = [select(whose.email_index).where(whose.email_index.is_not(None)) for whose in (Person, Coming)]
    gone = [ClosedAddress.email_index.not_in(one) for one in known]
    session.execute(delete(ClosedAddress).where(ClosedAddress.email_index.in_(indexes), *gone))
