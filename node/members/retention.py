"""Deletes what is over, and asks before it deletes whom nobody has heard of for long.

Each table has its time, and the page /privacy names it with this node's own numbers.

A clock that jumps ahead must not delete everything at once, and other nodes say whether ours is right. Where none of
them answers, for a day or for ever, contacts of runners must go all the same. So the sweep goes by a time that has
surely come: the last one that others vouched for, and what has passed since then while this node ran, as the monotonic
clock counts it. No clock that is set wrong moves that count. It stands still while the node is down: then the sweep is
late, and pages say so. Counting the downtime by the clock was rejected, since a computer wakes with a wrong clock.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..config import Settings
from ..database import Writing
from ..inbox import messages
from ..mail import outbox
from ..models import Person, Upkeep
from . import coming, first_time, idle, people, run_day, sign_in
from .accounts import attempts, codes, invitations, passkeys
from .leading import rota

#: The sweep is hourly. One that is later than this is late.
_LATE = timedelta(hours=2)


def sweep(session: Writing, settings: Settings, sure: datetime, now: datetime) -> None:
    """Delete all that was over at `sure` in the caller's transaction, and note that it was done `now`.

    Raises CannotUnseal.
    """
    for module in (sign_in, attempts, codes, passkeys, invitations):
        module.sweep(session, sure)
    idle.ask(session, settings, sure, now)
    people.sweep(session, settings, sure)
    coming.sweep(session, settings, sure)
    first_time.sweep(session, sure)
    run_day.sweep(session, settings, sure)
    rota.sweep(session, sure)
    messages.sweep(session, settings, sure)
    outbox.sweep(session, sure)
    _upkeep(session).swept_at = now


def count(session: Writing, now: datetime, passed: timedelta, *, is_vouched_for: bool) -> datetime:
    """Keep the time that has surely come, and return it; not later than `now`, by which rows were stored.

    `passed`: what has passed since the last count. `is_vouched_for`: whether other nodes say that `now` is right. Where
    nobody has ever vouched for it, the first count begins when the first person was added.
    """
    upkeep = _upkeep(session)
    known = upkeep.sure_at or upkeep.swept_at or session.scalar(select(func.min(Person.added_at))) or now
    upkeep.sure_at = now if is_vouched_for else known + passed
    return min(now, upkeep.sure_at)


def swept_at(session: Session) -> datetime | None:
    """When that was last done; None for never."""
    upkeep = session.get(Upkeep, 1)
    return upkeep.swept_at if upkeep else None


def late_since(session: Session, now: datetime) -> datetime | None:
    """What was over then is deleted, and nothing that came to its end later. None while the sweep is not late."""
    upkeep = session.get(Upkeep, 1)
    done = [one for one in (upkeep.swept_at, upkeep.sure_at) if one is not None] if upkeep else []
    return min(done) if done and now - min(done) > _LATE else None


def _upkeep(session: Writing) -> Upkeep:
    upkeep = session.get(Upkeep, 1) or Upkeep(row=1)
    session.add(upkeep)
    return upkeep
