"""A lead's promise to be at one date, given, taken back, handed over: never without the listing, never against it.

The listing says whether a lead has promised (RunDate), and this node alone knows who has (Duty). Both change in one
transaction. Where a date is moved, paused or undone, only the listing changes, at once; `mend` then notes that nobody
has promised any more.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.text import tidy

from ...chapter import dates, leads, publishing, runs
from ...chapter.dates import DateView
from ...config import Settings
from ...database import Writing, follow_writing, writing
from ...input.validation import check_private, refuse
from ...models import Duty, Person, Run, RunDate
from ..comers import moves
from . import calls, changes, rota
from .rota import DUTIES, Assignment, Rota

#: Characters of the line to the others.
LINE_LIMIT = 200

#: What a tap on "I'll be there" has done: the date is that person's, or another one was quicker.
Outcome = Literal["promised", "taken"]


def promise(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    person_id: int,
    now: datetime,
    saw: str | None = None,
    duty: str = "lead",
) -> Outcome:
    """Say that this person will be there, and let the listing say that a lead will. Saying so again changes nothing.

    Nobody's promise is taken over by a tap, unless it was handed over to that person. Raises what dates.confirm does,
    and NotFound for somebody who leads no runs any more.
    """
    with writing(session) as transaction:
        person = rota.require_lead(transaction, person_id)
        run, view = _date(transaction, run_id, day, now)
        former = _on(transaction, run, view, duty)
        if former.is_promised and person not in (former.person, former.offered_to):
            return "taken"
        if duty == "lead":
            dates.write_promise(transaction, settings, run_id, day, now, saw)
        if not (former.is_promised and former.person == person):
            row = _row(transaction, run_id, day, duty)
            row.person_id, row.promised_at, row.offered_to, row.line = person.id, now, None, ""
            row.promised_for = moves.where(run, view)
            if former.is_promised and former.person:
                _tell_of_loss(transaction, settings, run, view, duty, former.person, now)
    return "promised"


def drop_out(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    whose: int | None,
    by: int,
    line: str,
    now: datetime,
    duty: str = "lead",
) -> bool:
    """This person cannot be there: the date is open, and no page says any more that a lead will be there.

    `whose`: the person as the page showed them; None: nobody knew who had promised. `by`: the lead who says so.
    Within the run's cover_hours the other leads are told at once, with the `line`. A page may be as old as it likes,
    but another lead's promise stays: then it is False. Raises InvalidInput for `line`.
    """
    line = tidy(line)
    refuse(check_private("line", line, LINE_LIMIT))
    with writing(session) as transaction:
        teller = rota.require_lead(transaction, by)
        run, view = _date(transaction, run_id, day, now)
        former = _on(transaction, run, view, duty)
        if (former.person.id if former.person else None) != whose:
            return False
        row = _row(transaction, run_id, day, duty)
        row.person_id, row.promised_at, row.offered_to = None, None, None
        row.dropped_at, row.dropped_by, row.line = now, whose, line
        asks_others = duty == "lead" and is_late(run, view, now) and is_needed(view)
        if former.is_promised and former.person and former.person != teller and not asks_others:
            _tell_of_loss(transaction, settings, run, view, duty, former.person, now)
        if duty == "lead":
            take_back(transaction, settings, [(run_id, day)], now)
            if asks_others:
                # The listing must say so, though the disk has no room for letters. The search asks the others then.
                others = run, view, row, teller, now
                follow_writing(transaction, __name__, lambda after: _tell_the_others(after, settings, *others))
    return True


def is_late(run: Run, view: DateView, now: datetime) -> bool:
    """Whether the other leads are to be asked at once, because the run is so near."""
    return calls.start_of(view) - now <= timedelta(hours=run.cover_hours)


def is_needed(view: DateView) -> bool:
    """Whether somebody has to be there: the date is neither cancelled nor paused nor a gap."""
    return view.state != "cancelled" and not view.paused and not view.is_closed


def _tell_the_others(
    session: Writing, settings: Settings, run: Run, view: DateView, row: Duty, teller: Person, now: datetime
) -> None:
    # The key of this search's cover request: whoever reads this letter needs no second one a minute later.
    others = [lead for lead in calls.here_on(session, view.starts.date()) if lead != teller]
    calls.tell(session, settings, "dropped_out", run, view, f"cover {calls.search_of(view, row)}", others, now)


def _tell_of_loss(
    session: Writing, settings: Settings, run: Run, view: DateView, duty: str, former: Person, now: datetime
) -> None:
    """Tell somebody whose promise is not theirs any more, though they have tapped nothing."""
    about = run, view, duty, former, now
    follow_writing(session, changes.LOST, lambda after: changes.tell_of_loss(after, settings, *about))


def hand_over(
    session: Session, settings: Settings, run_id: str, day: date, duty: str, whose: int | None, to: int, now: datetime
) -> bool:
    """Ask another lead to take a duty over.

    A promise stays the former one's until the other says yes: between the two nobody stands alone. A duty that nobody
    has promised is the other's turn from now on. `whose`: as in drop_out; False if it is another's by now.
    """
    with writing(session) as transaction:
        return _hand_over(transaction, settings, run_id, day, duty, whose, to, now)


def swap(
    session: Session, settings: Settings, run_id: str, day: date, duty: str, whose: int, other_day: date, now: datetime
) -> bool:
    """Swap a date with the one of another lead, who has not promised it yet.

    That lead is asked for `day` as in hand_over, and `other_day` is the turn of `whose`. False if one of the two dates
    is somebody else's by now, or is promised.
    """
    with writing(session) as transaction:
        run, other = _date(transaction, run_id, other_day, now)
        theirs = _on(transaction, run, other, duty)
        if theirs.person is None or theirs.is_promised or theirs.person.id == whose:
            return False
        if not _hand_over(transaction, settings, run_id, day, duty, whose, theirs.person.id, now, other_day):
            return False
        _row(transaction, run_id, other_day, duty).person_id = rota.require_lead(transaction, whose).id
    return True


def _hand_over(
    session: Writing,
    settings: Settings,
    run_id: str,
    day: date,
    duty: str,
    whose: int | None,
    to: int,
    now: datetime,
    for_day: date | None = None,
) -> bool:
    person = rota.require_lead(session, to)
    run, view = _date(session, run_id, day, now)
    former = _on(session, run, view, duty)
    if (former.person.id if former.person else None) != whose:
        return False
    if person in (former.person, former.offered_to):
        return True
    row = _row(session, run_id, day, duty)
    if former.is_promised:
        row.offered_to = person.id
    else:
        row.person_id, row.promised_at, row.offered_to = person.id, None, None
    facts = {"duty": duty} | ({"for_day": for_day.isoformat()} if for_day else {})
    key = f"{duty} {day} handed over at {now:%Y-%m-%dT%H:%M:%SZ}"
    calls.tell(session, settings, "handed_over", run, view, key, [person], now, **facts)
    return True


def keep(session: Session, run_id: str, day: date, duty: str, person_id: int) -> None:
    """Take an offer to another lead back. Taking it back again changes nothing."""
    with writing(session) as transaction:
        row = transaction.get(Duty, (run_id, day, duty))
        if row is not None and row.person_id == person_id and row.offered_to is not None:
            row.offered_to = None


def go_on_holiday(
    session: Session, settings: Settings, person_id: int, first_day: date, back_on: date, now: datetime
) -> int:
    """Keep a lead's days off. What that lead had promised for those days is open again: how many dates.

    Raises InvalidInput (`since`, `back_on`).
    """
    with writing(session) as transaction:
        rota.require_lead(transaction, person_id)
        refuse(rota.check_holiday(first_day, back_on, rota.today_here(transaction, now)))
        if not rota.write_holiday(transaction, person_id, first_day, back_on):
            return 0
        return _open(transaction, settings, person_id, now, first_day, back_on)


def release(session: Writing, settings: Settings, person_id: int, now: datetime) -> int:
    """Open every coming date of somebody who leads no more, in the caller's transaction: how many were promised.

    What that person wrote to the others goes, too.
    """
    opened = _open(session, settings, person_id, now)
    session.execute(update(Duty).where(Duty.dropped_by == person_id).values(line=""))
    return opened


def forget_lines(session: Writing, person_id: int) -> None:
    """Erase what somebody wrote to the other leads who is deleted in the caller's transaction."""
    session.execute(update(Duty).where(Duty.dropped_by == person_id).values(line=""))


def _open(
    session: Writing,
    settings: Settings,
    person_id: int,
    now: datetime,
    first_day: date = date.min,
    back_on: date = date.max,
) -> int:
    """Take this person off each coming date that is held on one of those days. How many dates were promised."""
    rows = [row for row in _coming_rows(session, now) if row.person_id == person_id]
    over = [row for row in rows if first_day <= _held_on(session, row) < back_on]
    promised = [row for row in over if row.promised_at is not None]
    for row in over:
        row.dropped_at = now if row.promised_at is not None else row.dropped_at
        row.person_id, row.promised_at, row.offered_to = None, None, None
        row.dropped_by, row.line = person_id, ""
    take_back(session, settings, [(row.run_id, row.day) for row in promised if row.duty == "lead"], now)
    return len(promised)


def take_back(session: Writing, settings: Settings, promised: Collection[tuple[str, date]], now: datetime) -> None:
    """Let the listing promise no lead for some dates, each the id of its run and its day, and tell every node at once.

    A moved date stays moved. No undo brings such a promise back.
    """
    rows = [session.get(RunDate, key) for key in promised]
    over = [row for row in rows if row is not None and row.state == "confirmed"]
    for row in over:
        dates.restore_status(session, row.run_id, row.day, dates.status_of(row).without_promise(), now)
    if over:
        publishing.publish(session, settings, now, urgent=True, is_word_of_lead=False)


def mend(session: Session, settings: Settings, now: datetime) -> None:
    """Let Duty and the listing say the same. Most often there is nothing to do, and the write lock is left alone.

    A promise ends where the listing promises nothing any more: the date was moved, cancelled, paused or undone. And the
    listing's promise ends where its lead was removed, by whatever way.
    """
    if not any(_is_over(session, row) for row in _coming_rows(session, now)):
        return
    with writing(session) as transaction:
        over = [row for row in _coming_rows(transaction, now) if _is_over(transaction, row)]
        take_back(transaction, settings, [(row.run_id, row.day) for row in over if not _leads(transaction, row)], now)
        for row in over:
            row.promised_at, row.offered_to, row.dropped_at = None, None, now
            row.dropped_by, row.line = None, ""


def _is_over(session: Session, row: Duty) -> bool:
    """Whether a promise to lead has ended, and nobody has noted it yet."""
    if row.duty != "lead" or row.promised_at is None:
        return False
    told = session.get(RunDate, (row.run_id, row.day))
    return told is None or told.state != "confirmed" or not _leads(session, row)


def _leads(session: Session, row: Duty) -> bool:
    return any(one.id == row.person_id for one in leads.all_leads(session))


def _coming_rows(session: Session, now: datetime) -> list[Duty]:
    """What is kept of dates that are not over."""
    first = now.date() - timedelta(days=1)
    rows = session.scalars(select(Duty).where(Duty.day >= first - dates.FARTHEST_MOVE)).all()
    return [row for row in rows if _held_on(session, row) >= first]


def _held_on(session: Session, row: Duty) -> date:
    """The day on which a date is held, in the run's zone."""
    told = session.get(RunDate, (row.run_id, row.day))
    return date.fromisoformat(told.starts[:10]) if told is not None and told.starts else row.day


def _date(session: Session, run_id: str, day: date, now: datetime) -> tuple[Run, DateView]:
    run = runs.get(session, run_id)
    return run, dates.require_date(session, run, day, now)


def _on(session: Session, run: Run, view: DateView, duty: str) -> Assignment:
    refuse({} if duty in DUTIES else {"duty": "not_found"})
    return Rota(session, run).on(view).of(duty)


def _row(session: Writing, run_id: str, day: date, duty: str) -> Duty:
    """What is kept of a duty; begun where nothing is kept yet."""
    row = session.get(Duty, (run_id, day, duty))
    if row is None:
        row = Duty(run_id=run_id, day=day, duty=duty)
        session.add(row)
    return row
