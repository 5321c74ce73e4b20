"""Leads: accounts without passwords, one-time links, signed-in phones."""

import hashlib
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from federation.documents import Listing, most_of
from federation.text import tidy

from ..config import Settings
from ..database import CannotWrite, Writing, writing
from ..errors import NodeError, NotFound
from ..input.validation import check_texts, refuse
from ..models import Lead, LeadSession, Run, SignInLink
from . import publishing

log = logging.getLogger(__name__)

LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(days=90)
LIMITS = {"first_name": most_of(Listing, "lead_first_name")}
_TOUCH_EVERY = timedelta(hours=1)


class LastPerson(NodeError):
    """HQ's last person cannot be removed: nobody could sign in any more."""

    code = "last-person"


def cookie_name(settings: Settings) -> str:
    """The name of this node's cookie. Each node has its own, since cookies ignore ports. `__Host-` needs https."""
    mark = hashlib.sha256(settings.base_url.encode()).hexdigest()[:8]
    return f"rtr-{mark}" if settings.network == "loopback" else f"__Host-rtr-{mark}"


def add(session: Session, first_name: str, now: datetime) -> Lead:
    """Add a lead. The name is not public until that lead says so."""
    with writing(session) as transaction:
        return enter(transaction, first_name, now)


def enter(session: Writing, first_name: str, now: datetime) -> Lead:
    """Add a lead in the caller's transaction. Raises InvalidInput."""
    first_name = tidy(first_name)
    refuse(check_texts({"first_name": first_name}, LIMITS, frozenset({"first_name"})))
    lead = Lead(first_name=first_name, added_at=now)
    session.add(lead)
    session.flush()
    return lead


def remove(session: Session, settings: Settings, lead_id: int, now: datetime) -> None:
    """Remove a lead. All their phones are signed out at once, and listings lose their name.

    Raises NotFound, and LastPerson for HQ's last person.
    """
    with writing(session) as transaction:
        take_out(transaction, settings, get(transaction, lead_id), now)


def take_out(session: Writing, settings: Settings, lead: Lead, now: datetime) -> None:
    """Remove a lead in the caller's transaction. Raises LastPerson."""
    if settings.is_hq and len(all_leads(session)) == 1:
        raise LastPerson(f"{lead.first_name} is the only person here, and somebody has to be. Add somebody else first.")
    session.execute(update(Run).where(Run.lead_id == lead.id).values(lead_id=None))
    session.execute(delete(SignInLink).where(SignInLink.lead_id == lead.id))
    session.execute(delete(LeadSession).where(LeadSession.lead_id == lead.id))
    session.delete(lead)
    if lead.public_name:
        publishing.publish(session, settings, now, urgent=False)


def get(session: Session, lead_id: int) -> Lead:
    """Raises NotFound."""
    lead = session.get(Lead, lead_id)
    if lead is None:
        raise NotFound("no such lead")
    return lead


def all_leads(session: Session) -> Sequence[Lead]:
    """Every lead, in the order they were added."""
    return session.scalars(select(Lead).order_by(Lead.id)).all()


def set_public_name(session: Session, settings: Settings, lead_id: int, yes: bool, now: datetime) -> None:
    """Keep a lead's own yes or no to their first name in listings. A change is signed at once."""
    with writing(session) as transaction:
        lead = get(transaction, lead_id)
        if lead.public_name == yes:
            return
        lead.public_name, lead.consented_at = yes, now if yes else None
        publishing.publish(transaction, settings, now, urgent=False)


def make_link(session: Session, lead_id: int, now: datetime) -> str:
    """The token of a one-time sign-in link, good for LINK_LIFE."""
    with writing(session) as transaction:
        return write_link(transaction, lead_id, now)


def write_link(session: Writing, lead_id: int, now: datetime) -> str:
    """The token of a one-time sign-in link, made in the caller's transaction. Raises NotFound."""
    token = secrets.token_urlsafe(32)
    get(session, lead_id)
    session.add(SignInLink(token_hash=_hash(token), lead_id=lead_id, expires_at=now + LINK_LIFE))
    return token


def peek_link(session: Session, token: str, now: datetime) -> Lead | None:
    """The lead whose link it is, if it is still good. Looking does not use it up: mail scanners look, too."""
    link = session.get(SignInLink, _hash(token))
    if link is None or not _is_good(link, now):
        return None
    return session.get(Lead, link.lead_id)


def use_link(session: Session, token: str, device: str, now: datetime) -> str | None:
    """Use a link up and begin a session. The session's token, or None if the link is used or over.

    `device`: the phone in plain words.
    """
    # First without the write lock: nobody takes it by making up a token.
    if session.get(SignInLink, _hash(token)) is None:
        return None
    with writing(session) as transaction:
        link = transaction.get(SignInLink, _hash(token))
        if link is None:
            return None
        transaction.delete(link)
        return _begin(transaction, link.lead_id, device, now) if _is_good(link, now) else None


def find_session(session: Session, token: str, now: datetime) -> LeadSession | None:
    """The session of `token` if it was used within SESSION_LIFE. Its use is noted once an hour at most."""
    found = session.get(LeadSession, _hash(token))
    if found is None or now - found.seen_at > SESSION_LIFE:
        return None
    if now - found.seen_at > _TOUCH_EVERY:
        _note_seen(session, found, now)
    return found


def _note_seen(session: Session, found: LeadSession, now: datetime) -> None:
    """Note that a phone was used. If it cannot be written, a page that only reads neither waits nor fails for that."""
    seen = update(LeadSession).where(LeadSession.token_hash == found.token_hash).values(seen_at=now)
    try:
        with writing(session, patience=0.5) as transaction:
            transaction.execute(seen)
    except CannotWrite:
        log.exception("that a phone was used could not be noted")
    session.refresh(found)


def sessions_of(session: Session, lead_id: int) -> Sequence[LeadSession]:
    """A lead's signed-in phones, the last used first."""
    query = select(LeadSession).where(LeadSession.lead_id == lead_id).order_by(LeadSession.seen_at.desc())
    return session.scalars(query).all()


def end_session(session: Session, token_hash: str, lead_id: int) -> None:
    """Sign one phone out, if it is that lead's."""
    with writing(session) as transaction:
        transaction.execute(
            delete(LeadSession).where(LeadSession.token_hash == token_hash, LeadSession.lead_id == lead_id)
        )


def sweep(session: Writing, now: datetime) -> None:
    """Delete links and sessions that are over."""
    session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))
    session.execute(delete(LeadSession).where(LeadSession.seen_at < now - SESSION_LIFE))


def _is_good(link: SignInLink, now: datetime) -> bool:
    """Whether a link can be used. One that ends later than any may was made by a clock that was ahead."""
    return now < link.expires_at <= now + LINK_LIFE


def _begin(session: Writing, lead_id: int, device: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(LeadSession(token_hash=_hash(token), lead_id=lead_id, device=device[:80], started_at=now, seen_at=now))
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
