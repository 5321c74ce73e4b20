"""Leads: who may act for the chapter."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from federation.documents import Listing, most_of
from federation.text import tidy

from ..config import Settings
from ..database import Writing, writing
from ..errors import NodeError, NotFound
from ..input.validation import check_texts, refuse
from ..models import Person, PersonSession, Run, SignInLink
from . import publishing

LIMITS = {"first_name": most_of(Listing, "lead_first_name")}


class LastPerson(NodeError):
    """HQ's last person cannot be removed: nobody could sign in any more."""

    code = "last-person"


def add(session: Session, first_name: str, now: datetime) -> Person:
    """Add a lead. The name is not public until that lead says so."""
    with writing(session) as transaction:
        return enter(transaction, first_name, now)


def enter(session: Writing, first_name: str, now: datetime, role: str = "lead") -> Person:
    """Add a person of that role in the caller's transaction. Raises InvalidInput."""
    lead = Person(first_name=checked_name(first_name), role=role, added_at=now)
    session.add(lead)
    session.flush()
    return lead


def checked_name(first_name: str) -> str:
    """A first name as it is kept. Raises InvalidInput."""
    first_name = tidy(first_name)
    refuse(check_texts({"first_name": first_name}, LIMITS, frozenset({"first_name"})))
    return first_name


def remove(session: Session, settings: Settings, lead_id: int, now: datetime) -> None:
    """Remove a lead. All their phones are signed out at once, and listings lose their name.

    Raises NotFound, and LastPerson for HQ's last person.
    """
    with writing(session) as transaction:
        take_out(transaction, settings, get(transaction, lead_id), now)


def take_out(session: Writing, settings: Settings, lead: Person, now: datetime) -> None:
    """Remove a lead in the caller's transaction. Raises LastPerson."""
    if settings.is_hq and len(all_leads(session)) == 1:
        why = "is the only person here, and there has to be someone. Add someone else first."
        raise LastPerson(f"{lead.first_name} {why}")
    session.execute(update(Run).where(Run.lead_id == lead.id).values(lead_id=None))
    session.execute(delete(SignInLink).where(SignInLink.person_id == lead.id))
    session.execute(delete(PersonSession).where(PersonSession.person_id == lead.id))
    session.delete(lead)
    if lead.public_name:
        publishing.publish(session, settings, now, urgent=False, is_word_of_lead=False)


def get(session: Session, lead_id: int) -> Person:
    """Raises NotFound."""
    lead = session.get(Person, lead_id)
    if lead is None:
        raise NotFound("no such lead")
    return lead


def all_leads(session: Session) -> Sequence[Person]:
    """Every lead and co-lead, in the order they were added."""
    return session.scalars(select(Person).where(Person.role != "member").order_by(Person.id)).all()


def set_public_name(session: Session, settings: Settings, lead_id: int, yes: bool, now: datetime) -> None:
    """Keep a lead's own yes or no to their first name in listings. A change is signed at once."""
    with writing(session) as transaction:
        lead = get(transaction, lead_id)
        if lead.public_name == yes:
            return
        lead.public_name, lead.consented_at = yes, now if yes else None
        publishing.publish(transaction, settings, now, urgent=False)
