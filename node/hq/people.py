"""The people of HQ. They sign in as leads do; nobody carries this alone, so the last one cannot be removed."""

from datetime import datetime

from sqlalchemy.orm import Session

from federation.text import tidy

from ..chapter import leads
from ..config import Settings
from ..database import writing
from ..errors import InvalidInput
from ..members import sign_in
from ..models import Person
from . import history
from .history import Actor


def add(session: Session, first_name: str, actor: Actor, now: datetime) -> Person:
    """Add a person. Raises InvalidInput {"first_name": "taken"}: HQ tells its acts apart by first names."""
    with writing(session) as transaction:
        if any(one.first_name.casefold() == tidy(first_name).casefold() for one in leads.all_leads(transaction)):
            raise InvalidInput({"first_name": "taken"})
        person = leads.enter(transaction, first_name, now)
        history.record(transaction, "add-person", Actor(actor.first_name, person.first_name), None, now)
    return person


def make_link(session: Session, person_id: int, actor: Actor, now: datetime) -> str:
    """The token of a one-time sign-in link. Raises NotFound.

    Anybody who has the link signs in as that person, so making one is noted.
    """
    with writing(session) as transaction:
        person = leads.get(transaction, person_id)
        history.record(transaction, "link", Actor(actor.first_name, person.first_name), None, now)
        return sign_in.write_link(transaction, person.id, now)


def remove(session: Session, settings: Settings, person_id: int, actor: Actor, now: datetime) -> None:
    """Sign a person out everywhere, for good. Raises NotFound, and leads.LastPerson for the last one."""
    with writing(session) as transaction:
        person = leads.get(transaction, person_id)
        history.record(transaction, "remove-person", Actor(actor.first_name, person.first_name), None, now)
        leads.take_out(transaction, settings, person, now)
