""" "I'm here and can't find you": a comer at the meeting point calls whoever leads that day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ... import sealed_fields
from ...chapter import dates, leads
from ...chapter.dates import DateView
from ...clocks import is_within
from ...config import Settings
from ...database import Writing, writing
from ...errors import NodeError
from ...mail import letters
from ...models import CannotFind, Coming, Letter, Person, Run, RunDay
from .. import coming
from ..leading.calls import can_be_mailed
from . import emergency, moves

#: How long before the start somebody may already stand there.
EARLIEST = timedelta(hours=1)
#: A tap within so long of the last one is a double tap.
AGAIN_AFTER = timedelta(minutes=3)
#: A lead is mailed about the calls of one comer at most so often.
MAIL_EVERY = timedelta(minutes=3)


class NotNow(NodeError):
    """Nobody is expected at the meeting point: it is too early, the run is over or off, or another day is meant."""

    code = "not-now"


def is_time(run: Run, view: DateView, now: datetime) -> bool:
    """Whether somebody may stand at the meeting point now and look for the others."""
    return not moves.is_off(view) and view.starts - EARLIEST <= now < dates.ends_at(run, view)


def call(session: Session, settings: Settings, token: str, day: date, now: datetime) -> None:
    """Tell that day's leads, on the page of the day and by a letter, that a comer cannot find them.

    A second tap within AGAIN_AFTER is the same call, unless the leads have answered between the two. Raises NotFound,
    and NotNow where it is not the time.
    """
    with writing(session, is_private=True) as transaction:
        row = coming.find(transaction, settings, token, now)
        run = transaction.get_one(Run, row.run_id)
        view = dates.find(transaction, run, day, now) if coming.comes_on(row, day) else None
        if view is None or not is_time(run, view, now):
            raise NotNow("nobody is expected at the meeting point now")
        # Nobody who stands there was made up.
        row.cleared_at = None
        if may_call(transaction, row, day, now):
            transaction.merge(CannotFind(coming_id=row.id, day=day, at=now))
            row.said_at = now
            _write_to_leads(transaction, settings, row, run, view, now)


def may_call(session: Session, row: Coming, day: date, now: datetime) -> bool:
    """Whether a tap of now would be a call of its own."""
    last = session.get(CannotFind, (row.id, day))
    if last is None or not is_within(last.at, AGAIN_AFTER, now):
        return True
    noted = session.get(RunDay, (row.run_id, day))
    return noted is not None and noted.note_at is not None and noted.note_at > last.at


def end(session: Session, settings: Settings, token: str, day: date, now: datetime) -> None:
    """A comer has found the others, so the page of the day tells of no call any more. Raises NotFound."""
    with writing(session, is_private=True) as transaction:
        row = coming.find(transaction, settings, token, now)
        transaction.execute(delete(CannotFind).where(CannotFind.coming_id == row.id, CannotFind.day == day))


def _write_to_leads(session: Writing, settings: Settings, row: Coming, run: Run, view: DateView, now: datetime) -> None:
    """One letter to the lead who has promised to be there; to every lead where nobody has."""
    facts, until = {"run": run.id, "day": view.day.isoformat()}, dates.ends_at(run, view)
    # The key outlasts the comer's row, so it is no trace of it.
    call_key = sealed_fields.load(settings).index("call", f"{row.id} {view.day}")
    for person_id in _who_leads(session, run, view):
        about = f"cannot_find/{person_id}/{call_key}/"
        former = _letters_about(session, about)
        if any(one.sent_at is None and one.given_up is None for one in former):
            continue  # It tells of this call as well.
        soonest = max((one.sent_at + MAIL_EVERY for one in former if one.sent_at), default=now)
        key = f"{about}{len(former) + 1}"
        letters.queue(
            session,
            settings,
            "cannot_find",
            key,
            now,
            not_before=soonest,
            not_after=until,
            person_id=person_id,
            facts=facts,
        )


def _letters_about(session: Session, about: str) -> Sequence[Letter]:
    return session.scalars(select(Letter).where(Letter.key.startswith(about, autoescape=True))).all()


def _who_leads(session: Session, run: Run, view: DateView) -> list[int]:
    """Whoever has promised to be there. Every lead where nobody has, or where no letter reaches that one: another lead
    may have a way to ring them.
    """
    promised_by = emergency.who_promised(session, run, view)
    person = session.get(Person, promised_by) if promised_by is not None else None
    if person is not None and can_be_mailed(session, person):
        return [person.id]
    return [lead.id for lead in leads.all_leads(session)]
