"""A chapter whose leads have said nothing for 14, 30 or 90 days. Its node runs, and signs by itself.

Its own leads are warned once at each step. Every site marks its runs by the signed `last_word_on` (PROTOCOL.md §7.1),
and HQ's board names it.
"""

import logging
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from ..chapter import leads, pauses, runs
from ..config import Settings
from ..database import writing
from ..errors import NodeError
from ..mail import letters
from ..models import Chapter
from ..schedule.recurrence import day_in

log = logging.getLogger(__name__)

#: Days without a word of a lead.
STEPS = (14, 30, 90)
_LETTER_LIFE = timedelta(days=7)


def step_of(last_word_on: date | None, today: date) -> int:
    """The longest of STEPS for which nobody has said anything; 0 for none, or where nothing is known."""
    days = (today - last_word_on).days if last_word_on else 0
    return max((step for step in STEPS if days >= step), default=0)


def own_step(session: Session, now: datetime) -> int:
    """The same of this chapter. A chapter that pauses, or has no run, has nothing to say."""
    chapter = session.get_one(Chapter, 1)
    if pauses.is_coming(chapter, now) or not runs.all_runs(session):
        return 0
    return step_of(chapter.last_word_on, day_in(chapter.timezone, now))


def look(session: Session, settings: Settings, now: datetime) -> None:
    """Warn the leads, once at each step. A letter that cannot be queued is due again an hour later."""
    chapter = session.get(Chapter, 1)
    if settings.is_hq or chapter is None:
        return
    if chapter.last_word_on is None:
        # Nobody noted it before. The silence counts from today.
        with writing(session) as transaction:
            transaction.get_one(Chapter, 1).last_word_on = day_in(chapter.timezone, now)
        return
    try:
        _warn(session, settings, now)
    except NodeError:
        log.exception("the leads could not be told that they have gone quiet")


def _warn(session: Session, settings: Settings, now: datetime) -> None:
    step, since = own_step(session, now), session.get_one(Chapter, 1).last_word_on
    people = [one for one in leads.all_leads(session) if one.email_confirmed_at]
    keys = {f"quiet for {step} since {since} to {one.id}": one.id for one in people}
    if not step or not settings.has_mail or all(letters.is_known(session, key) for key in keys):
        return
    facts, life = {"since": str(since), "days": step}, now + _LETTER_LIFE
    with writing(session) as transaction:
        for key, person_id in keys.items():
            letters.queue(
                transaction, settings, "gone_quiet", key, now, not_after=life, person_id=person_id, facts=facts
            )
