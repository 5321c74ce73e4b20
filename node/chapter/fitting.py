"""What a full chapter document leaves out, so that a cancellation always fits (PROTOCOL.md §2.4).

Long words go before dates, promises before moves; at the last a move is said to be a cancellation. Whoever reads that
stays at home; whoever missed a cancellation would stand there alone.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from federation.documents import ChapterDocument, DateState, Listing, write_document
from federation.envelope import MAX_PAYLOAD

from ..schedule.recurrence import WEEKS_AHEAD

Step = Callable[[ChapterDocument], ChapterDocument]

#: Bytes of a date in the last step, with the comma after it; and of one that was moved to another day.
_CANCELLED, _ELSEWHEN = 70, 98
#: The most days that a rule has in eight weeks and a day on either side, by how often it is held.
_MOST_DAYS = {"INTERVAL=1;BYDAY=": 9, "INTERVAL=2;BYDAY=": 5}
_MOST_MONTHS = 3
#: Dates of the two weeks before may have been moved into the eight.
_MOST_MOVED = 2


def size(document: ChapterDocument) -> int:
    """Bytes of its payload."""
    return len(write_document(document).encode())


def fitted(document: ChapterDocument) -> tuple[ChapterDocument, list[str]]:
    """The document as it fits into an envelope, and the names of the steps that it took: what was left out."""
    taken: list[str] = []
    for name, step in STEPS.items():
        if size(document) <= MAX_PAYLOAD:
            break
        document = step(document)
        taken.append(name)
    return document, taken


def without_dates(document: ChapterDocument) -> ChapterDocument:
    """The runs alone."""
    return _with_dates(document, lambda said: [])


def always_fits(document: ChapterDocument) -> bool:
    """Whether what it lists leaves room for the worst day: every date of every run cancelled."""
    return size(_bare(without_dates(document))) + sum(map(_worst, document.listings)) <= MAX_PAYLOAD


def _worst(listing: Listing) -> int:
    """Bytes that its dates can need in the last step, those of earlier rules included."""
    rule = listing.schedule.rrule or ""
    most = next((count for part, count in _MOST_DAYS.items() if "WEEKLY" in rule and part in rule), _MOST_MONTHS)
    most = most if rule else 1
    unusual = sum(one.state != "confirmed" for one in listing.dates)
    return len(',"dates":[]') + most * _CANCELLED + (_MOST_MOVED + max(0, unusual - most)) * _ELSEWHEN


def _without_notes(document: ChapterDocument) -> ChapterDocument:
    """What was typed to a date or a pause."""
    profile, listings = document.profile, document.listings
    document = replace(
        document,
        profile=replace(profile, pause=profile.pause and replace(profile.pause, note="")),
        listings=[replace(one, pause=one.pause and replace(one.pause, note="")) for one in listings],
    )
    return _with_dates(document, lambda said: [replace(one, note=None) for one in said])


def _without_words(document: ChapterDocument) -> ChapterDocument:
    """Long texts of the runs; where and when they are stays."""
    shorter = [replace(one, what_happens="", accessibility="", bring="") for one in document.listings]
    return replace(document, profile=replace(document.profile, about=""), listings=shorter)


def _without_directions(document: ChapterDocument) -> ChapterDocument:
    """Of where a date was moved to, its name and its place on the map stay."""

    def shorten(said: list[DateState]) -> list[DateState]:
        points = [one.meeting_point and replace(one.meeting_point, address="", directions="") for one in said]
        return [replace(one, meeting_point=point) for one, point in zip(said, points, strict=True)]

    return _with_dates(document, shorten)


def _without_promises(document: ChapterDocument) -> ChapterDocument:
    """Promises; where a promised date was moved to stays."""

    def take_back(said: list[DateState]) -> list[DateState]:
        left = [one for one in said if one.state != "confirmed" or one.starts or one.meeting_point]
        return [replace(one, state="moved") if one.state == "confirmed" else one for one in left]

    return _with_dates(document, take_back)


def _bare(document: ChapterDocument) -> ChapterDocument:
    """Of each run only its name, when and where it is."""
    document = _without_words(_without_notes(document))
    first = date.fromisoformat(document.issued[:10])
    return replace(document, listings=[_bare_listing(one, first) for one in document.listings])


def _bare_listing(one: Listing, today: date) -> Listing:
    first, last = f"{today - timedelta(days=2)}", f"{today + WEEKS_AHEAD + timedelta(days=2)}"
    gaps = [day for day in one.schedule.exdates if first <= day <= last]
    return replace(
        one,
        schedule=replace(one.schedule, exdates=gaps),
        meeting_point=replace(one.meeting_point, address="", directions=""),
        look_for="",
        facilities=[],
        languages=[],
        lead_first_name=None,
    )


def _moves_cancelled(document: ChapterDocument) -> ChapterDocument:
    """A date that is held elsewhere is said to be cancelled, rather than left where people knew it."""
    return _with_dates(document, lambda said: [_cancelled(one) for one in said])


def _cancelled(one: DateState) -> DateState:
    is_elsewhen = one.starts is not None and one.starts[:10] != one.date
    starts = one.starts if is_elsewhen else None
    return replace(one, state="cancelled", reason=None, note=None, starts=starts, meeting_point=None)


def _soonest(count: int) -> Step:
    """For lists that were made before `always_fits` was asked."""
    return lambda document: _with_dates(document, lambda said: said[:count])


def _with_dates(document: ChapterDocument, change: Callable[[list[DateState]], list[DateState]]) -> ChapterDocument:
    return replace(document, listings=[replace(one, dates=change(one.dates)) for one in document.listings])


STEPS: dict[str, Step] = {
    "notes": _without_notes,
    "words": _without_words,
    "directions": _without_directions,
    "promises": _without_promises,
    "details": _bare,
    "moves": _moves_cancelled,
    "later": _soonest(5),
    "most": _soonest(2),
}


def most_telling(said: Sequence[Any], is_of_rule: Callable[[Any], bool], most: int) -> list[Any]:
    """The `most` rows of one run's dates that a listing has room for (§7.3), by day.

    What is off or elsewhere on a day of the rule comes first: without it the rule would say that it is on. A day that
    no rule has is not shown as on where nothing is said of it. A promise that is not said does no harm, save for an
    hour or a place of its own, which the rule does not say.
    """
    kept = sorted(said, key=lambda row: (_says_no_more_than_the_rule(row), not is_of_rule(row), row.day))[:most]
    return sorted(kept, key=lambda row: row.day)


def _says_no_more_than_the_rule(row: Any) -> bool:
    return row.state == "confirmed" and not (row.starts or row.point)
