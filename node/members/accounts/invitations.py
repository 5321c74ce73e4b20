"""A one-time link by which a lead makes somebody a lead or a co-lead."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from ... import sealed_fields
from ...chapter import leads
from ...config import Settings
from ...database import Writing, writing
from ...errors import InvalidInput, NodeError
from ...input.email import check_email
from ...input.tokens import hash_of
from ...mail import letters
from ...models import Person, RoleInvitation
from .. import sign_in
from .roles import LEADING, Role, may

INVITATION_LIFE = timedelta(days=7)
#: How long after it was made it is known what became of one, so that its form, sent again, makes no used link good.
INVITATION_KEPT = timedelta(days=30)
#: Open ones at a time. More are a slip, or somebody else's hand on a lead's phone.
MOST = 20


class InvitationOver(NodeError):
    """An invitation is used, taken back or over, or never was one."""

    code = "invitation-over"


class FormUsed(NodeError):
    """The form has made an invitation that nobody can use any more.

    `is_used`: somebody became what it said. `by`: that person's first name, if they still have an account.
    """

    code = "invitation-used"

    def __init__(self, is_used: bool, by: str) -> None:
        super().__init__("the invitation of this form is used, taken back or over")
        self.is_used, self.by = is_used, by


def invite(session: Session, settings: Settings, role: Role, by: int, email: str, form_id: str, now: datetime) -> str:
    """The token of an invitation by the lead `by`. It is mailed, too, where `email` is given. One form makes one.

    Raises InvalidInput by field, FormUsed, and CannotUnseal.
    """
    _check(settings, role, email.strip())
    # From the key: the letter makes it again, and the database has its hash alone.
    token = sealed_fields.load(settings).token("invitation", by, form_id)
    with writing(session, is_private=True) as transaction:
        former = transaction.get(RoleInvitation, hash_of(token))
        if former is not None:
            _require_good(transaction, former, now)
        else:
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
    query = select(RoleInvitation).where(*_is_open(now)).order_by(RoleInvitation.expires_at.desc())
    return session.scalars(query).all()


def revoke(session: Session, token_hash: str, now: datetime) -> None:
    """Take an invitation back. Nothing happens to one that is used already."""
    with writing(session, is_private=True) as transaction:
        _end(transaction, RoleInvitation.token_hash == token_hash, now)


def end_all_by(session: Writing, person_id: int, now: datetime) -> None:
    """Take back the invitations of somebody who invites nobody any more."""
    _end(session, RoleInvitation.invited_by == person_id, now)


def forget_user(session: Writing, person_id: int) -> None:
    """Forget which invitation somebody has used whose account is deleted."""
    session.execute(update(RoleInvitation).where(RoleInvitation.used_by == person_id).values(used_by=None))


def _is_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return RoleInvitation.used_at.is_(None), RoleInvitation.expires_at > now


def _end(session: Writing, which: ColumnElement[bool], now: datetime) -> None:
    session.execute(update(RoleInvitation).where(which, *_is_open(now)).values(expires_at=now))


def peek(session: Session, token: str, now: datetime) -> RoleInvitation | None:
    """The invitation, if it is still good. Looking does not use it up."""
    found = session.get(RoleInvitation, hash_of(token))
    return found if found is not None and _is_good(session, found, now) else None


def accept(session: Session, token: str, first_name: str, device: str, language: str, now: datetime) -> str:
    """Make an account with the role, and begin a session. The session's token. Raises InvitationOver, InvalidInput."""
    with writing(session, is_private=True) as transaction:
        invitation = _use(transaction, token, now)
        person = leads.enter(transaction, first_name, now, invitation.role)
        person.language, invitation.used_by = language, person.id
        return sign_in.begin_session(transaction, person.id, device, now)


def accept_as(session: Session, token: str, person_id: int, first_name: str, now: datetime) -> None:
    """Give the role to somebody who is signed in already. Nobody loses a role by it. Raises as `accept` does."""
    with writing(session, is_private=True) as transaction:
        invitation, person = _use(transaction, token, now), transaction.get_one(Person, person_id)
        invitation.used_by = person.id
        if not person.first_name:
            person.first_name = leads.checked_name(first_name)
        if not may(person.role, invitation.role):
            person.role = invitation.role


def sweep(session: Writing, now: datetime) -> None:
    """Delete those that were made long ago."""
    over = now - (INVITATION_KEPT - INVITATION_LIFE)
    session.execute(delete(RoleInvitation).where(RoleInvitation.expires_at <= over))


def _check(settings: Settings, role: str, email: str) -> None:
    if role not in LEADING:
        raise InvalidInput({"role": "not_found"})
    if email and check_email(email):
        raise InvalidInput({"email": "email"})


def _enter(session: Writing, settings: Settings, token: str, role: str, by: int, now: datetime) -> None:
    if (session.scalar(select(func.count()).select_from(RoleInvitation).where(*_is_open(now))) or 0) >= MOST:
        raise InvalidInput({"role": "too_many"})
    session.add(RoleInvitation(token_hash=hash_of(token), role=role, invited_by=by, expires_at=now + INVITATION_LIFE))
    session.flush()


def _mail(
    session: Writing, settings: Settings, token: str, email: str, facts: dict[str, object], now: datetime
) -> None:
    key = f"invitation {hash_of(token)}"
    until = now + INVITATION_LIFE
    letters.queue(session, settings, "invitation", key, now, not_after=until, address=email, facts=facts)


def _require_good(session: Session, former: RoleInvitation, now: datetime) -> None:
    if not _is_good(session, former, now):
        by = session.get(Person, former.used_by) if former.used_by is not None else None
        raise FormUsed(former.used_at is not None, by.first_name if by else "")


def _use(session: Writing, token: str, now: datetime) -> RoleInvitation:
    """An invitation, which is used up now. Raises InvitationOver."""
    found = peek(session, token, now)
    if found is None:
        raise InvitationOver("this invitation is used or over")
    found.used_at = now
    return found


def _is_good(session: Session, found: RoleInvitation, now: datetime) -> bool:
    """Whether it counts. Not that of somebody who is no lead any more, nor one from a clock that was ahead."""
    by, is_young = session.get(Person, found.invited_by), now < found.expires_at <= now + INVITATION_LIFE
    return is_young and found.used_at is None and by is not None and may(by.role, "lead")
