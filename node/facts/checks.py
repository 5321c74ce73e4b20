"""Every 90 days the leads are asked of each run: is all of this still right? One tap answers.

The answer is a day in the listing (PROTOCOL.md §7.3, `checked_on`), so that every site can say when the chapter last
looked. Announcing a run is the first answer.
"""

import hmac
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from .. import sealed_fields
from ..chapter import dates, leads, pauses, publishing, runs
from ..config import Settings
from ..database import seconds, writing
from ..errors import NodeError
from ..input import stale_pages
from ..mail import letters
from ..members.accounts import roles
from ..models import Chapter, Person, Run
from ..schedule.recurrence import day_in, zone

log = logging.getLogger(__name__)

EVERY = timedelta(days=90)
#: Leads who have not answered are asked again after so long.
AGAIN_AFTER = timedelta(days=30)
#: A letter that could not be sent for so long says nothing new.
_LETTER_LIFE = timedelta(days=7)
#: Nobody's phone rings at night for a question that has time. On the clocks of the chapter.
_FROM, _UNTIL = time(9), time(20)
_NEVER = datetime.fromtimestamp(0, UTC)


def due_on(run: Run) -> date:
    """The day from which on the leads are asked. A run that was never checked counts from its first date."""
    return (run.checked_on or run.starts_on) + EVERY


def due(session: Session, now: datetime) -> list[Run]:
    """The runs of which the leads are asked now. A run that pauses, or has no date to come, waits."""
    if pauses.is_coming(session.get_one(Chapter, 1), now):
        return []
    old = [run for run in runs.all_runs(session) if due_on(run) <= day_in(run.timezone, now)]
    return [run for run in old if not pauses.is_coming(run, now) and dates.coming(session, run, now)]


def check(session: Session, settings: Settings, run_id: str, now: datetime, saw: str | None = None) -> None:
    """A lead says that all of a run is right. A second tap on one day changes nothing.

    `saw`: the mark of the run that the page showed. Raises NotFound; StalePage where somebody has changed it since.
    """
    with writing(session) as transaction:
        run = runs.get(transaction, run_id)
        stale_pages.require(saw, runs.mark_of(run))
        today = day_in(run.timezone, now)
        if run.checked_on != today:
            run.checked_on = today
            publishing.publish(transaction, settings, now, urgent=False)


def ask(session: Session, settings: Settings, now: datetime) -> None:
    """Queue one letter to each lead, about every run that is due and that they were not asked of lately."""
    if not settings.has_mail or not _is_day(session, now):
        return
    today = day_in(session.get_one(Chapter, 1).timezone, now)
    asked = [run for run in due(session, now) if not _is_asked(run, today)]
    if not asked:
        return
    with writing(session) as transaction:
        facts = {"runs": [run.id for run in asked], "asked": today.isoformat()}
        for person in _who_may_change_runs(transaction):
            key, life = f"still right on {today} to {person.id}", now + _LETTER_LIFE
            letters.queue(
                transaction, settings, "still_right", key, now, not_after=life, person_id=person.id, facts=facts
            )
        for run in asked:
            transaction.get_one(Run, run.id).check_asked_on = today


def _is_asked(run: Run, today: date) -> bool:
    """Whether the leads were asked since the run became due, and not so long ago."""
    asked = run.check_asked_on
    return asked is not None and asked >= due_on(run) and today - asked < AGAIN_AFTER


def _is_day(session: Session, now: datetime) -> bool:
    tz = zone(session.get_one(Chapter, 1).timezone)
    return tz is not None and _FROM <= now.astimezone(tz).time() < _UNTIL


def _who_may_change_runs(session: Session) -> Sequence[Person]:
    return [one for one in leads.all_leads(session) if roles.may(one.role, "lead") and one.email_confirmed_at]


def token(settings: Settings, person_id: int, added_at: datetime, run_id: str, asked: date) -> str:
    """The token of the link in that letter. Nothing of it is kept. Raises CannotUnseal."""
    return sealed_fields.load(settings).token("check", person_id, seconds(added_at), run_id, asked)


def holder(session: Session, settings: Settings, person_id: int, run_id: str, asked: date, given: str) -> Person | None:
    """The lead whose link it is. None for a forged link, and for whoever changes no runs any more.

    A number that is nobody's takes the same work. Raises CannotUnseal.
    """
    person = session.get(Person, person_id)
    expected = token(settings, person_id, person.added_at if person else _NEVER, run_id, asked)
    is_good = given.isascii() and hmac.compare_digest(expected, given)
    return person if is_good and person is not None and roles.may(person.role, "lead") else None


def is_over(run: Run, asked: date, now: datetime) -> bool:
    """Whether a letter of that day is too old to answer by: the next one has gone, or the question has."""
    return day_in(run.timezone, now) - asked > EVERY


def look(session: Session, settings: Settings, now: datetime) -> None:
    """Take the step that is due. A step that cannot be written is due again an hour later."""
    if settings.is_hq or session.get(Chapter, 1) is None:
        return
    try:
        ask(session, settings, now)
    except NodeError:
        log.exception("the leads could not be asked whether their runs are still right")
