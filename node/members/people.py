"""The people who lead a chapter: their roles, and what happens to their dates when one of them goes."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ..chapter import leads, publishing
from ..config import Settings
from ..database import Writing, writing
from ..errors import CannotUnseal, InvalidInput, NodeError, NotFound
from ..models import Coming, Person, Run, RunDay
from . import idle
from .accounts import invitations
from .accounts.roles import LEADING, is_role, may
from .comers import addresses, emergency
from .leading import promises


class LastLead(NodeError):
    """The chapter's last lead cannot go: nobody could look after its runs and its people any more."""

    code = "last-lead"


def leading(session: Session) -> Sequence[Person]:
    """Every lead and co-lead, in the order they were added."""
    return session.scalars(select(Person).where(Person.role.in_(LEADING)).order_by(Person.id)).all()


def one_leading(session: Session, person_id: int) -> Person:
    """Somebody who leads. Raises NotFound for a member as well: nobody looks members up by their number."""
    person = leads.get(session, person_id)
    if not may(person.role, "co-lead"):
        raise NotFound("nobody who leads")
    return person


def count_members(session: Session) -> int:
    """How many have an account and lead no run."""
    return session.scalar(select(func.count()).select_from(Person).where(Person.role == "member")) or 0


def set_role(
    session: Session, settings: Settings, person_id: int, role: str, now: datetime, saw: str | None = None
) -> None:
    """Give somebody who leads another role. `saw`: the role that the page showed.

    Raises InvalidInput for a word that is no role, LastLead, NotFound.
    """
    if not is_role(role):
        raise InvalidInput({"role": "not_found"})
    with writing(session) as transaction:
        person = one_leading(transaction, person_id)
        if person.role == role or (saw is not None and saw != person.role):
            return
        if role != "lead":
            require_another_lead(transaction, person)
        _step_down(transaction, settings, person, role, now)
        person.role = role


def set_first_name(session: Session, settings: Settings, person_id: int, first_name: str, now: datetime) -> None:
    """Keep what somebody wants to be called. A member may be called nothing. Raises InvalidInput."""
    with writing(session) as transaction:
        person = leads.get(transaction, person_id)
        is_named = may(person.role, "co-lead") or first_name.strip()
        name = leads.checked_name(first_name) if is_named else ""
        if name == person.first_name:
            return
        person.first_name = name
        if person.public_name:
            publishing.publish(transaction, settings, now, urgent=False)


def set_language(session: Session, person_id: int, language: str) -> None:
    """Keep the language in which somebody wants letters: one of those that the site has."""
    with writing(session) as transaction:
        leads.get(transaction, person_id).language = language


def remove(session: Session, settings: Settings, person_id: int, now: datetime, *, may_be_last: bool = False) -> None:
    """Delete the account of somebody who leads, and all that is of it. The phones are out at once.

    Dates that they had promised are open for cover.

    `may_be_last`: the operator, who can add another lead, may remove the last one. Raises NotFound, LastLead.
    """
    with writing(session) as transaction:
        person = one_leading(transaction, person_id)
        if not may_be_last:
            require_another_lead(transaction, person)
        take_out(transaction, settings, person, now)


def take_out(session: Writing, settings: Settings, person: Person, now: datetime) -> None:
    """Delete an account in the caller's transaction."""
    _step_down(session, settings, person, "", now)
    promises.forget_lines(session, person.id)
    emergency.forget_name(session, person.id)
    _forget_lines_of_days(session, person.id)
    invitations.forget_user(session, person.id)
    for row in session.scalars(select(Coming).where(Coming.person_id == person.id)).all():
        # Without the key a sealed address says nothing to anybody, and nobody may be kept here for that.
        with suppress(CannotUnseal):
            addresses.take_back(session, settings, row, now)
    leads.take_out(session, settings, person, now)


def _forget_lines_of_days(session: Writing, person_id: int) -> None:
    """Erase what somebody wrote to whoever comes on a date."""
    nothing = {"note": "", "note_by": None, "note_at": None}
    session.execute(update(RunDay).where(RunDay.note_by == person_id).values(nothing))


def sweep(session: Writing, settings: Settings, now: datetime) -> None:
    """Delete the accounts of members who have not used them for the time that the settings say."""
    for person in idle.members(session, now - timedelta(days=settings.keep_idle_days - 1)):
        if idle.is_over(session, settings, person, now):
            take_out(session, settings, person, now)


def _step_down(session: Writing, settings: Settings, person: Person, role: str, now: datetime) -> None:
    """Undo what the new role may not have: open invitations of a lead; the runs and dates of whoever leads none now."""
    if may(person.role, "lead") and not may(role, "lead"):
        invitations.end_all_by(session, person.id, now)
    if may(person.role, "co-lead") and not may(role, "co-lead"):
        session.execute(update(Run).where(Run.lead_id == person.id).values(lead_id=None))
        promises.release(session, settings, person.id, now)
        if person.public_name and role:
            person.public_name, person.consented_at = False, None
            publishing.publish(session, settings, now, urgent=False, is_word_of_lead=False)


def require_another_lead(session: Session, person: Person) -> None:
    """Raise LastLead for the only lead."""
    others = select(func.count()).select_from(Person).where(Person.role == "lead", Person.id != person.id)
    if person.role == "lead" and not session.scalar(others):
        raise LastLead(f"{person.first_name} is the only lead here. Make somebody else a lead first.")
