"""Whoever says "I'm coming", as little of themselves as they like: what they gave, and the way to say otherwise.

A comer needs no account. A private link, which only the comer has, opens what they said; the database knows the link by
its hash alone. Nothing here is ever public, and no act of a comer publishes anything. A comer who withdraws is gone.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from federation.text import tidy

from .. import sealed_fields
from ..chapter import dates, runs
from ..chapter.dates import DateView
from ..config import Settings
from ..database import Writing, fold, writing
from ..errors import NodeError, NotFound
from ..input import email, form_ids, stale_pages
from ..input.tokens import hash_of
from ..input.validation import check_private, refuse
from ..models import CannotFind, Coming, ComingDate, DayOff, Run, RunDate
from ..schedule.recurrence import WEEKS_AHEAD, add_elapsed, day_in
from . import consent, erasure, idle
from .comers import addresses, moves, room
from .consent import Purpose

#: Field to the most characters of it.
LIMITS = {"name": 40, "message": 300, "emergency": 200}
#: How long the link of somebody who came each week opens after a lead took them off the list.
_CLEARED_KEPT = timedelta(days=28)
#: How long a contact is kept after the run for which it was given.
EMERGENCY_KEPT = timedelta(hours=24)
#: What can be erased alone, and what it was given for.
_PURPOSES: Mapping[str, Purpose] = {"email": "reminders", "emergency": "emergency"}


class NotOn(NodeError):
    """Nobody can say "I'm coming" to a date that is cancelled, paused or over."""

    code = "not-on"


@dataclass(frozen=True)
class Given:
    """What a comer gives; every part may be left out. `agreed`: the words that they agreed to, by purpose."""

    name: str = ""
    message: str = ""
    emergency: str = ""
    email: str = ""
    first_time: bool = False
    look_out: bool = False
    every_week: bool = False
    language: str = ""
    agreed: Mapping[Purpose, str] = field(default_factory=dict)

    def tidied(self) -> "Given":
        """The same without stray spaces."""
        texts = tidy(self.name), tidy(self.message), tidy(self.emergency), tidy(self.email)
        return replace(self, name=texts[0], message=texts[1], emergency=texts[2], email=texts[3])


@dataclass(frozen=True)
class ComingDay:
    """One date as a comer sees it. `is_off`: there is no run. `not_me`: the comer does not come that day.

    `is_asked`: the date was moved, and the comer has not yet said yes to its new hour or place.
    """

    view: DateView
    is_off: bool
    not_me: bool
    is_asked: bool


@dataclass(frozen=True)
class Comer:
    """A comer as that day's leads see them. `cannot_find`: when they said that they cannot find the others."""

    id: str
    name: str
    message: str
    first_time: bool
    look_out: bool
    every_week: bool
    has_emergency: bool
    is_asked: bool
    cannot_find: datetime | None
    said_at: datetime


def check(given: Given) -> dict[str, str]:
    """The problems of what somebody gives, by field."""
    found: dict[str, str] = {}
    for name, limit in LIMITS.items():
        found |= check_private(name, getattr(given, name), limit)
    code = email.check_email(given.email) if given.email else None
    return found | ({"email": code} if code else {})


def mark_of(run: Run, view: DateView) -> str:
    """The mark of what the form's page says of a date (node.input.stale_pages)."""
    return stale_pages.mark(moves.where(run, view), moves.is_off(view))


def say(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    given: Given,
    now: datetime,
    form_id: str = "",
    saw: str | None = None,
    from_here: int = 0,
) -> str:
    """Keep that somebody comes to a date, or each week from it on. The token of their private link.

    The same form with the same content again gives the same link. `from_here`: how many this visitor's network has made
    (comers.room). Raises NotOn, StalePage where the date is not as the page showed it, InvalidInput, and CannotUnseal.
    """
    given, key = given.tidied(), sealed_fields.load(settings)
    refuse(check(given))
    form = form_ids.with_content(form_id, run_id, day, given)
    with writing(session, is_private=True) as transaction:
        made = transaction.scalars(select(Coming.id).where(Coming.form_id == form)).first() if form else None
        if made is not None:
            return key.token("coming", made)
        run, view = _sayable(transaction, run_id, day, now)
        stale_pages.require(saw, mark_of(run, view))
        room.require(transaction, run_id, key.index("email", given.email) if given.email else None, from_here)
        row = Coming(id=secrets.token_hex(16), run_id=run_id, day=None if given.every_week else day, since=day)
        row.said_for, row.said_at, row.given_for, row.form_id = moves.where(run, view), now, day, form
        row.token_hash = hash_of(key.token("coming", row.id))
        _write(transaction, settings, row, given, now)
        moves.say_yes(transaction, row, run, view)
    return key.token("coming", row.id)


def token_of(settings: Settings, row: Coming) -> str:
    """The token of a comer's private link, for a letter to that comer. Raises CannotUnseal."""
    return sealed_fields.load(settings).token("coming", row.id)


def find(session: Session, settings: Settings, token: str, now: datetime) -> Coming:
    """The comer whose private link it is. Raises NotFound, whether the link was made up, withdrawn or is over."""
    row = session.scalars(select(Coming).where(Coming.token_hash == hash_of(token))).first()
    if row is None or is_over(session, settings, row, now):
        raise NotFound("this link opens nothing")
    return row


def keep_in_account(session: Session, settings: Settings, token: str, person_id: int, now: datetime) -> None:
    """Let a person find this link in the account, unless somebody else has it there. Raises NotFound."""
    with writing(session, is_private=True) as transaction:
        row = find(transaction, settings, token, now)
        row.person_id = person_id if row.person_id is None else row.person_id
        row.said_at = now


def in_account(session: Session, person_id: int) -> Sequence[tuple[Coming, Run]]:
    """The comers whose links a person has in the account, and their runs, the oldest first."""
    query = select(Coming, Run).join(Run, Run.id == Coming.run_id).where(Coming.person_id == person_id)
    return [(row, run) for row, run in session.execute(query.order_by(Coming.said_at))]


def change(session: Session, settings: Settings, token: str, given: Given, now: datetime) -> None:
    """Keep what a comer gives now. An empty e-mail or contact leaves what was given before (see `forget`).

    Raises NotFound, InvalidInput and CannotUnseal.
    """
    given = given.tidied()
    refuse(check(given))
    with writing(session, is_private=True) as transaction:
        row = find(transaction, settings, token, now)
        if now > _end_of(transaction, row, row.given_for, now):
            # The contact was given for one run, and that is over.
            row.emergency = None
        days = [one for one in coming_days(transaction, row, now) if not (one.not_me or one.is_off)]
        row.given_for = days[0].view.day if days else row.given_for
        is_new = given.every_week != (row.day is None)
        row.day = None if given.every_week else row.day or row.given_for
        row.said_at = now
        _write(transaction, settings, row, given, now)
        if is_new and days and not days[0].is_asked:
            moves.say_yes(transaction, row, transaction.get_one(Run, row.run_id), days[0].view)


def forget(session: Session, settings: Settings, token: str, what: str, now: datetime) -> None:
    """Erase the `email` or the `emergency` contact that a comer gave. Raises NotFound."""
    with writing(session, is_private=True) as transaction:
        row = find(transaction, settings, token, now)
        if what not in _PURPOSES:
            return
        if what == "email":
            addresses.take_back(transaction, settings, row, now)
            row.email = row.email_index = row.email_confirmed_at = None
        else:
            row.emergency = None
        row.said_at = now
        consent.withdraw(transaction, _PURPOSES[what], now, coming_id=row.id)
    fold(session)


def stay_away(session: Session, settings: Settings, token: str, day: date, now: datetime) -> None:
    """A comer who comes each week does not come on `day`. Raises NotFound."""
    with writing(session, is_private=True) as transaction:
        row = find(transaction, settings, token, now)
        transaction.merge(DayOff(coming_id=row.id, day=day))
        row.said_at = now


def come_after_all(session: Session, settings: Settings, token: str, day: date, now: datetime) -> None:
    """A comer comes on `day`, though they had said otherwise or the date has moved since. Raises NotFound and NotOn."""
    with writing(session, is_private=True) as transaction:
        row = find(transaction, settings, token, now)
        run, view = _sayable(transaction, row.run_id, day, now)
        transaction.execute(delete(DayOff).where(DayOff.coming_id == row.id, DayOff.day == day))
        moves.date_of(transaction, row, day).said_for = moves.where(run, view)
        row.said_at = now


def withdraw(session: Session, settings: Settings, token: str, now: datetime) -> None:
    """Delete a comer and everything that hangs on them, down to the bytes. Raises NotFound."""
    with writing(session, is_private=True) as transaction:
        row = find(transaction, settings, token, now)
        address = erasure.confirmed_address(row)
        addresses.take_back(transaction, settings, row, now)
        transaction.delete(row)
        erasure.forget_addresses(transaction, [address] if address else [])
    fold(session)


def coming_days(session: Session, row: Coming, now: datetime, most: int = 4) -> list[ComingDay]:
    """The next dates that a comer may come to, with what they said of each. None once the date, or the run, is over.

    A planned gap is none of them, unless it was a date when the comer said yes to it.
    """
    run = session.get_one(Run, row.run_id)
    mine = [view for view in dates.coming(session, run, now) if comes_on(row, view.day)]
    every = [view for view in mine if row.day is not None or not view.planned_gap]
    away, said = days_off(session, row), moves.said_again(session, run.id)

    def day_of(view: DateView) -> ComingDay:
        asked = moves.is_asked(row, said.get((row.id, view.day)), moves.where(run, view), view)
        return ComingDay(view, moves.is_off(view), view.day in away, asked)

    return [day_of(view) for view in every[:most]]


def is_gone(session: Session, row: Coming, now: datetime) -> bool:
    """Whether the run has no date more that a comer said yes to, though it is not over."""
    run, said = session.get_one(Run, row.run_id), row.day and session.get(ComingDate, (row.id, row.day))
    return moves.is_gone(session, row, run, said or None, now) if row.day else not coming_days(session, row, now)


def days_off(session: Session, row: Coming) -> set[date]:
    """The days on which a comer who comes each week has said that they do not come."""
    return set(session.scalars(select(DayOff.day).where(DayOff.coming_id == row.id)))


def comes_on(row: Coming, day: date) -> bool:
    """Whether a comer has said so for `day`, but for days off."""
    return row.day == day or (row.day is None and row.since <= day)


def who_comes(session: Session, settings: Settings, run: Run, view: DateView) -> list[Comer]:
    """Whoever comes on one date, first-timers first, for its leads alone. Raises CannotUnseal."""
    key, day = sealed_fields.load(settings), view.day
    said, now_at = moves.said_again(session, run.id), moves.where(run, view)
    calls = {one.coming_id: one.at for one in session.scalars(select(CannotFind).where(CannotFind.day == day))}
    found = [
        Comer(
            id=row.id,
            name=key.open_if("coming.name", row.id, row.name),
            message=key.open_if("coming.message", row.id, row.message) if row.given_for == day else "",
            first_time=row.first_time and row.given_for == day,
            look_out=row.look_out,
            every_week=row.day is None,
            has_emergency=row.emergency is not None and row.given_for == day,
            is_asked=moves.is_asked(row, said.get((row.id, day)), now_at, view),
            cannot_find=calls.get(row.id),
            said_at=row.said_at,
        )
        for row in comers_of(session, run.id, day)
    ]
    return sorted(found, key=lambda one: (not one.first_time, not one.look_out, one.name.casefold()))


def comers_of(session: Session, run_id: str, day: date) -> Sequence[Coming]:
    """The rows of those who come on one date and are on the list, in the order in which they said so."""
    away = select(DayOff.coming_id).where(DayOff.day == day)
    says = or_(Coming.day == day, (Coming.day.is_(None)) & (Coming.since <= day))
    query = select(Coming).where(Coming.run_id == run_id, says, Coming.id.not_in(away), Coming.cleared_at.is_(None))
    return session.scalars(query.order_by(Coming.said_at, Coming.id)).all()


def is_over(session: Session, settings: Settings, row: Coming, now: datetime) -> bool:
    """Whether nothing is kept of a comer any more, so that their private link opens nothing."""
    if row.day is None and row.cleared_at is not None:
        return now - row.cleared_at > _CLEARED_KEPT
    if row.day is None:
        return idle.is_over(session, settings, row, now)
    return now > _end_of(session, row, row.day, now) + kept(settings)


def kept(settings: Settings) -> timedelta:
    """How long it is kept after a date who came, and what they wrote to the leads."""
    return timedelta(days=settings.keep_coming_days)


def sweep(session: Writing, settings: Settings, now: datetime) -> None:
    """Delete what is over: messages and contacts first, then comers, and what was said of dates that have passed."""
    for row in session.scalars(select(Coming)).all():
        if is_over(session, settings, row, now):
            session.delete(row)
            continue
        ended = _end_of(session, row, row.given_for, now)
        if now > ended + EMERGENCY_KEPT:
            row.emergency = None
        if now > ended + kept(settings):
            row.message = None
    session.flush()
    last = (now - kept(settings)).date() - timedelta(days=1)
    for table in (DayOff, CannotFind, ComingDate):
        run_id = select(Coming.run_id).where(Coming.id == table.coming_id).scalar_subquery()
        session.execute(delete(table).where(table.day < last, ~is_moved_on(run_id, table.day, last)))


def is_moved_on(run_id: Any, day: Any, last: date) -> ColumnElement[bool]:
    """Whether a date of a run was moved to the day `last` or a later one: until then it is not over."""
    moved = select(RunDate.day).where(RunDate.run_id == run_id, RunDate.day == day, RunDate.starts >= last.isoformat())
    return moved.exists()


def _end_of(session: Session, row: Coming, day: date, now: datetime) -> datetime:
    """When a date of a comer was over; the end of its day where the run no longer has it."""
    run = session.get_one(Run, row.run_id)
    view = dates.find(session, run, day, now)
    if view is not None:
        return dates.ends_at(run, view)
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), now.tzinfo)
    return add_elapsed(midnight, timedelta(hours=14))


def _sayable(session: Session, run_id: str, day: date, now: datetime) -> tuple[Run, DateView]:
    """The run, and a date of it that somebody can go to. Raises NotOn."""
    run = runs.find(session, run_id)
    view = dates.find(session, run, day, now) if run is not None else None
    if run is None or view is None or moves.is_off(view):
        raise NotOn("there is no run on that date")
    if dates.ends_at(run, view) <= now or day > day_in(run.timezone, now) + WEEKS_AHEAD:
        raise NotOn("that date is over, or too far ahead")
    return run, view


def _write(session: Writing, settings: Settings, row: Coming, given: Given, now: datetime) -> None:
    key = sealed_fields.load(settings)

    def sealed(name: str, text: str) -> bytes | None:
        return key.seal(f"coming.{name}", row.id, text) if text else None

    row.name, row.message = sealed("name", given.name), sealed("message", given.message)
    row.first_time, row.look_out, row.language = given.first_time, given.look_out, given.language
    if given.emergency:
        row.emergency = sealed("emergency", given.emergency)
    if given.email and key.index("email", given.email) != row.email_index:
        addresses.take_back(session, settings, row, now)
        row.email, row.email_index = sealed("email", given.email), key.index("email", given.email)
        row.email_confirmed_at = None
        addresses.ask(session, settings, row, given.email, now)
    session.add(row)
    session.flush()
    for purpose, wording in given.agreed.items():
        consent.give(session, purpose, wording, now, coming_id=row.id)
