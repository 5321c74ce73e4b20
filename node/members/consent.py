"""What people have agreed to: each purpose apart, with the words that they read, and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..database import Writing
from ..errors import NotFound
from ..models import Consent

#: account: an account with an address. email: letters to somebody who leads. The others are of those who come:
#: reminders: letters about their dates. emergency: a contact that the day's lead may open. message: words to the leads.
Purpose = Literal["account", "email", "reminders", "emergency", "message"]


def give(
    session: Writing,
    purpose: Purpose,
    wording: str,
    now: datetime,
    *,
    person_id: int | None = None,
    coming_id: str | None = None,
) -> None:
    """Keep a yes of a person, or of somebody who comes. `wording`: the very words beside the button.

    A yes to other words before is taken back by the new one. The same yes once more changes nothing.
    """
    for former in _open(session, purpose, person_id, coming_id):
        if former.wording == wording:
            return
        former.withdrawn_at = now
    session.add(Consent(person_id=person_id, coming_id=coming_id, purpose=purpose, wording=wording, at=now))
    session.flush()


def withdraw(
    session: Writing,
    purpose: Purpose,
    now: datetime,
    *,
    person_id: int | None = None,
    coming_id: str | None = None,
) -> None:
    """Take a yes back. Whoever calls deletes what was kept for that purpose, in the same transaction."""
    for one in _open(session, purpose, person_id, coming_id):
        one.withdrawn_at = now


def is_given(session: Session, purpose: Purpose, *, person_id: int | None = None, coming_id: str | None = None) -> bool:
    """Whether somebody has agreed to a purpose, and has not taken it back."""
    return bool(_open(session, purpose, person_id, coming_id))


def all_of(session: Session, *, person_id: int | None = None, coming_id: str | None = None) -> Sequence[Consent]:
    """Every yes of somebody, the oldest first, those that were taken back as well."""
    whose = _whose(person_id, coming_id)
    return session.scalars(select(Consent).where(whose).order_by(Consent.at, Consent.id)).all()


def _open(session: Session, purpose: str, person_id: int | None, coming_id: str | None) -> Sequence[Consent]:
    whose = _whose(person_id, coming_id)
    query = select(Consent).where(whose, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
    return session.scalars(query).all()


def _whose(person_id: int | None, coming_id: str | None) -> ColumnElement[bool]:
    """Raises NotFound where nobody is named: a yes of nobody would be anybody's."""
    if (person_id is None) == (coming_id is None):
        raise NotFound("a consent is of one person, or of one who comes")
    return Consent.person_id == person_id if coming_id is None else Consent.coming_id == coming_id
