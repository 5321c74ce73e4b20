"""A pause of one run, or of the whole chapter ("back on 4 March"). Every node hears at once; resuming undoes it."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.text import tidy

from ..config import Settings
from ..database import Writing, writing
from ..input import stale_pages
from ..input.validation import check_texts, refuse
from ..models import Chapter, Run, RunDate
from ..schedule.recurrence import zone
from . import publishing, runs
from .dates import paused_by_hq, put_back, said_of, without_promise

NOTE_LIMIT = 300
#: Nobody plans a pause further ahead, or a longer one.
MOST_AHEAD = timedelta(days=366)

Paused = Run | Chapter


def pause(
    session: Session,
    settings: Settings,
    run_id: str | None,
    since: date,
    back_on: date | None,
    note: str,
    now: datetime,
    saw: str | None = None,
) -> None:
    """No run from `since` until the day before `back_on` (None: until it is resumed); no `run_id`: no run at all.

    Promises for those days are taken back. Again with the same words: nothing happens. Raises NotFound, or
    InvalidInput for `since` (`range`: before today or too far ahead), `back_on` (`before_start`, `range`) and `note`,
    or Changed: the pause is not as the page showed it (`saw`: its `mark_of`).
    """
    note = tidy(note)
    with writing(session) as transaction:
        paused = _of(transaction, run_id)
        today = now.astimezone(zone(paused.timezone)).date()
        refuse(check_days(since, back_on, today) | check_texts({"note": note}, {"note": NOTE_LIMIT}, frozenset()))
        if (paused.paused_since, paused.back_on, paused.pause_note) == (since, back_on, note):
            return
        stale_pages.require(saw, mark_of(paused))
        paused.paused_since, paused.back_on, paused.pause_note = since, back_on, note
        _take_promises_back(transaction, run_id, since, back_on)
        publishing.publish(transaction, settings, now, urgent=True)


def resume(session: Session, settings: Settings, run_id: str | None, now: datetime, saw: str | None = None) -> bool:
    """The pause is over, or does not begin; True if it had begun. Again: nothing happens. Raises NotFound.

    `saw`: the `mark_of` the pause that the lead saw. Raises Changed if it is another one by now: an old page must not
    end the pause that somebody has made since.
    """
    with writing(session) as transaction:
        paused = _of(transaction, run_id)
        if paused.paused_since is None:
            return True
        stale_pages.require(saw, mark_of(paused))
        had_begun = has_begun(paused, now)
        paused.paused_since, paused.back_on, paused.pause_note = None, None, ""
        publishing.publish(transaction, settings, now, urgent=True)
    return had_begun


def heed_hq(session: Writing) -> None:
    """While HQ lists this chapter as pausing, or not at all, promises are taken back, as by a pause of its own.
    So none revives when HQ lists the chapter again.

    The next signing is due at once, and not made here: what HQ says is taken whether or not this node can sign.
    """
    chapter = session.get(Chapter, 1)
    if chapter is None or not paused_by_hq(session):
        return
    if _take_promises_back(session, None, date.min, None):
        chapter.signed_at = None


def has_begun(paused: Paused, now: datetime) -> bool:
    """Whether its first day has come."""
    return paused.paused_since is not None and paused.paused_since <= now.astimezone(zone(paused.timezone)).date()


def mark_of(paused: Paused) -> str:
    """The mark of a pause, or of none, as pages show it (node.input.stale_pages)."""
    return stale_pages.mark(paused.paused_since, paused.back_on, paused.pause_note)


def is_coming(paused: Paused, now: datetime) -> bool:
    """Whether there is a pause that is not over."""
    today = now.astimezone(zone(paused.timezone)).date()
    return paused.paused_since is not None and not (paused.back_on and paused.back_on <= today)


def _of(session: Session, run_id: str | None) -> Paused:
    return session.get_one(Chapter, 1) if run_id is None else runs.get(session, run_id)


def check_days(since: date, back_on: date | None, today: date) -> dict[str, str]:
    """What is wrong with the days of a pause, by field: `range`, `before_start`."""
    problems = {}
    if not today <= since <= today + MOST_AHEAD:
        problems["since"] = "range"
    if back_on is not None and back_on <= since:
        problems["back_on"] = "before_start"
    elif back_on is not None and back_on - since > MOST_AHEAD:
        problems["back_on"] = "range"
    return problems


def _take_promises_back(session: Writing, run_id: str | None, since: date, back_on: date | None) -> bool:
    """True if there were any. What was moved and promised stays moved: who knows of it must not be led back by the end
    of the pause. A date lies in the pause by the day that it was moved to, as pages show it.
    """
    promised = select(RunDate).where(RunDate.state == "confirmed")
    rows = session.scalars(promised.where(RunDate.run_id == run_id) if run_id is not None else promised).all()
    days = [date.fromisoformat(row.starts[:10]) if row.starts else row.day for row in rows]
    over = [row for row, day in zip(rows, days, strict=True) if since <= day and (back_on is None or day < back_on)]
    for row in over:
        put_back(session, row.run_id, row.day, without_promise(said_of(row)), row.at)
    return bool(over)
