"""Taking made-up comers off a run's list: one, or all who left nothing and said so within a window of time.

Among those who left nothing may be somebody real. So nobody is deleted: the row is kept off the list, the private page
says so, and one tap puts the comer on the list again. Letters about a cancellation go out all the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from ...config import Settings
from ...database import writing
from ...errors import NotFound
from ...models import Coming
from .. import coming
from . import room

#: How far back the windows begin that a lead can choose.
SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=60))


@dataclass(frozen=True)
class Window:
    """A window of time, and how many said within it that they come, and left nothing. Both ends are in it."""

    since: datetime
    until: datetime
    count: int


def windows(session: Session, run_id: str, now: datetime) -> list[Window]:
    """The windows that end now and have somebody in them, the shortest first; each has more than the one before it."""
    found: list[Window] = []
    for span in SPANS:
        empty = _empty(run_id, now - span, now)
        count, first = session.execute(select(func.count(), func.min(Coming.said_at)).where(empty)).one()
        if count > (found[-1].count if found else 0):
            found.append(Window(first, now, count))
    return found


def clear(session: Session, run_id: str, since: datetime, until: datetime, now: datetime) -> None:
    """Take off the list whoever left nothing and said between the two times that they come, to any date of the run."""
    with writing(session, is_private=True) as transaction:
        transaction.execute(update(Coming).where(_empty(run_id, since, until)).values(cleared_at=now))


def remove(session: Session, run_id: str, coming_id: str, now: datetime) -> None:
    """Take one comer off the list, whatever they left. Doing so again changes nothing. Raises NotFound."""
    with writing(session, is_private=True) as transaction:
        row = transaction.get(Coming, coming_id)
        if row is None or row.run_id != run_id:
            raise NotFound("no such comer of this run")
        row.cleared_at = row.cleared_at or now


def say_again(session: Session, settings: Settings, token: str, now: datetime, from_here: int = 0) -> None:
    """A comer who was taken off the list comes all the same. Raises NotFound, InvalidInput where there is no room."""
    with writing(session, is_private=True) as transaction:
        row = coming.find(transaction, settings, token, now)
        if row.cleared_at is not None:
            if row.email_confirmed_at is None:
                room.require(transaction, row.run_id, row.email_index, from_here)
            row.cleared_at, row.said_at = None, now


def _empty(run_id: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    """Who left no name, message, contact or confirmed address, has it in no account, and is on the list."""
    left = (Coming.name, Coming.message, Coming.emergency, Coming.email_confirmed_at, Coming.person_id)
    within = Coming.run_id == run_id, Coming.said_at >= since, Coming.said_at <= until
    return and_(*within, Coming.cleared_at.is_(None), *(one.is_(None) for one in left))
