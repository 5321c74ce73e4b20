"""After a folder was put back from a copy, a node takes over what it had signed since, before it signs again (§8.2)."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, DateState, Listing, Pause
from federation.encodings import from_date, from_instant, new_listing_id
from federation.words import read_reason

from ..database import Writing
from ..directory import parsed
from ..models import Chapter, Counter, RestoreQuestion, Run, RunDate
from ..models.pause import Pausable
from . import pauses
from .listing import run_of, set_pause, spelled_pause, write_point

#: States that are taken over as they are. A lead must give a promise again, and repeat words of a later version.
_TAKEN_OVER = ("cancelled", "moved")


def take_over(session: Writing, document: ChapterDocument, now: datetime) -> None:
    """Make our runs what a newer document of ours says. `document` is verified already.

    Runs that it lacks are withdrawn. Times, meeting points and pauses become those of the document, and so do its
    cancelled and moved dates. Of our confirmations only those stay that the document has, too: a lead must give any
    other promise again. Words of a later version are taken over as far as this one can say them (§2.7).

    What leads have done on this very server since it began was in no copy. While it is not answered what others hold of
    us, all of that stays. Afterwards only what keeps people from standing alone stays: cancellations, moves, changes
    and ends of runs, and pauses.

    The feed gets a new name: readers may have positions in the old one that this copy has not reached.
    """
    here = _done_here(session)
    chapter = session.get_one(Chapter, 1)
    chapter.notices = msgspec.to_builtins(document.profile.notices)
    _take_pause_over(chapter, document, here, now)
    _withdraw_others(session, {listing.id for listing in document.listings}, here, now)
    for listing in document.listings:
        _take_run_over(session, listing, here, now)
    session.get_one(Counter, 1).feed = new_listing_id()
    session.flush()


@dataclass(frozen=True)
class _DoneHere:
    """What leads have done on this server `since` it began to ask what others hold of us.

    `base`: what was listed then; None once that is answered. `began`: the server's last start. There may have been
    several starts since it began to ask, with a copy put back between two of them.
    """

    since: datetime | None
    base: ChapterDocument | None
    began: datetime | None

    def has_announced(self, run: Run) -> bool:
        """Whether a lead has announced the run since."""
        return self.base is not None and self._listed_then(run) is None

    def has_changed(self, run: Run) -> bool:
        """Whether a lead has edited, withdrawn or paused the run since. Then it stays as it is here."""
        # A run that a take-over withdrew is listed no longer, and another document may still have it.
        is_withdrawn = self._is_since(run.withdrawn_at) and run.listed_until is not None
        is_touched = self._is_since(run.edited_at) or is_withdrawn
        if self.base is None or is_touched:
            return is_touched
        then = self._listed_then(run)
        return then is None or self.has_paused(run, then.pause)

    def has_paused(self, paused: Pausable, then: Pause | None) -> bool:
        """Whether the pause is another one than `then`."""
        if self.base is None:
            return False
        days = (from_date(then.since), from_date(then.back_on) if then.back_on else None) if then else (None, None)
        return (paused.paused_since, paused.back_on) != days

    def pause_of_both(self, paused: pauses.Paused, theirs: Pause | None, now: datetime) -> Pause | None:
        """The pause to take over.

        Once it is answered what others hold, nobody can tell which of two pauses is newer, so it becomes as long as
        both together. A person who stays at home for nothing does not stand alone anywhere, and a lead is told.
        """
        if self.base is not None or not pauses.is_coming(paused, now):
            return theirs
        ours = spelled_pause(paused)
        if ours is None or theirs is None or (theirs.back_on and from_date(theirs.back_on) <= now.date()):
            return ours
        ends = max(ours.back_on, theirs.back_on) if ours.back_on and theirs.back_on else None
        return Pause(since=min(ours.since, theirs.since), back_on=ends, note=ours.note or theirs.note)

    def stays(self, row: RunDate) -> bool:
        """Whether the row stays as it is, whatever is taken over."""
        if row.state == "confirmed" and (self.began is None or row.at < self.began):
            return False
        return self._is_since(row.at) and (self.base is not None or row.state == "cancelled")

    def stays_moved(self, row: RunDate, of_a_change: bool) -> bool:
        """Whether the date stays where the row has it, though a promise to be there goes.

        That is so if a lead moved it on this server, by a tap (which can be undone) or by a change of its run.
        """
        return row.is_moved and self._is_since(row.at) and (of_a_change or row.before is not None)

    def _is_since(self, at: datetime | None) -> bool:
        return at is not None and self.since is not None and at >= self.since

    def _listed_then(self, run: Run) -> Listing | None:
        listings = self.base.listings if self.base else []
        return next((one for one in listings if one.id == run.id), None)


def _take_pause_over(chapter: Chapter, document: ChapterDocument, here: _DoneHere, now: datetime) -> None:
    if not here.has_paused(chapter, here.base.profile.pause if here.base else None):
        set_pause(chapter, here.pause_of_both(chapter, document.profile.pause, now))


def _done_here(session: Session) -> _DoneHere:
    question, chapter = session.get(RestoreQuestion, 1), session.get_one(Chapter, 1)
    if question is None:
        return _DoneHere(chapter.began_at, None, chapter.began_at)
    return _DoneHere(question.since, parsed.read_uncached(question.envelope), chapter.began_at)


def _withdraw_others(session: Writing, listed: set[str], here: _DoneHere, now: datetime) -> None:
    for run in session.scalars(select(Run).where(Run.withdrawn_at.is_(None))):
        if run.id not in listed and not here.has_announced(run):
            run.withdrawn_at, run.listed_until = now, None


def _take_run_over(session: Writing, listing: Listing, here: _DoneHere, now: datetime) -> None:
    former = session.get(Run, listing.id)
    stays = former is not None and here.has_changed(former)
    pause = listing.pause if former is None else here.pause_of_both(former, listing.pause, now)
    run = former if former is not None and stays else session.merge(run_of(listing, former))
    if here.base is None or not stays:
        set_pause(run, pause)
    _take_dates_over(session, listing, here, stays)


def _take_dates_over(session: Writing, listing: Listing, here: _DoneHere, stays: bool) -> None:
    session.flush()
    states = {from_date(state.date): state for state in listing.dates}
    for row in session.scalars(select(RunDate).where(RunDate.run_id == listing.id)):
        theirs = states.get(row.day)
        if here.stays(row) or (theirs and _still_says(theirs, row)):
            continue
        if here.stays_moved(row, stays) and not (theirs and theirs.state == "cancelled"):
            row.state = "moved"
        else:
            session.delete(row)
    session.flush()
    for day, state in states.items():
        if session.get(RunDate, (listing.id, day)) is None and (state.state in _TAKEN_OVER or _is_moved(state)):
            session.add(_taken_over(listing.id, state))


def _still_says(state: DateState, row: RunDate) -> bool:
    return state.state == row.state and (state.starts, _point(state)) == (row.starts, row.point)


def _is_moved(state: DateState) -> bool:
    return state.starts is not None or state.meeting_point is not None


def _point(state: DateState) -> str | None:
    return write_point(state.meeting_point) if state.meeting_point else None


def _taken_over(run_id: str, state: DateState) -> RunDate:
    """The row of a cancelled or moved date. Of a promise it takes only where the date is held."""
    return RunDate(
        run_id=run_id,
        day=from_date(state.date),
        state=state.state if state.state in _TAKEN_OVER else "moved",
        at=from_instant(state.at),
        reason=read_reason(state.reason),
        note=state.note,
        starts=state.starts,
        point=_point(state),
        as_announced=state.as_announced,
        before=None,
    )
