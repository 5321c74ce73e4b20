"""The people of HQ. They sign in as leads do; nobody carries this alone, so the last one cannot be removed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from federation.text import tidy

from ..chapter import leads
from ..config import Settings
from ..database import writing
from ..errors import InvalidInput
from ..models import Lead
from . import history
from .history import Said


def everyone(session: Session) -> Sequence[Lead]:
    """In the order they were added."""
    return leads.all_leads(session)


def add(session: Session, first_name: str, said: Said, now: datetime) -> Lead:
    """A new person. InvalidInput {"first_name": "taken"} for a name that is there: acts are told by first names."""
    with writing(session) as transaction:
        if any(one.first_name.casefold() == tidy(first_name).casefold() for one in everyone(transaction)):
            raise InvalidInput({"first_name": "taken"})
        person = leads.enter(transaction, first_name, now)
        history.record(transaction, "add-person", Said(said.by, person.first_name), None, now)
    return person


def make_link(session: Session, person_id: int, said: Said, now: datetime) -> str:
    """The token of a one-time sign-in link. It lets in as that person whoever has it, so the act is noted. NotFound."""
    with writing(session) as transaction:
        person = leads.get(transaction, person_id)
        history.record(transaction, "link", Said(said.by, person.first_name), None, now)
        return leads.write_link(transaction, person.id, now)


def remove(session: Session, settings: Settings, person_id: int, said: Said, now: datetime) -> None:
    """Sign a person out everywhere, for good. NotFound; leads.LastPerson for the last one."""
    with writing(session) as transaction:
        person = leads.get(transaction, person_id)
        history.record(transaction, "remove-person", Said(said.by, person.first_name), None, now)
        leads.take_out(transaction, settings, person, now)
