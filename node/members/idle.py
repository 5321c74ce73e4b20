"""Whoever has not been heard of for long is asked once, some days before what is kept of them is deleted.

Such are a comer who comes every time, and a member with an account. The clock of both runs from their last sign: what
they did, or that they opened their own page. Whoever cannot be written to is not waited for.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from .. import sealed_fields
from ..config import Settings
from ..database import CannotWrite, Writing, seconds, writing
from ..mail import closed, letters
from ..models import Coming, Letter, Person

log = logging.getLogger(__name__)

#: The letter comes so many days before the end.
NOTICE_DAYS = 14
#: When a day is over in every time zone, by UTC.
_OVER_EVERYWHERE = time(12, tzinfo=UTC)
#: That somebody opened their page is noted once a day at most.
_NOTE_EVERY = timedelta(days=1)
_DAY = timedelta(days=1)


def last_day(session: Session, settings: Settings, who: Coming | Person, now: datetime) -> date:
    """The last day on which somebody is kept if there is no other sign of them.

    Where they can be written to, it is NOTICE_DAYS after their letter at the earliest, though this node was off when
    the letter was due.
    """
    end = end_after(settings, _last_sign(who))
    if end - now.date() > timedelta(days=NOTICE_DAYS):
        return end
    asked_at = session.scalar(select(Letter.made_at).where(Letter.key == key_of(who)))
    if asked_at is None and _can_be_asked(session, settings, who):
        asked_at = now
    return max(end, asked_at.date() + timedelta(days=NOTICE_DAYS)) if asked_at else end


def is_over(session: Session, settings: Settings, who: Coming | Person, now: datetime) -> bool:
    """Whether the last day on which somebody is kept has passed."""
    return now > _end_of(last_day(session, settings, who, now))


def end_after(settings: Settings, sign: datetime) -> date:
    """The last day that a sign of somebody at that time earns them."""
    return sign.date() + timedelta(days=settings.keep_idle_days - 1)


def key_of(who: Coming | Person) -> str:
    """The key of the letter that asks: once for each sign, so that a year later it is another one."""
    return f"{_kind_of(who)}/{who.id}/{seconds(_last_sign(who))}"


def ask(session: Writing, settings: Settings, sure: datetime, now: datetime) -> None:
    """Queue the letters that were due at `sure` (node.members.retention): a clock that jumps ahead asks nobody."""
    before = sure - timedelta(days=settings.keep_idle_days - 1 - NOTICE_DAYS)
    weekly = session.scalars(select(Coming).where(Coming.day.is_(None), Coming.said_at <= before)).all()
    found: list[Coming | Person] = [*weekly, *members(session, before)]
    for who in found:
        if not is_over(session, settings, who, sure) and _can_be_asked(session, settings, who):
            _queue(session, settings, who, now)


def members(session: Session, before: datetime) -> Sequence[Person]:
    """The members whose accounts were last used `before`.

    While somebody's private link lies in the account, the account is in use: the link would be deleted with it, and
    its owner told of no cancellation any more.
    """
    comes = select(Coming.id).where(Coming.person_id == Person.id).exists()
    is_idle: ColumnElement[bool] = func.coalesce(Person.seen_at, Person.added_at) <= before
    return session.scalars(select(Person).where(Person.role == "member", is_idle, ~comes)).all()


def keep(session: Session, row: Coming, now: datetime) -> None:
    """A comer still comes. Saying so again changes nothing."""
    with writing(session, is_private=True) as transaction:
        _note_sign(transaction, row.id, now)


def note_opened(session: Session, row: Coming, now: datetime) -> None:
    """Note that a comer has opened their page. If it cannot be written, the page neither waits nor fails for that."""
    if row.day is not None or now - row.said_at < _NOTE_EVERY:
        return
    coming_id = row.id
    try:
        with writing(session, patience=0.5, is_private=True) as transaction:
            _note_sign(transaction, coming_id, now)
    except CannotWrite:
        log.exception("that a private page was opened could not be noted")


def _note_sign(session: Writing, coming_id: str, now: datetime) -> None:
    session.execute(update(Coming).where(Coming.id == coming_id).values(said_at=now))


def _last_sign(who: Coming | Person) -> datetime:
    return who.said_at if isinstance(who, Coming) else who.seen_at or who.added_at


def _kind_of(who: Coming | Person) -> str:
    return "still_coming" if isinstance(who, Coming) else "account_ends"


def _end_of(day: date) -> datetime:
    return datetime.combine(day + _DAY, _OVER_EVERYWHERE)


def _can_be_asked(session: Session, settings: Settings, who: Coming | Person) -> bool:
    """Whether a letter reaches them. Without the members' key nothing can be sent, and nobody is kept for that."""
    return closed.reach(session, settings, who) == "letters" and sealed_fields.is_readable(session, settings)


def _queue(session: Writing, settings: Settings, who: Coming | Person, now: datetime) -> None:
    letters.queue(
        session,
        settings,
        _kind_of(who),
        key_of(who),
        now,
        not_after=_end_of(last_day(session, settings, who, now)),
        person_id=who.id if isinstance(who, Person) else None,
        coming_id=who.id if isinstance(who, Coming) else None,
        facts={"run": who.run_id} if isinstance(who, Coming) else {},
    )
