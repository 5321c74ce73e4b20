"""Whoever has said "I'll be there" is told once their date is off, held at another hour or place, or on again.

Another lead may cancel or move a date, and nobody who led it, went last or welcomed people may stand there alone. What
was last said to them stands in their letters. It is said right after the tap, before anybody else writes, since a
promise that the tap ends may be another lead's a moment later; and by the job for what changes without a tap.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...chapter import dates
from ...chapter.dates import DateView
from ...config import Settings
from ...database import Writing
from ...mail import letters
from ...models import Duty, Letter, Person, Run
from ..comers import moves
from . import calls

KIND = "duty_changed"
LOST = "duty_over"
OFF = "off"
_DAY = timedelta(days=1)


def is_due(session: Session, now: datetime) -> bool:
    """Whether somebody is to be told something, for the job: without the write lock."""
    return any(_is_news(*one) for one in _promises(session, now))


def state_of(run: Run, view: DateView | None) -> str:
    """What a letter of now would say of a date: OFF, or when and where it is held (node.members.comers.moves)."""
    return OFF if view is None or moves.is_off(view) else moves.where(run, view)


def was_told(session: Session, letter: Letter) -> bool:
    """Whether an earlier letter about the same duty on the same date has gone, or may have."""
    about = {name: letter.facts[name] for name in ("run", "day", "duty")}
    query = select(Letter).where(Letter.kind == KIND, Letter.person_id == letter.person_id, Letter.id < letter.id)
    return any(about.items() <= one.facts.items() and (one.sent_at or one.in_doubt) for one in session.scalars(query))


def queue(session: Writing, settings: Settings, now: datetime) -> None:
    """Queue what whoever has a duty has not been told yet. Raises CannotUnseal."""
    for row, run, view, said in [one for one in _promises(session, now) if _is_news(*one)]:
        about = {"run": row.run_id, "day": row.day.isoformat(), "duty": row.duty}
        facts = about | {"state": state_of(run, view), "promised_for": row.promised_for}
        key = f"{KIND}/{row.run_id}/{row.day}/{row.duty}/{row.person_id}/{len(said)} {row.promised_at:%Y%m%d%H%M%S}"
        until = view.starts if view else now + _DAY
        letters.queue(session, settings, KIND, key, now, not_after=until, person_id=row.person_id, facts=facts)


def tell_of_loss(
    session: Writing, settings: Settings, run: Run, view: DateView, duty: str, former: Person, now: datetime
) -> None:
    """Queue the letter to somebody whose promise another lead has taken over, or taken away."""
    key = f"{LOST} {duty} {view.day} since {now:%Y-%m-%dT%H:%M:%SZ}"
    calls.tell(session, settings, LOST, run, view, key, [former], now, duty=duty)


_Promise = tuple[Duty, Run, DateView | None, list[Letter]]


def _promises(session: Session, now: datetime) -> Iterator[_Promise]:
    """The promises for dates that have not begun: the run, the date, and what was said of it since the promise."""
    first = now.date() - dates.FARTHEST_MOVE - _DAY
    rows = session.scalars(select(Duty).where(Duty.day >= first, Duty.promised_at.is_not(None))).all()
    for row in rows:
        run = session.get_one(Run, row.run_id)
        view = dates.find(session, run, row.day, now)
        if now < view.starts if view else now.date() <= row.day:
            yield row, run, view, _said(session, row)


def _said(session: Session, row: Duty) -> list[Letter]:
    """The letters that told this person of this duty since they promised it, the last one last."""
    query = select(Letter).where(Letter.kind == KIND, Letter.person_id == row.person_id).order_by(Letter.id)
    since = [one for one in session.scalars(query) if row.promised_at is None or one.made_at >= row.promised_at]
    about = {"run": row.run_id, "day": row.day.isoformat(), "duty": row.duty}
    return [one for one in since if about.items() <= one.facts.items()]


def _is_news(row: Duty, run: Run, view: DateView | None, said: list[Letter]) -> bool:
    current = state_of(run, view)
    known = str(said[-1].facts["state"]) if said else row.promised_for
    return current == OFF if known is None else current != known
