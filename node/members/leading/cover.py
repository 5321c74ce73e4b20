"""The search for a lead where nobody has promised a date: a job looks each minute, and each step is taken once.

On Monday each lead is told of the week. At the run's cover_hours before the start the leads are asked. At its
warn_hours everybody is asked once more, and node.members.news tells whoever comes. After a late drop-out everybody is
asked again within the hour. What is due follows from the clock and from what is said of the date; what was done stands
in the keys of the letters. So this node may end after any step: the next look goes on where it left off.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...chapter import dates, leads, runs
from ...chapter.dates import DateView
from ...config import Settings
from ...database import writing
from ...errors import NodeError
from ...mail import letters
from ...models import Chapter, Duty, Letter, Person, Run
from ...schedule.recurrence import local_to_instant, zone
from . import calls, changes, promises
from .promises import is_needed
from .rota import Rota, today_here

log = logging.getLogger(__name__)

#: After a late drop-out everybody is alarmed again after so long, or half the time that is left.
ALARM_AFTER = timedelta(hours=1)
#: On Monday, on the clocks of the chapter. A node that was down then tells the leads until Tuesday night.
WEEK_LETTER_AT = time(8)
_WEEK_LETTER_UNTIL = timedelta(days=2)
#: A mail server may be down for a day.
_WEEK_LETTER_LIFE = timedelta(days=4)
#: To the end of next Monday: its morning run would come before that Monday's letter.
WEEK = timedelta(days=8)


@dataclass(frozen=True)
class Search:
    """A coming date that nobody has promised, and what is kept of its lead."""

    run: Run
    view: DateView
    duty: Duty | None

    @property
    def starts(self) -> datetime:
        """When it starts, in UTC."""
        return calls.start_of(self.view)

    @property
    def asks_at(self) -> datetime:
        """When the other leads are asked."""
        return self.starts - timedelta(hours=self.run.cover_hours)

    @property
    def warns_at(self) -> datetime:
        """When whoever comes is told that nobody has promised."""
        return self.starts - timedelta(hours=self.run.warn_hours)

    @property
    def since(self) -> datetime | None:
        """Since when somebody is sought anew, because the one who had promised cannot be there."""
        return self.duty.dropped_at if self.duty else None

    @property
    def dropped_by(self) -> int | None:
        """Who cannot be there. Whoever drops out late has the others told at once."""
        return self.duty.dropped_by if self.duty else None


@dataclass(frozen=True)
class Call:
    """Letters of one kind that are due. `about`: their key."""

    kind: str
    about: str
    people: list[Person]


def look(session: Session, settings: Settings, now: datetime) -> None:
    """Take every step that is due. A step that cannot be written is due again a minute later."""
    if settings.is_hq or session.get(Chapter, 1) is None:
        return
    for step in (_tell_of_changes, promises.mend, _note_what_is_off, _ask_for_leads, _tell_of_the_week):
        try:
            step(session, settings, now)
        except NodeError:
            # A node that cannot sign, say, asks the leads all the same.
            log.exception("a step of the search for leads failed")


def searches(session: Session, now: datetime) -> list[Search]:
    """Every date whose leads are asked now, or whoever comes is told: nobody has promised it, and it has not begun."""
    return [one for run in runs.all_runs(session) for one in _searches_of(session, run, now)]


def _searches_of(session: Session, run: Run, now: datetime) -> list[Search]:
    found = [one for one in _near(session, run, now) if is_needed(one.view) and one.view.state != "confirmed"]
    return [one for one in found if one.asks_at <= now < one.starts]


def is_uncovered(run: Run, view: DateView, now: datetime) -> bool:
    """Whether whoever comes is to be told that nobody has promised to be there."""
    search = Search(run, view, None)
    return is_needed(view) and view.state != "confirmed" and search.warns_at <= now < search.starts


def _near(session: Session, run: Run, now: datetime) -> Iterator[Search]:
    """The dates of a run in the next days, as far ahead as any run asks its leads."""
    for view in dates.coming(session, run, now, weeks=2):
        yield Search(run, view, session.get(Duty, (run.id, view.day, "lead")))


def _tell_of_changes(session: Session, settings: Settings, now: datetime) -> None:
    """Tell whoever has promised that the date is off, or on again, where no tap of a lead has told them."""
    if changes.is_due(session, now):
        with writing(session) as transaction:
            changes.queue(transaction, settings, now)


def _note_what_is_off(session: Session, _: Settings, now: datetime) -> None:
    """Let the search for a lead begin anew once a date is on again that was off: the others had stopped looking."""
    near = [one for run in runs.all_runs(session) for one in _near(session, run, now)]
    changed = [one for one in near if one.asks_at <= now < one.starts and _is_to_be_noted(one)]
    if not changed:
        return
    with writing(session) as transaction:
        for one in changed:
            row = transaction.get(Duty, (one.run.id, one.view.day, "lead"))
            if row is None:
                usual = Rota(transaction, one.run).on(one.view).lead.person
                row = Duty(run_id=one.run.id, day=one.view.day, duty="lead", person_id=usual.id if usual else None)
                transaction.add(row)
            row.was_off = not is_needed(one.view)
            row.dropped_at = row.dropped_at if row.was_off else now


def _is_to_be_noted(one: Search) -> bool:
    was_off = one.duty is not None and one.duty.was_off
    return was_off == is_needed(one.view)


def _ask_for_leads(session: Session, settings: Settings, now: datetime) -> None:
    if settings.has_mail:
        for search in searches(session, now):
            for call in _due(session, search, now):
                _send(session, settings, search, call, now)


def _due(session: Session, search: Search, now: datetime) -> Iterator[Call]:
    """The letters that are due now and not queued yet."""
    name, everybody = calls.search_of(search.view, search.duty), list(leads.all_leads(session))
    since, is_known = search.since, search.dropped_by is not None
    if now < search.warns_at:
        here = calls.here_on(session, search.view.starts.date())
        yield Call("cover", f"cover {name}", [one for one in here if one.id != search.dropped_by])
    elif not (is_known and since is not None and since >= search.warns_at):
        yield Call("alarm", f"last call {name}", everybody)
    if since is not None and since >= search.asks_at and now >= since + min(ALARM_AFTER, (search.starts - since) / 2):
        yield Call("alarm", f"alarm {name}", everybody)


def _send(session: Session, settings: Settings, search: Search, call: Call, now: datetime) -> None:
    """Queue the letters of one call, if the date is as it was: another lead may have promised it meanwhile."""
    people, name = calls.untold(session, search.run, call.about, call.people), calls.search_of(search.view, search.duty)
    if not people:
        return
    with writing(session) as transaction:
        for one in _searches_of(transaction, transaction.get_one(Run, search.run.id), now):
            if calls.search_of(one.view, one.duty) == name:
                calls.tell(transaction, settings, call.kind, one.run, one.view, call.about, people, now)


def _tell_of_the_week(session: Session, settings: Settings, now: datetime) -> None:
    """Queue Monday's letter to each lead."""
    today = today_here(session, now)
    monday = today - timedelta(days=today.weekday())
    tz = zone(session.get_one(Chapter, 1).timezone)
    if tz is None:
        return
    begins = local_to_instant(datetime.combine(monday, WEEK_LETTER_AT), tz)
    ends = local_to_instant(datetime.combine(monday + _WEEK_LETTER_UNTIL, time()), tz)
    if not (settings.has_mail and begins <= now < ends and week(session, now)):
        return
    keys = {f"week of {monday} to {lead.id}": lead.id for lead in leads.all_leads(session) if lead.email_confirmed_at}
    known = set(session.scalars(select(Letter.key).where(Letter.key.in_(keys))))
    if keys.keys() <= known:
        return
    facts, life = {"monday": monday.isoformat()}, begins + _WEEK_LETTER_LIFE
    with writing(session) as transaction:
        for key, person_id in keys.items():
            letters.queue(transaction, settings, "week", key, now, not_after=life, person_id=person_id, facts=facts)


def week(session: Session, now: datetime) -> list[tuple[Run, DateView]]:
    """The dates of the coming days that are on or cancelled, by their start, with their runs."""
    end = now + WEEK
    found = [
        (run, view)
        for run in runs.all_runs(session)
        for view in dates.coming(session, run, now, weeks=2)
        if now < calls.start_of(view) < end and not view.is_closed and not view.paused
    ]
    return sorted(found, key=lambda pair: calls.start_of(pair[1]))
