"""The one-time link that opens the set-up, for whoever can read this server's log or call its commands."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..database import Writing, writing
from ..errors import NodeError
from ..input.tokens import hash_of
from ..members import sign_in
from ..models import Person, SetUp

#: Long enough for a night between the first start and the first look into the log.
LINK_LIFE = timedelta(hours=24)


class SetUpOver(NodeError):
    """The set-up is done: no link opens it any more."""


def make(session: Session, now: datetime) -> str:
    """The token of a new link. The one before opens nothing any more. Raises SetUpOver."""
    token = secrets.token_urlsafe(32)
    with writing(session, is_private=True) as transaction:
        found = transaction.get(SetUp, 1)
        if found is None:
            found = SetUp(row=1)
            transaction.add(found)
        if found.finished_at is not None:
            raise SetUpOver("the set-up is done already: sign in with a link of `rtr signin-link`")
        found.link_hash, found.link_ends_at = hash_of(token), now + LINK_LIFE
    return token


def is_good(session: Session, token: str, now: datetime) -> bool:
    """Whether a link still opens the set-up. Looking does not use it up."""
    found = session.get(SetUp, 1)
    return found is not None and _fits(found, token, now)


def use(session: Session, token: str, device: str, now: datetime) -> str | None:
    """Use a link up and begin a session. The session's token, or None for a link that is used or over.

    Whoever opens it first gets an account without a name, as a lead; in a folder that has leads, it is the first of
    them. A later link is for the same person: another phone goes on. `device`: the phone in plain words.
    """
    # First without the write lock: nobody takes it by making up a token.
    if not is_good(session, token, now):
        return None
    with writing(session, is_private=True) as transaction:
        found = transaction.get_one(SetUp, 1)
        if not _fits(found, token, now):
            return None
        found.link_hash, found.link_ends_at = "", None
        found.person_id = found.person_id or _first_lead(transaction, now).id
        return sign_in.begin_session(transaction, found.person_id, device, now)


def _fits(found: SetUp, token: str, now: datetime) -> bool:
    if found.link_ends_at is None or found.link_hash != hash_of(token):
        return False
    # One that ends later than any may was made by a clock that was ahead.
    return now < found.link_ends_at <= now + LINK_LIFE


def _first_lead(session: Writing, now: datetime) -> Person:
    lead = session.scalar(select(Person).where(Person.role == "lead").order_by(Person.id).limit(1))
    if lead is None:
        lead = Person(first_name="", role="lead", added_at=now)
        session.add(lead)
        session.flush()
    return lead
