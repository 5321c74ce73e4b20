"""The e-mail address of a comer: asked once by one letter, and then silent until its owner says yes.

Anybody can type anybody's address. Whoever types one learns nothing from it, and its owner gets one letter a week at
most, however often it is typed. Only a yes to that letter lets the next one go at once: whoever comes to two runs says
yes to each.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ... import sealed_fields
from ...config import Settings
from ...database import Writing, writing
from ...mail import letters
from ...models import Coming, Letter

#: The letter that asks comes once in so many days.
_DAYS = 7
_ANSWER_WITHIN = timedelta(days=_DAYS)


def ask(session: Writing, settings: Settings, row: Coming, address: str, now: datetime) -> None:
    """Queue the letter that asks, unless this address was asked within a week. Raises CannotUnseal."""
    key, facts = _key(settings, address, now), {"language": row.language}
    until = now + _ANSWER_WITHIN
    letters.queue(session, settings, "confirm_address", key, now, not_after=until, address=address, facts=facts)


def take_back(session: Writing, settings: Settings, row: Coming, now: datetime) -> None:
    """Forget the letter to a comer's address that is not sent yet, unless another comer waits for it.

    One that may have been sent keeps its key, or else the address could be asked again at once.
    """
    if row.email is None or row.email_confirmed_at is not None or len(waiting(session, row.email_index or "")) > 1:
        return
    address = sealed_fields.load(settings).open("coming.email", row.id, row.email)
    waits = Letter.key.in_(_keys(settings, address, now)), Letter.sent_at.is_(None)
    session.execute(delete(Letter).where(*waits, Letter.in_doubt == 0, Letter.given_up.is_(None)))
    for letter in session.scalars(select(Letter).where(*waits)):
        letter.address = None
        letter.given_up = letter.given_up or "erased"


def waiting(session: Session, index: str) -> Sequence[Coming]:
    """The comers with this address, by its `email_index`, whose owner has not said yes."""
    query = select(Coming).where(Coming.email_index == index, Coming.email_confirmed_at.is_(None))
    return session.scalars(query.order_by(Coming.said_at)).all()


def token(settings: Settings, index: str) -> str:
    """The token in the link by which the owner of an address says yes. Raises CannotUnseal."""
    return sealed_fields.load(settings).token("confirm", index)


def is_token(settings: Settings, index: str, typed: str) -> bool:
    """Whether `typed` is the token of that address. Raises CannotUnseal."""
    return hmac.compare_digest(token(settings, index).encode(), typed.encode())


def confirm(session: Session, settings: Settings, index: str, now: datetime) -> None:
    """The owner of the address says yes to letters about all that waits for it. Saying so again changes nothing.

    Raises CannotUnseal.
    """
    key = sealed_fields.load(settings)
    with writing(session, is_private=True) as transaction:
        for row in waiting(transaction, index):
            _note_answer(transaction, settings, key.open_if("coming.email", row.id, row.email), now)
            row.email_confirmed_at = now


def _note_answer(session: Writing, settings: Settings, address: str, now: datetime) -> None:
    """Let the next comer with this address be asked about at once: the last letter has its answer."""
    for letter in session.scalars(select(Letter).where(Letter.key.in_(_keys(settings, address, now)))):
        letter.key = f"{letter.key}/answered {letter.id}"
        letter.address = None
        letter.given_up = letter.given_up or (None if letter.sent_at else "outdated")


def _keys(settings: Settings, address: str, now: datetime) -> list[str]:
    """The keys of the letters of this week and of the last one, of which one may still wait."""
    return [_key(settings, address, now - timedelta(days=_DAYS * weeks)) for weeks in (0, 1)]


def _key(settings: Settings, address: str, now: datetime) -> str:
    """The key of the letter of this week. It cannot be held against an `email_index` that was erased."""
    week = now.toordinal() // _DAYS
    return f"confirm_address/{sealed_fields.load(settings).index('asked', f'{week} {address}')}"
