"""Leads who can be mailed, what they tap, and the letters that wait for them."""

from datetime import date
from typing import Any

from sqlalchemy import select

from node import sealed_fields
from node.database import writing
from node.members.leading import cover, promises
from node.models import Letter, Person, Run

from .network import LocalNode
from .taps import THURSDAY


def add_lead(node: LocalNode, name: str, role: str = "lead") -> Person:
    """Add a lead with an address that is confirmed."""
    lead = node.add_lead(name, role)
    key = sealed_fields.load(node.settings)
    with node.session() as session:
        with writing(session) as transaction:
            found = transaction.get_one(Person, lead.id)
            address = f"{name.lower()}@example.org"
            found.email = key.seal("person.email", lead.id, address)
            found.email_index, found.email_confirmed_at = key.index("email", address), node.clock()
        session.refresh(found)
        session.expunge(found)
        return found


def look(node: LocalNode) -> list[str]:
    """Let the job look once, as a process that has just begun. The letters that it queued, such as "cover to Ada"."""
    before = {letter.id for letter in waiting(node)}
    handle = node.restarted()
    with handle.sessions() as session:
        cover.look(session, node.settings, node.clock())
    return told(node, [letter for letter in waiting(node) if letter.id not in before])


def waiting(node: LocalNode) -> list[Letter]:
    """Every letter of the outbox, in the order in which they were queued."""
    with node.session() as session:
        return list(session.scalars(select(Letter).order_by(Letter.id)))


def told(node: LocalNode, letters: list[Letter]) -> list[str]:
    """Each letter as its kind and the first name of its reader."""
    with node.session() as session:
        people = {person.id: person.first_name for person in session.scalars(select(Person))}
    return [f"{letter.kind} to {people[letter.person_id or 0]}" for letter in letters]


def promise(node: LocalNode, run: Run, lead: Person, day: date = THURSDAY, **more: Any) -> str:
    """That lead taps "I'll be there", on a page that is true."""
    with node.session() as session:
        return promises.promise(session, node.settings, run.id, day, lead.id, node.clock(), **more)


def drop_out(node: LocalNode, run: Run, lead: Person, line: str = "", day: date = THURSDAY, **more: Any) -> bool:
    """That lead taps "I can't make it"."""
    with node.session() as session:
        return promises.drop_out(session, node.settings, run.id, day, lead.id, lead.id, line, node.clock(), **more)
