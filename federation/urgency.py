"""Which change of a chapter's document is urgent (PROTOCOL.md §13.1)."""

from datetime import date, timedelta
from typing import NamedTuple

from .documents import ChapterDocument, Listing, MeetingPoint
from .encodings import from_instant


def is_urgent(old: ChapterDocument | None, new: ChapterDocument) -> bool:
    """Whether a person who has read `old` may stand at the wrong place or time once `new` is signed (§13.1).

    An urgent document changes a date's state, a time or a meeting point, begins or lifts a pause, or withdraws a
    listing. Dates that only passed are no change.
    """
    if old is None:
        return False
    if old.profile.pause != new.profile.pause:
        return True
    before, after = ({listing.id: listing for listing in document.listings} for document in (old, new))
    if before.keys() - after.keys():
        return True
    today = from_instant(new.issued).date()
    return any(
        _is_moved(before[id_], after[id_]) or _has_date_changes(before[id_], after[id_], today) for id_ in before
    )


def _is_moved(old: Listing, new: Listing) -> bool:
    return (old.schedule, old.meeting_point, old.pause) != (new.schedule, new.meeting_point, new.pause)


def _has_date_changes(old: Listing, new: Listing, today: date) -> bool:
    # `today` is UTC's: a Californian evening still has the date of UTC's yesterday, and its cancellation is urgent.
    yesterday = (today - timedelta(days=1)).isoformat()
    before, after = _statuses_of(old), _statuses_of(new)
    changed = {day for day in before.keys() | after.keys() if before.get(day) != after.get(day)}
    return any(one.last >= yesterday for day in changed for one in (before.get(day), after.get(day)) if one)


class _DateStatus(NamedTuple):
    """What a document states of one date. `last`: the last day on which a person may stand there (§7.4)."""

    state: str
    starts: str | None
    meeting_point: MeetingPoint | None
    last: str


def _statuses_of(listing: Listing) -> dict[str, _DateStatus]:
    return {
        one.date: _DateStatus(one.state, one.starts, one.meeting_point, max(one.date, (one.starts or "")[:10]))
        for one in listing.dates
    }
