"""Which change of a chapter's document is urgent (PROTOCOL.md §13.1)."""

from datetime import date, timedelta
from typing import NamedTuple

from .documents import ChapterDocument, Listing, MeetingPoint
from .encodings import from_instant


def is_urgent(old: ChapterDocument | None, new: ChapterDocument) -> bool:
    """Whether somebody may stand at the wrong place or time who reads `old` after `new` was signed (§13.1).

    A date's state, a time or place changed, a pause begun or lifted, or a listing withdrawn. Dates that only passed
    are no change.
    """
    if old is None:
        return False
    if old.profile.pause != new.profile.pause:
        return True
    before, after = ({listing.id: listing for listing in document.listings} for document in (old, new))
    if before.keys() - after.keys():
        return True
    today = from_instant(new.issued).date()
    return any(_moved(before[id_], after[id_]) or _restated(before[id_], after[id_], today) for id_ in before)


def _moved(old: Listing, new: Listing) -> bool:
    return (old.schedule, old.meeting_point, old.pause) != (new.schedule, new.meeting_point, new.pause)


def _restated(old: Listing, new: Listing, today: date) -> bool:
    # `today` is UTC's: a Californian evening still has the date of UTC's yesterday, and its cancellation is urgent.
    yesterday = (today - timedelta(days=1)).isoformat()
    before, after = _said(old), _said(new)
    changed = {day for day in before.keys() | after.keys() if before.get(day) != after.get(day)}
    return any(said.last >= yesterday for day in changed for said in (before.get(day), after.get(day)) if said)


class _Said(NamedTuple):
    """What is said of one date. `last`: the day on which somebody may still stand there because of it (§7.4)."""

    state: str
    starts: str | None
    meeting_point: MeetingPoint | None
    last: str


def _said(listing: Listing) -> dict[str, _Said]:
    return {
        state.date: _Said(state.state, state.starts, state.meeting_point, max(state.date, (state.starts or "")[:10]))
        for state in listing.dates
    }
