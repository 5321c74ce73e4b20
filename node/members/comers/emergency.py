"""Emergency contacts: only the lead of that day opens one, only around the run, and its owner sees who did."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ... import sealed_fields
from ...chapter import dates
from ...chapter.dates import DateView
from ...config import Settings
from ...database import Writing, writing
from ...errors import NodeError, NotFound
from ...models import Coming, Duty, EmergencyOpening, Person, Run

#: How long before the start, and after the end, a contact can be opened.
AROUND = timedelta(hours=3)
#: A second tap within so long is the same opening.
_SAME = timedelta(minutes=10)


class MayNotOpen(NodeError):
    """Somebody else leads that day, or it is too early or too late. `is_lead`: whether the time alone is the reason."""

    code = "may-not-open"

    def __init__(self, is_lead: bool) -> None:
        super().__init__("this emergency contact is closed")
        self.is_lead = is_lead


def require_may_open(session: Session, run: Run, view: DateView, person_id: int, now: datetime) -> None:
    """Raise MayNotOpen unless this lead has promised to lead that date, and it is about to be held or just over.

    Where nobody has promised, whoever leads all the same must be able to help once the run has begun.
    """
    promised_by = who_promised(session, run, view)
    is_lead = promised_by == person_id or (promised_by is None and now >= view.starts)
    is_around = view.starts - AROUND <= now <= dates.ends_at(run, view) + AROUND
    if not (is_lead and is_around):
        raise MayNotOpen(is_lead)


def who_promised(session: Session, run: Run, view: DateView) -> int | None:
    """The id of the person who has promised to lead that date."""
    duty = session.get(Duty, (run.id, view.day, "lead"))
    return duty.person_id if duty is not None and duty.promised_at is not None else None


def open_contact(
    session: Session, settings: Settings, coming_id: str, run: Run, view: DateView, person: Person, now: datetime
) -> str:
    """The contact, once it is noted who opened it. Raises NotFound, MayNotOpen and CannotUnseal."""
    with writing(session, is_private=True) as transaction:
        row = find(transaction, coming_id, run, view)
        require_may_open(transaction, run, view, person.id, now)
        text = sealed_fields.load(settings).open_if("coming.emergency", row.id, row.emergency)
        opened = select(EmergencyOpening).where(
            EmergencyOpening.coming_id == row.id,
            EmergencyOpening.person_id == person.id,
            EmergencyOpening.at > now - _SAME,
        )
        if transaction.scalars(opened).first() is None:
            by = {"person_id": person.id, "first_name": person.first_name}
            transaction.add(EmergencyOpening(coming_id=row.id, day=view.day, at=now, **by))
    return text


def find(session: Session, coming_id: str, run: Run, view: DateView) -> Coming:
    """A comer who gave a contact for that date of the run. Raises NotFound."""
    row = session.get(Coming, coming_id)
    if row is None or row.emergency is None or (row.run_id, row.given_for) != (run.id, view.day):
        raise NotFound("no emergency contact was given for that date, or it is erased")
    return row


def openings_of(session: Session, row: Coming) -> list[EmergencyOpening]:
    """Who opened a comer's contact, the last first."""
    query = select(EmergencyOpening).where(EmergencyOpening.coming_id == row.id)
    return list(session.scalars(query.order_by(EmergencyOpening.at.desc())))


def forget_name(session: Writing, person_id: int) -> None:
    """Erase a lead's name whose account is deleted. That somebody opened the contact stays for its owner to see."""
    session.execute(update(EmergencyOpening).where(EmergencyOpening.person_id == person_id).values(first_name=""))
