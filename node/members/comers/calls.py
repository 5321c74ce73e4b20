""" "I'm here and can't find you": a comer at the meeting point calls whoever leads that day."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from ... import sealed_fields
from ...chapter import dates, leads
from ...chapter.dates import DateView
from ...config import Settings
from ...database import Writing, writing
from ...mail import letters
from ...models import CannotFind, Coming, Person, Run
from .. import coming
from ..coming import NotOn
from ..leading.calls import can_be_mailed
from . import emergency, moves

#: How long before the start somebody may already stand there.
EARLIEST = timedelta(hours=1)


def is_time(run: Run, view: DateView, now: datetime) -> bool:
    """Whether somebody may stand at the meeting point now and look for the others."""
    return not moves.is_off(view) and view.starts - EARLIEST <= now < dates.ends_at(run, view)


def call(session: Session, settings: Settings, token: str, day: date, now: datetime) -> None:
    """Tell that day's leads, on the page of the day and by a letter, that a comer cannot find them.

    A second call changes nothing. Raises NotFound, and NotOn where it is not the time.
    """
    with writing(session, is_private=True) as transaction:
        row = coming.find(transaction, settings, token, now)
        run = transaction.get_one(Run, row.run_id)
        view = dates.find(transaction, run, day, now) if coming.comes_on(row, day) else None
        if view is None or not is_time(run, view, now):
            raise NotOn("nobody is expected at the meeting point now")
        if transaction.get(CannotFind, (row.id, day)) is None:
            transaction.add(CannotFind(coming_id=row.id, day=day, at=now))
            _write_to_leads(transaction, settings, row, run, view, now)


def _write_to_leads(session: Writing, settings: Settings, row: Coming, run: Run, view: DateView, now: datetime) -> None:
    """One letter to the lead who has promised to be there; to every lead where nobody has."""
    facts, until = {"run": run.id, "day": view.day.isoformat()}, dates.ends_at(run, view)
    # The key outlasts the comer's row, so it is no trace of it.
    call_key = sealed_fields.load(settings).index("call", f"{row.id} {view.day}")
    for person_id in _who_leads(session, run, view):
        key = f"cannot_find/{person_id}/{call_key}"
        letters.queue(session, settings, "cannot_find", key, now, not_after=until, person_id=person_id, facts=facts)


def _who_leads(session: Session, run: Run, view: DateView) -> list[int]:
    """Whoever has promised to be there. Every lead where nobody has, or where no letter reaches that one: another lead
    may have a way to ring them.
    """
    promised_by = emergency.who_promised(session, run, view)
    person = session.get(Person, promised_by) if promised_by is not None else None
    if person is not None and can_be_mailed(session, person):
        return [person.id]
    return [lead.id for lead in leads.all_leads(session)]
