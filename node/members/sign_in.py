"""Signed-in phones, and the one-time links that sign a phone in: for leads, members and HQ's people alike."""

import hashlib
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..chapter.leads import get
from ..config import Settings
from ..database import CannotWrite, Writing, writing
from ..input.tokens import hash_of
from ..models import Person, PersonSession, SignInLink

log = logging.getLogger(__name__)

LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(days=90)
_TOUCH_EVERY = timedelta(hours=1)


def cookie_name(settings: Settings) -> str:
    """The name of this node's cookie. Each node has its own, since cookies ignore ports. `__Host-` needs https."""
    mark = hashlib.sha256(settings.base_url.encode()).hexdigest()[:8]
    return f"rtr-{mark}" if settings.network == "loopback" else f"__Host-rtr-{mark}"


def make_link(session: Session, person_id: int, now: datetime) -> str:
    """The token of a one-time sign-in link, good for LINK_LIFE."""
    with writing(session, is_private=True) as transaction:
        return write_link(transaction, person_id, now)


def write_link(session: Writing, person_id: int, now: datetime) -> str:
    """The token of a one-time sign-in link, made in the caller's transaction. Raises NotFound."""
    token = secrets.token_urlsafe(32)
    get(session, person_id)
    session.add(SignInLink(token_hash=hash_of(token), person_id=person_id, expires_at=now + LINK_LIFE))
    return token


def peek_link(session: Session, token: str, now: datetime) -> Person | None:
    """The lead whose link it is, if it is still good. Looking does not use it up: mail scanners look, too."""
    link = session.get(SignInLink, hash_of(token))
    if link is None or not _is_good(link, now):
        return None
    return session.get(Person, link.person_id)


def use_link(session: Session, token: str, device: str, now: datetime) -> str | None:
    """Use a link up and begin a session. The session's token, or None if the link is used or over.

    `device`: the phone in plain words.
    """
    # First without the write lock: nobody takes it by making up a token.
    if session.get(SignInLink, hash_of(token)) is None:
        return None
    with writing(session, is_private=True) as transaction:
        link = transaction.get(SignInLink, hash_of(token))
        if link is None:
            return None
        transaction.delete(link)
        return begin_session(transaction, link.person_id, device, now) if _is_good(link, now) else None


def find_session(session: Session, token: str, now: datetime) -> PersonSession | None:
    """The session of `token` if it was used within SESSION_LIFE. Its use is noted once an hour at most."""
    found = session.get(PersonSession, hash_of(token))
    if found is None or now - found.seen_at > SESSION_LIFE:
        return None
    if now - found.seen_at > _TOUCH_EVERY:
        _note_seen(session, found, now)
    return found


def _note_seen(session: Session, found: PersonSession, now: datetime) -> None:
    """Note that a phone was used. If it cannot be written, a page that only reads neither waits nor fails for that."""
    seen = update(PersonSession).where(PersonSession.token_hash == found.token_hash).values(seen_at=now)
    try:
        with writing(session, patience=0.5, is_private=True) as transaction:
            transaction.execute(seen)
            transaction.execute(update(Person).where(Person.id == found.person_id).values(seen_at=now))
    except CannotWrite:
        log.exception("that a phone was used could not be noted")
    session.refresh(found)


def sessions_of(session: Session, person_id: int) -> Sequence[PersonSession]:
    """A lead's signed-in phones, the last used first."""
    query = select(PersonSession).where(PersonSession.person_id == person_id).order_by(PersonSession.seen_at.desc())
    return session.scalars(query).all()


def end_session(session: Session, token_hash: str, person_id: int) -> None:
    """Sign one phone out, if it is that lead's."""
    with writing(session, is_private=True) as transaction:
        transaction.execute(
            delete(PersonSession).where(PersonSession.token_hash == token_hash, PersonSession.person_id == person_id)
        )


def sweep(session: Writing, now: datetime) -> None:
    """Delete links and sessions that are over."""
    session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))
    session.execute(delete(PersonSession).where(PersonSession.seen_at < now - SESSION_LIFE))


def _is_good(link: SignInLink, now: datetime) -> bool:
    """Whether a link can be used. One that ends later than any may was made by a clock that was ahead."""
    return now < link.expires_at <= now + LINK_LIFE


def begin_session(session: Writing, person_id: int, device: str, now: datetime) -> str:
    """Begin a session on a phone, in the caller's transaction. Its token. `device`: the phone in plain words."""
    session.execute(update(Person).where(Person.id == person_id).values(seen_at=now))
    token = secrets.token_urlsafe(32)
    session.add(
        PersonSession(token_hash=hash_of(token), person_id=person_id, device=device[:80], started_at=now, seen_at=now)
    )
    return token
