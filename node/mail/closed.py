"""Addresses that get no letters: their owner stopped them, or a mail server said that there is no such address."""

import hmac
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from .. import sealed_fields
from ..config import Settings
from ..database import Writing, writing
from ..models import ClosedAddress, Coming, Person

Why = Literal["stopped", "bounced"]
Reach = Literal["letters", "nothing-given", "no-mail", "unconfirmed", "stopped", "bounced"]

_BOUNCED_KEPT = timedelta(days=90)
_STOPPED_KEPT = timedelta(days=365)


def index_of(settings: Settings, address: str) -> str:
    """The name of an e-mail address in `email_index` of all tables. Raises CannotUnseal."""
    return sealed_fields.load(settings).index("email", address)


def stop_token(settings: Settings, index: str) -> str:
    """The token of the link by which the owner of an address stops letters. Raises CannotUnseal."""
    return sealed_fields.load(settings).token("stop", index)


def is_stop_token(settings: Settings, index: str, token: str) -> bool:
    """Whether `token` is the one of that address. Raises CannotUnseal."""
    return hmac.compare_digest(stop_token(settings, index).encode(), token.encode())


def why(session: Session, index: str | None) -> Why | None:
    """Why the address of this `email_index` gets no letters: stopped or bounced. None: it gets them."""
    query = select(ClosedAddress.why).where(ClosedAddress.email_index == index)
    return cast(Why | None, session.scalar(query)) if index else None


def reach(session: Session, settings: Settings, whose: Person | Coming) -> Reach:
    """Whether letters reach somebody, or why not."""
    if whose.email is None:
        return "nothing-given"
    if not settings.has_mail:
        return "no-mail"
    if whose.email_confirmed_at is None:
        return "unconfirmed"
    return why(session, whose.email_index) or "letters"


def stop(session: Session, index: str, now: datetime) -> None:
    """Whoever has the address wants no letters. A second call changes nothing."""
    with writing(session, is_private=True) as transaction:
        close(transaction, index, "stopped", now)


def start(session: Session, index: str) -> None:
    """Whoever has the address wants letters again."""
    with writing(session, is_private=True) as transaction:
        open_again(transaction, index)


def close(session: Writing, index: str, reason: Why, now: datetime) -> None:
    """Send no letters to this address any more. An address that its owner stopped stays stopped, whatever bounces."""
    found = session.get(ClosedAddress, index)
    if found is None:
        session.add(ClosedAddress(email_index=index, why=reason, at=now))
    elif reason == "stopped":
        found.why, found.at = reason, now


def open_again(session: Writing, index: str, *, only: Why | None = None) -> None:
    """Send letters to this address again. `only`: if that is why it got none."""
    reasons = ("stopped", "bounced") if only is None else (only,)
    session.execute(delete(ClosedAddress).where(ClosedAddress.email_index == index, ClosedAddress.why.in_(reasons)))


def sweep(session: Writing, now: datetime) -> None:
    """Forget what bounced 90 days ago, and whoever stopped letters a year ago and is not known here any more."""
    is_known = or_(
        select(Person.id).where(Person.email_index == ClosedAddress.email_index).exists(),
        select(Coming.id).where(Coming.email_index == ClosedAddress.email_index).exists(),
    )
    bounced = (ClosedAddress.why == "bounced") & (ClosedAddress.at < now - _BOUNCED_KEPT)
    stopped = (ClosedAddress.at < now - _STOPPED_KEPT) & ~is_known
    session.execute(delete(ClosedAddress).where(or_(bounced, stopped)))
