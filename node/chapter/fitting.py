"""What a full chapter document leaves out, so that a cancellation always fits (PROTOCOL.md §2.4).

Long texts go before dates, and promises before moves. In the last steps a moved date is said to be cancelled. A person
who reads that stays at home; a person whom a cancellation did not reach would stand there alone.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TypeVar

from msgspec.structs import replace

from federation.documents import ChapterDocument, DateState, Listing, MeetingPoint, Notice, Profile
from federation.envelope import MAX_PAYLOAD
from federation.payloads import write_document

from ..models import RunDate
from ..schedule.recurrence import WEEKS_AHEAD

Step = Callable[[ChapterDocument], ChapterDocument]
Noticed = TypeVar("Noticed", Profile, Listing)
Translated = TypeVar("Translated", Profile, Listing, MeetingPoint, Notice)

#: Bytes that a date takes in the last step, with the comma after it, and those of a date moved to another day.
_CANCELLED_BYTES, _OTHER_DAY_BYTES = 70, 98
#: The most dates of a weekly rule in eight weeks and a day on either side, by its interval; and of any other rule.
_MOST_DATES = {"INTERVAL=1;BYDAY=": 9, "INTERVAL=2;BYDAY=": 5}
_MOST_MONTHLY_DATES = 3
#: So many dates of the two weeks before may have been moved into the eight.
_MOST_MOVED = 2


def size(document: ChapterDocument) -> int:
    """Bytes of the document's payload."""
    return len(write_document(document).encode())


def fitted(document: ChapterDocument) -> tuple[ChapterDocument, list[str]]:
    """The document as it fits into an envelope, and the names of the STEPS that left something out."""
    taken: list[str] = []
    for name, step in STEPS.items():
        if size(document) <= MAX_PAYLOAD:
            break
        shorter = step(document)
        taken += [name] if shorter != document else []
        document = shorter
    return document, taken


def without_dates(document: ChapterDocument) -> ChapterDocument:
    """The document with nothing said of any date."""
    return _with_dates(document, lambda dates: [])


def always_fits(document: ChapterDocument) -> bool:
    """Whether there is room for the worst day: every date of every run cancelled."""
    return size(_bare(without_dates(document))) + sum(map(_most_bytes, document.listings)) <= MAX_PAYLOAD


def _most_bytes(listing: Listing) -> int:
    """The most bytes that a listing's dates take in the last step, dates of earlier rules included."""
    rule = listing.schedule.rrule or ""
    weekly = (count for part, count in _MOST_DATES.items() if "WEEKLY" in rule and part in rule)
    most = next(weekly, _MOST_MONTHLY_DATES) if rule else 1
    unusual = sum(one.state != "confirmed" for one in listing.dates)
    moved = _MOST_MOVED + max(0, unusual - most)
    return len(',"dates":[]') + most * _CANCELLED_BYTES + moved * _OTHER_DAY_BYTES


def without_languages(document: ChapterDocument) -> ChapterDocument:
    """Leave out every text that is there in the language, too, in which it was written first."""
    profile, listings = _in_first_language(document.profile), list(map(_in_first_language, document.listings))

    def shorten(dates: list[DateState]) -> list[DateState]:
        return [replace(one, meeting_point=one.meeting_point and _plain(one.meeting_point)) for one in dates]

    listings = [replace(one, meeting_point=_plain(one.meeting_point)) for one in listings]
    return _with_dates(replace(document, profile=profile, listings=listings), shorten)


def _in_first_language(of: Noticed) -> Noticed:
    return replace(_plain(of), notices=list(map(_plain, of.notices)))


def _plain(of: Translated) -> Translated:
    return replace(of, translations={})


def _without_notes(document: ChapterDocument) -> ChapterDocument:
    """Leave out notices, and the notes that leads wrote on dates and pauses."""
    profile, listings = document.profile, document.listings
    document = replace(
        document,
        profile=replace(profile, notices=[], pause=profile.pause and replace(profile.pause, note="")),
        listings=[replace(one, notices=[], pause=one.pause and replace(one.pause, note="")) for one in listings],
    )
    return _with_dates(document, lambda dates: [replace(one, note=None) for one in dates])


def _without_words(document: ChapterDocument) -> ChapterDocument:
    """Leave out the long texts of the runs."""
    shorter = [_without_words_of(one) for one in document.listings]
    return replace(document, profile=replace(document.profile, about=""), listings=shorter)


def _without_words_of(one: Listing) -> Listing:
    point = replace(one.meeting_point, public_transport="", parking="")
    return replace(one, what_happens="", accessibility="", bring="", meeting_point=point)


def _without_directions(document: ChapterDocument) -> ChapterDocument:
    """Leave out how to get to where a date was moved to. The point's name and its position on the map stay."""

    def shorten(dates: list[DateState]) -> list[DateState]:
        points = [one.meeting_point and _without_way(one.meeting_point) for one in dates]
        return [replace(one, meeting_point=point) for one, point in zip(dates, points, strict=True)]

    return _with_dates(document, shorten)


def _without_way(point: MeetingPoint) -> MeetingPoint:
    """The point, and nothing that leads to it."""
    texts = dict.fromkeys(("address", "directions", "public_transport", "parking"), "")
    return replace(point, **texts, landmark=None, text_language=None, translations={})


def _without_promises(document: ChapterDocument) -> ChapterDocument:
    """Leave out promises. Where a promised date was moved to stays."""

    def take_back(dates: list[DateState]) -> list[DateState]:
        left = [one for one in dates if one.state != "confirmed" or one.starts or one.meeting_point]
        return [replace(one, state="moved") if one.state == "confirmed" else one for one in left]

    return _with_dates(document, take_back)


def _bare(document: ChapterDocument) -> ChapterDocument:
    """Of each run leave its name, and when and where it is."""
    document = _without_words(_without_notes(without_languages(document)))
    first = date.fromisoformat(document.issued[:10])
    return replace(document, listings=[_bare_listing(one, first) for one in document.listings])


def _bare_listing(one: Listing, today: date) -> Listing:
    first, last = f"{today - timedelta(days=2)}", f"{today + WEEKS_AHEAD + timedelta(days=2)}"
    gaps = [day for day in one.schedule.exdates if first <= day <= last]
    return replace(
        one,
        schedule=replace(one.schedule, exdates=gaps),
        meeting_point=_without_way(one.meeting_point),
        look_for="",
        facilities=[],
        languages=[],
        lead_first_name=None,
        checked_on=None,
        changes_on=None,
        text_language=None,
    )


def _moves_cancelled(document: ChapterDocument) -> ChapterDocument:
    """Say of moved dates that they are cancelled. Left out, they would seem to be held where people knew them."""
    return _with_dates(document, lambda dates: [_cancelled(one) for one in dates])


def _cancelled(one: DateState) -> DateState:
    is_on_other_day = one.starts is not None and one.starts[:10] != one.date
    starts = one.starts if is_on_other_day else None
    return replace(
        one, state="cancelled", reason=None, note=None, starts=starts, meeting_point=None, as_announced=False
    )


def _soonest(count: int) -> Step:
    """Leave the soonest dates, for lists that are older than `always_fits`."""
    return lambda document: _with_dates(document, lambda dates: dates[:count])


def _with_dates(document: ChapterDocument, change: Callable[[list[DateState]], list[DateState]]) -> ChapterDocument:
    return replace(document, listings=[replace(one, dates=change(one.dates)) for one in document.listings])


STEPS: dict[str, Step] = {
    "languages": without_languages,
    "notes": _without_notes,
    "words": _without_words,
    "directions": _without_directions,
    "promises": _without_promises,
    "details": _bare,
    "moves": _moves_cancelled,
    "later": _soonest(5),
    "most": _soonest(2),
}


def most_telling(rows: Sequence[RunDate], is_of_rule: Callable[[RunDate], bool], most: int) -> list[RunDate]:
    """The `most` rows of one run's dates that matter most (§7.3), by day. A listing has room for no more.

    Cancelled and moved dates of the rule come first: left out, the rule would say that they are on. A day that the rule
    does not have is not shown at all if it is left out. A promise that is left out does no harm, unless it has an hour
    or a point of its own.
    """

    def rank(row: RunDate) -> tuple[bool, bool, date]:
        is_plain_promise = row.state == "confirmed" and not row.is_moved
        return is_plain_promise, not is_of_rule(row), row.day

    return sorted(sorted(rows, key=rank)[:most], key=lambda row: row.day)
