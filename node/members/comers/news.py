"""Whoever comes is told what happens to their date, and reminded of it: each thing once, however often this runs.

What was last said of a date is kept (ComingDate.told) and compared with the date as it is now. So it does not matter
whether a lead tapped, HQ paused the chapter, or time passed. It is done right after the chapter signs, and by a job
each minute for what changes without a signature, and for what found no room on the disk.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...chapter import dates
from ...chapter.dates import DateView
from ...config import Settings
from ...database import Writing, writing
from ...mail import letters
from ...mail.letters import Draft
from ...models import Coming, ComingDate, Run
from .. import coming
from . import moves

#: How long before the start a comer is reminded.
REMIND = timedelta(hours=24)
#: A weekly comer hears of dates that are so near.
_NEAR = timedelta(days=14)
_OFF, _ON, _IN_DOUBT = "off", "on", "in doubt"
_DAY = timedelta(days=1)


class Told(NamedTuple):
    """What a letter says of a date. `state`: off, on, or in doubt (nobody has promised, and it begins soon).

    `where`: when and where it is held (node.members.comers.moves); empty where the run has the date no more.
    """

    state: str
    where: str


def tell_all(session: Session, settings: Settings, now: datetime) -> None:
    """The job: queue what comers have not been told yet, and reminders. Raises CannotUnseal."""
    if settings.has_mail and session.scalar(select(Coming.id).where(_CAN_BE_REACHED).limit(1)) is not None:
        with writing(session, is_private=True) as transaction:
            queue(transaction, settings, now)


def as_it_is(run: Run, view: DateView | None, now: datetime) -> Told:
    """What a letter of now would say of a date."""
    if view is None:
        return Told(_OFF, "")
    where = moves.where(run, view)
    if moves.is_off(view):
        return Told(_OFF, where)
    is_near = view.starts - now <= timedelta(hours=run.warn_hours)
    return Told(_IN_DOUBT if is_near and view.state != "confirmed" else _ON, where)


_CAN_BE_REACHED = Coming.email_confirmed_at.is_not(None)


def queue(session: Writing, settings: Settings, now: datetime) -> None:
    """Queue what comers have not been told yet, and reminders. Raises CannotUnseal."""
    drafts: list[Draft] = []
    for run in session.scalars(select(Run).where(Run.id.in_(select(Coming.run_id).where(_CAN_BE_REACHED)))).all():
        drafts += _drafts_of(session, run, now)
    letters.queue_all(session, settings, drafts, now)


def _drafts_of(session: Writing, run: Run, now: datetime) -> list[Draft]:
    """The letters to those who come to one run. All that is known of them is read at once: there may be hundreds."""
    views = {view.day: view for view in dates.coming(session, run, now)}
    states = {day: as_it_is(run, view, now) for day, view in views.items()}
    known, away = moves.said_again(session, run.id), moves.all_days_off(session, run.id)
    drafts: list[Draft] = []
    for row in session.scalars(select(Coming).where(Coming.run_id == run.id, _CAN_BE_REACHED)).all():
        if row.day is not None:
            said = known.get((row.id, row.day))
            days = [row.day] if row.day in views or moves.is_gone(session, row, run, said, now) else []
        else:
            days = _near_days(row, views, away.get(row.id, frozenset()), now)
        for day in days:
            current = states.get(day) or as_it_is(run, None, now)
            drafts += _drafts(session, row, run, day, views.get(day), current, known.get((row.id, day)), now)
    return drafts


def _near_days(row: Coming, views: Mapping[date, DateView], away: Collection[date], now: datetime) -> list[date]:
    """The dates of which a weekly comer hears."""
    near = [day for day, view in views.items() if view.starts - now < _NEAR]
    return [day for day in near if coming.comes_on(row, day) and day not in away]


def _drafts(
    session: Writing,
    row: Coming,
    run: Run,
    day: date,
    view: DateView | None,
    current: Told,
    known: ComingDate | None,
    now: datetime,
) -> Iterator[Draft]:
    """What one comer is told of one date, if there is something to tell."""
    asked = view is not None and moves.is_asked(row, known, current.where, view)
    facts = {"run": run.id, "day": day.isoformat(), "where": current.where}
    kind = _kind_of(_last_told(row, known, current, asked), current, view)
    if kind:
        if known is None:
            known = ComingDate(coming_id=row.id, day=day, letters=0)
            session.add(known)
        # Whether somebody has promised is the next letter's, once this one has said where and that it is on.
        said = current if kind in ("cancelled", "uncovered") else Told(_ON, current.where)
        known.told, known.letters = "|".join(said), known.letters + 1
        until = _end(run, view, kind, now)
        if until > now:
            yield Draft(kind, f"{kind}/{row.id}/{day}/{known.letters}", row.id, facts, until)
    if view is not None and not asked and current.state != _OFF and timedelta(0) < view.starts - now <= REMIND:
        yield Draft("reminder", f"reminder/{row.id}/{day}", row.id, facts, view.starts)


def _kind_of(before: Told, current: Told, view: DateView | None) -> str:
    """The letter that tells what has changed since the last one; empty for nothing."""
    if current.state == _OFF:
        return "" if before.state == _OFF else "cancelled"
    if before.state == _OFF:
        return "back_on"
    if before.where != current.where:
        return "moved"
    if current.state == before.state:
        return ""
    is_promised = view is not None and view.state == "confirmed"
    return "uncovered" if current.state == _IN_DOUBT else "back_on" if is_promised else ""


def _last_told(row: Coming, known: ComingDate | None, current: Told, asked: bool) -> Told:
    """What a comer knows: by the last letter, else by the page on which they said that they come."""
    if known is not None and known.told:
        state, _, where = known.told.partition("|")
        return Told(state, where)
    return Told(_ON, ((known and known.said_for) or row.said_for) if asked else current.where)


def _end(run: Run, view: DateView | None, kind: str, now: datetime) -> datetime:
    """When a letter comes too late."""
    if view is None:
        return now + _DAY
    return view.starts if kind == "uncovered" else dates.ends_at(run, view)
