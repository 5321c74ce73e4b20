"""Letters to the leads of one date: somebody is sought, somebody cannot come, nobody has been found yet."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...chapter import leads
from ...chapter.dates import DateView
from ...config import Settings
from ...database import Writing
from ...mail import closed, letters
from ...models import Duty, Holiday, Letter, Person, Run


def start_of(view: DateView) -> datetime:
    """When a date starts, in UTC: of two wall clocks in one zone Python would take the difference by the wall."""
    return view.starts.astimezone(UTC)


def search_of(view: DateView, row: Duty | None) -> str:
    """The name of one search for a lead, in the keys of its letters.

    It is another search once the date is held at another hour, or somebody who had promised cannot be there. So each
    search asks everybody once, however often this node starts again, and a night with one hour twice changes nothing.
    """
    anew = f"{row.dropped_at.timestamp():.0f}" if row is not None and row.dropped_at is not None else "first"
    return f"{view.day} {start_of(view):%Y-%m-%dT%H:%MZ} {anew}"


def tell(
    session: Writing,
    settings: Settings,
    kind: str,
    run: Run,
    view: DateView,
    key: str,
    people: Iterable[Person],
    now: datetime,
    **facts: str,
) -> None:
    """Queue one letter of `kind` about one date to each of `people` who can be mailed.

    `key`: what it is about; a second letter with it to the same person is never queued. It is not sent any more once
    the run has begun. `facts`: what else it is about.
    """
    about = {"run": run.id, "day": view.day.isoformat(), **facts}
    for person in people:
        if person.email_confirmed_at is not None:
            whole_key = _key(key, run, person)
            end = start_of(view)
            letters.queue(session, settings, kind, whole_key, now, not_after=end, person_id=person.id, facts=about)


def untold(session: Session, run: Run, key: str, people: Iterable[Person]) -> list[Person]:
    """Those who can be mailed, and for whom there is no letter with that key yet."""
    keys = {_key(key, run, person): person for person in people if person.email_confirmed_at is not None}
    known = set(session.scalars(select(Letter.key).where(Letter.key.in_(keys))))
    return [person for one, person in keys.items() if one not in known]


def _key(key: str, run: Run, person: Person) -> str:
    return f"{key} {run.id} to {person.id}"


def can_be_mailed(session: Session, person: Person) -> bool:
    """Whether letters reach this person: the address is confirmed, and neither stopped nor bounced."""
    return person.email_confirmed_at is not None and closed.why(session, person.email_index) is None


def here_on(session: Session, day: date) -> list[Person]:
    """Leads who have not said "not me" for that day. If all have, then all of them: somebody may be back."""
    away = set(
        session.scalars(select(Holiday.person_id).where(Holiday.first_day <= day, Holiday.last_day >= day)).all()
    )
    everybody = list(leads.all_leads(session))
    return [lead for lead in everybody if lead.id not in away] or everybody
