"""A run's day, for its leads alone: heads counted, a line to whoever comes, how it went, and how the lead is.

None of it ever leaves the node. Heads and the line go with the comers; how it went stays for a year. How a lead is can
be read by that lead alone, and is erased after 30 days.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from federation.text import tidy

from .. import sealed_fields
from ..chapter import dates
from ..chapter.dates import DateView
from ..config import Settings
from ..database import Writing, fold, writing
from ..errors import NotFound
from ..input import form_ids, stale_pages
from ..input.validation import check_private, refuse
from ..models import CheckIn, Duty, Person, Run, RunDay
from .coming import is_moved_on, kept

OUTCOMES = ("held", "nobody", "not-held")
#: How many about came to a run that was held: from the first number to the second.
BANDS = ("1-2", "3-5", "6-10", "11-20", "21-")
#: Field to the most characters of it.
LIMITS = {"note": 200, "words": 1000}
#: More heads are a slip of the finger.
MOST_HEADS = 500
#: How long a lead's check-in is kept.
CHECK_IN_KEPT = timedelta(days=30)
_NO_AUTHOR: dict[str, Any] = {"note_by": None, "note_at": None}
_HEADS, _OUTCOME, _NOTE = ("heads_out", "heads_back"), ("outcome", "band"), ("note",)


@dataclass(frozen=True)
class Marks:
    """The mark of each form of the page (node.input.stale_pages): a tap of one lead leaves the other forms alone."""

    heads: str
    outcome: str
    note: str


@dataclass(frozen=True)
class OwnCheckIn:
    """What a lead has noted for their own eyes."""

    id: str
    at: datetime
    words: str


def find(session: Session, settings: Settings, run_id: str, day: date, now: datetime) -> tuple[Run, DateView]:
    """The run and its date. Raises NotFound for a day without a run, and once what was kept of it is erased."""
    run = session.get(Run, run_id)
    view = dates.find(session, run, day, now) if run else None
    if run is None or view is None or now > dates.ends_at(run, view) + kept(settings):
        raise NotFound("there is no run on that day")
    return run, view


def noted(session: Session, run_id: str, day: date) -> RunDay:
    """What the leads have noted of a date; an empty row where that is nothing."""
    return session.get(RunDay, (run_id, day)) or RunDay(run_id=run_id, day=day, note="")


def marks(row: RunDay) -> Marks:
    """The marks of what a page shows of `row`."""
    return Marks(_mark(row, _HEADS), _mark(row, _OUTCOME), _mark(row, _NOTE))


def missing(row: RunDay) -> int:
    """How many are out and not back, as far as heads were counted."""
    if row.heads_out is None or row.heads_back is None:
        return 0
    return max(row.heads_out - row.heads_back, 0)


def duties(session: Session, run_id: str, day: date) -> list[tuple[str, str]]:
    """(duty, first name) of everybody who has a duty on that date, the lead first."""
    query = select(Duty.duty, Person.first_name).join(Person, Person.id == Duty.person_id)
    found = session.execute(query.where(Duty.run_id == run_id, Duty.day == day)).all()
    return sorted(((duty, name) for duty, name in found), key=lambda one: (one[0] != "lead", one))


def count_heads(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    out: int | None,
    back: int | None,
    now: datetime,
    saw: str | None = None,
) -> None:
    """Note how many have set off, and how many are back. Raises NotFound, InvalidInput and StalePage."""
    heads = {"heads_out": out, "heads_back": back}
    refuse({name: "range" for name, value in heads.items() if value is not None and not 0 <= value <= MOST_HEADS})
    _note(session, settings, run_id, day, heads, now, saw)


def say(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    note: str,
    by: int,
    now: datetime,
    saw: str | None = None,
) -> None:
    """Let the lead `by` write a line to whoever comes that day, on their private pages. Empty takes it away.

    Raises NotFound, InvalidInput and StalePage.
    """
    refuse(check_private("note", note, LIMITS["note"]))
    author = {"note_by": by, "note_at": now} if tidy(note) else _NO_AUTHOR
    _note(session, settings, run_id, day, {"note": tidy(note)}, now, saw, author)


def finish(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    outcome: str,
    band: str | None,
    now: datetime,
    saw: str | None = None,
) -> None:
    """Note how it went, once it has begun. Raises NotFound, InvalidInput and StalePage."""
    _, view = find(session, settings, run_id, day, now)
    is_known = outcome in OUTCOMES and (band in BANDS if outcome == "held" else band is None)
    refuse({} if is_known else {"outcome": "not_found"})
    refuse({"outcome": "early"} if now < view.starts else {})
    _note(session, settings, run_id, day, {"outcome": outcome, "band": band}, now, saw)


def check_in(
    session: Session,
    settings: Settings,
    person_id: int,
    run_id: str,
    day: date,
    words: str,
    now: datetime,
    form_id: str = "",
) -> None:
    """Keep how a lead is, for that lead's eyes. The same form again keeps it once.

    Raises NotFound, InvalidInput and CannotUnseal.
    """
    find(session, settings, run_id, day, now)
    refuse(check_private("words", words, LIMITS["words"], is_required=True))
    id_ = (form_ids.with_content(form_id, person_id) or secrets.token_hex(16))[:32]
    sealed = sealed_fields.load(settings).seal("check_in.words", id_, tidy(words))
    with writing(session, is_private=True) as transaction:
        if transaction.get(CheckIn, id_) is None:
            transaction.add(CheckIn(id=id_, person_id=person_id, run_id=run_id, day=day, words=sealed, at=now))


def own_check_ins(session: Session, settings: Settings, person_id: int, run_id: str, day: date) -> list[OwnCheckIn]:
    """What one lead has noted of themselves after a run, for that lead alone. Raises CannotUnseal."""
    query = select(CheckIn).where(CheckIn.person_id == person_id, CheckIn.run_id == run_id, CheckIn.day == day)
    rows = session.scalars(query.order_by(CheckIn.at)).all()
    key = sealed_fields.load(settings) if rows else None
    return [OwnCheckIn(row.id, row.at, key.open("check_in.words", row.id, row.words)) for row in rows if key]


def erase_check_in(session: Session, person_id: int, check_in_id: str) -> None:
    """Erase one of a lead's own check-ins, down to the bytes. Of somebody else's, and of none, nothing is erased."""
    with writing(session, is_private=True) as transaction:
        transaction.execute(delete(CheckIn).where(CheckIn.id == check_in_id, CheckIn.person_id == person_id))
    fold(session)


def sweep(session: Writing, settings: Settings, now: datetime) -> None:
    """Erase check-ins after 30 days, heads and lines with the comers, and how it went after a year."""
    session.execute(delete(CheckIn).where(CheckIn.at <= now - CHECK_IN_KEPT))
    # A day later, so that the date is over in every zone.
    private = (now - kept(settings) - timedelta(days=1)).date()
    is_over = RunDay.day < private, ~is_moved_on(RunDay.run_id, RunDay.day, private)
    session.execute(update(RunDay).where(*is_over).values(note="", **_NO_AUTHOR, heads_out=None, heads_back=None))
    session.execute(delete(RunDay).where(RunDay.day < (now - timedelta(days=settings.keep_idle_days)).date()))


def _note(
    session: Session,
    settings: Settings,
    run_id: str,
    day: date,
    values: dict[str, Any],
    now: datetime,
    saw: str | None,
    author: dict[str, Any] | None = None,
) -> None:
    """`author`: who wrote it and when. The same words again keep their first author."""
    with writing(session, is_private=True) as transaction:
        find(transaction, settings, run_id, day, now)
        row = noted(transaction, run_id, day)
        if all(getattr(row, name) == value for name, value in values.items()):
            return  # a double tap, or a page that was sent again
        stale_pages.require(saw, _mark(row, tuple(values)))
        for name, value in (values | (author or {})).items():
            setattr(row, name, value)
        row.noted_at = now
        transaction.add(row)


def _mark(row: RunDay, names: tuple[str, ...]) -> str:
    return stale_pages.mark(*(getattr(row, name) for name in names))
