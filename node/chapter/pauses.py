"""A pause of one run, or of the whole chapter ("back on 4 March"). Every node hears of it at once."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import Pause, most_of
from federation.text import tidy

from ..config import Settings
from ..database import Writing, writing
from ..input import stale_pages
from ..input.validation import check_texts, refuse
from ..models import Chapter, Run, RunDate
from ..schedule.occurrences import coming_pause
from ..schedule.recurrence import day_in
from . import listing, publishing, runs
from .dates import paused_by_hq, restore_status, status_of

NOTE_LIMIT = most_of(Pause, "note")
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
    """Pause a run, or the whole chapter without `run_id`, from `since` until the day before `back_on` (None: open).

    Promises for those days are taken back. The same pause again changes nothing. `saw`: the mark of the pause that the
    page showed. Raises NotFound, StalePage, and InvalidInput for `since` (`range`: before today or too far ahead),
    `back_on` (`before_start`, `range`) and `note`.
    """
    note = tidy(note)
    with writing(session) as transaction:
        paused = _pausable(transaction, run_id)
        today = day_in(paused.timezone, now)
        refuse(check_days(since, back_on, today) | check_texts({"note": note}, {"note": NOTE_LIMIT}, frozenset()))
        if (paused.paused_since, paused.back_on, paused.pause_note) == (since, back_on, note):
            return
        stale_pages.require(saw, mark_of(paused))
        paused.paused_since, paused.back_on, paused.pause_note = since, back_on, note
        _take_promises_back(transaction, run_id, since, back_on)
        publishing.publish(transaction, settings, now, urgent=True)


def resume(session: Session, settings: Settings, run_id: str | None, now: datetime, saw: str | None = None) -> bool:
    """End a pause. True if it had begun. Ending it again changes nothing. Raises NotFound.

    `saw`: the mark of the pause that the lead saw. Raises StalePage if it is another one by now: an old page must not
    end a pause that somebody has made since.
    """
    with writing(session) as transaction:
        paused = _pausable(transaction, run_id)
        if paused.paused_since is None:
            return True
        stale_pages.require(saw, mark_of(paused))
        had_begun = has_begun(paused, now)
        paused.paused_since, paused.back_on, paused.pause_note = None, None, ""
        publishing.publish(transaction, settings, now, urgent=True)
    return had_begun


def heed_hq(session: Writing) -> None:
    """Take promises back while HQ lists this chapter as paused or not at all.

    No promise comes back when HQ lists the chapter again. The next signature is due at once, but not made here: HQ's
    word is taken whether or not this node can sign.
    """
    chapter = session.get(Chapter, 1)
    if chapter is None or not paused_by_hq(session):
        return
    if _take_promises_back(session, None, date.min, None):
        chapter.signed_at = None


def has_begun(paused: Paused, now: datetime) -> bool:
    """Whether the first day of a pause has come."""
    return paused.paused_since is not None and paused.paused_since <= day_in(paused.timezone, now)


def mark_of(paused: Paused) -> str:
    """The mark of a pause, or of no pause, as pages show it (node.input.stale_pages)."""
    return stale_pages.mark(paused.paused_since, paused.back_on, paused.pause_note)


def is_coming(paused: Paused, now: datetime) -> bool:
    """Whether there is a pause that has not ended."""
    return coming_pause([listing.spelled_pause(paused)], day_in(paused.timezone, now)) is not None


def _pausable(session: Session, run_id: str | None) -> Paused:
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
    """Take back promises for the days of a pause. True if there were any.

    A moved date stays moved: the end of the pause must not lead people back to where it was. A date lies in the pause
    if the day that it was moved to does, as on the pages.
    """
    promised = select(RunDate).where(RunDate.state == "confirmed")
    rows = session.scalars(promised.where(RunDate.run_id == run_id) if run_id is not None else promised).all()
    days = [date.fromisoformat(row.starts[:10]) if row.starts else row.day for row in rows]
    over = [row for row, day in zip(rows, days, strict=True) if since <= day and (back_on is None or day < back_on)]
    for row in over:
        restore_status(session, row.run_id, row.day, status_of(row).without_promise(), row.at)
    return bool(over)
