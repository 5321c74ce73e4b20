"""A one-time link by which a lead makes somebody a lead or a co-lead."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ... import sealed_fields
from ...chapter import leads
from ...config import Settings
from ...database import Writing, writing
from ...errors import InvalidInput, NodeError
from ...input.email import check_email
from ...mail import letters
from ...models import Person, RoleInvitation
from .. import sign_in
from .roles import LEADING, Role, may

INVITATION_LIFE = timedelta(days=7)
#: Open ones at a time. More are a slip, or somebody else's hand on a lead's phone.
MOST = 20


class InvitationOver(NodeError):
    """An invitation is used, taken back or over, or never was one."""

    code = "invitation-over"


def invite(session: Session, settings: Settings, role: Role, by: int, email: str, form_id: str, now: datetime) -> str:
    """The token of an invitation by the lead `by`. It is mailed, too, where `email` is given. One form makes one.

    Raises InvalidInput by field, and CannotUnseal.
    """
    _check(settings, role, email.strip())
    # From the key: the letter makes it again, and the database has its hash alone.
    token = sealed_fields.load(settings).token("invitation", by, form_id)
    with writing(session, is_private=True) as transaction:
        if transaction.get(RoleInvitation, _hash(token)) is None:
            _enter(transaction, settings, token, role, by, now)
            if email.strip():
                facts = {"by": by, "form": form_id, "language": ""}
                _mail(transaction, settings, token, email.strip(), facts, now)
    return token


def token_of(settings: Settings, by: int, form_id: str) -> str:
    """The token of an invitation again, for its letter."""
    return sealed_fields.load(settings).token("invitation", by, form_id)


def open_ones(session: Session, now: datetime) -> Sequence[RoleInvitation]:
    """Those that somebody can still use, the newest first."""
    query = select(RoleInvitation).where(RoleInvitation.expires_at > now).order_by(RoleInvitation.expires_at.desc())
    return session.scalars(query).all()


def revoke(session: Session, token_hash: str) -> None:
    """Take an invitation back. Nothing happens to one that is used already."""
    with writing(session, is_private=True) as transaction:
        transaction.execute(delete(RoleInvitation).where(RoleInvitation.token_hash == token_hash))


def peek(session: Session, token: str, now: datetime) -> RoleInvitation | None:
    """The invitation, if it is still good. Looking does not use it up."""
    found = session.get(RoleInvitation, _hash(token))
    return found if found is not None and _is_good(session, found, now) else None


def accept(session: Session, token: str, first_name: str, device: str, language: str, now: datetime) -> str:
    """Make an account with the role, and begin a session. The session's token. Raises InvitationOver, InvalidInput."""
    with writing(session, is_private=True) as transaction:
        role = _use(transaction, token, now)
        person = leads.enter(transaction, first_name, now, role)
        person.language = language
        return sign_in.begin_session(transaction, person.id, device, now)


def accept_as(session: Session, token: str, person_id: int, first_name: str, now: datetime) -> None:
    """Give the role to somebody who is signed in already. Nobody loses a role by it. Raises as `accept` does."""
    with writing(session, is_private=True) as transaction:
        role, person = _use(transaction, token, now), transaction.get_one(Person, person_id)
        if not person.first_name:
            person.first_name = leads.checked_name(first_name)
        if not may(person.role, role):
            person.role = role


def sweep(session: Writing, now: datetime) -> None:
    """Delete those that are over."""
    session.execute(delete(RoleInvitation).where(RoleInvitation.expires_at <= now))


def _check(settings: Settings, role: str, email: str) -> None:
    if role not in LEADING:
        raise InvalidInput({"role": "not_found"})
    if email and check_email(email):
        raise InvalidInput({"email": "email"})


def _enter(session: Writing, settings: Settings, token: str, role: str, by: int, now: datetime) -> None:
    if (session.scalar(select(func.count()).select_from(RoleInvitation)) or 0) >= MOST:
        raise InvalidInput({"role": "too_many"})
    session.add(RoleInvitation(token_hash=_hash(token), role=role, invited_by=by, expires_at=now + INVITATION_LIFE))
    session.flush()


def _mail(
    session: Writing, settings: Settings, token: str, email: str, facts: dict[str, object], now: datetime
) -> None:
    key = f"invitation {_hash(token)}"
    until = now + INVITATION_LIFE
    letters.queue(session, settings, "invitation", key, now, not_after=until, address=email, facts=facts)


def _use(session: Writing, token: str, now: datetime) -> str:
    """The role of an invitation, which is used up now. Raises InvitationOver."""
    found = peek(session, token, now)
    if found is None:
        raise InvitationOver("this invitation is used or over")
    session.delete(found)
    return found.role


def _is_good(session: Session, found: RoleInvitation, now: datetime) -> bool:
    """Whether it counts. Not that of somebody who is no lead any more, nor one from a clock that was ahead."""
    by = session.get(Person, found.invited_by)
    return by is not None and may(by.role, "lead") and now < found.expires_at <= now + INVITATION_LIFE


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
