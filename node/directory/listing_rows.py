"""One row for each listing of a held document, for search: where the run is, and when it is next."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, Listing, MeetingPoint
from federation.encodings import from_date, from_local
from federation.words import FACILITIES, WEEKDAYS, known

from ..database import Writing, among, put_rows, seconds, table_of, writing
from ..models import HeldListing
from ..places.geometry import cell_of
from ..schedule.recurrence import (
    add_elapsed,
    dates_shown,
    day_in,
    is_readable,
    next_start,
    starts_of,
    unusual,
    without_gaps,
)
from . import listing_words

#: How far ahead moved dates are looked for. Documents name dates of eight weeks.
_MOVED_AHEAD = timedelta(weeks=10)
#: Rows that are changed under one hold of the write lock, so that a lead's tap waits for no more.
_ROLLED_AT_ONCE = 500
#: Clocks change by no more than so many seconds, but in the zones of _CHANGE_MORE.
CLOCKS_CHANGE_S = 3600
_CHANGE_MORE = frozenset({"Antarctica/Troll"})
#: The next start of a run whose dates this node cannot read: later than any search looks, with a search of its own.
UNREADABLE = datetime(9999, 1, 1, tzinfo=UTC)
_decoder = msgspec.json.Decoder(Listing)

_COLUMNS = (
    *("row", "chapter", "listing", "content", "lat_e4", "lon_e4", "cell", "next_start", "weekly", "kind"),
    "facilities",
)
_LAST = select(func.max(table_of(HeldListing).c.row))
_ROWS = select(table_of(HeldListing).c.row).where(among(table_of(HeldListing).c.chapter))
_NO_ORM = {"synchronize_session": False}


class Row(msgspec.Struct, frozen=True, gc=False):
    """A listing's row before it has a number: the values of all columns but `row`, and the words of the listing."""

    values: tuple[object, ...]
    words: str


def replace(session: Writing, document: ChapterDocument, now: datetime) -> None:
    """Replace a chapter's rows by those of `document`."""
    put(session, [document.chapter], rows_of(document, now))


def put(session: Writing, chapters: Collection[str], rows: list[Row]) -> None:
    """Replace the rows of `chapters` by `rows`. `rows_of` has made them outside the lock."""
    former = [row for (row,) in session.connection().execute(_ROWS, {"texts": list(chapters)})]
    if former:
        listing_words.drop(session, former)
        session.execute(delete(HeldListing).where(HeldListing.row.in_(former)), execution_options=_NO_ORM)
    first = (session.connection().scalar(_LAST) or 0) + 1
    listing_words.keep(session, [(number, row.words) for number, row in enumerate(rows, first)])
    put_rows(session, HeldListing.__tablename__, _COLUMNS, [(n, *row.values) for n, row in enumerate(rows, first)])


def rows_of(document: ChapterDocument, now: datetime) -> list[Row]:
    """A row for each listing of `document`."""
    return [_row(document, listing, now) for listing in document.listings]


def drop(session: Writing, chapter_id: str) -> None:
    """Delete a chapter's rows."""
    put(session, [chapter_id], [])


def read(content: str) -> Listing:
    """The typed listing of a row's content."""
    return _decoder.decode(content)


def roll(session: Session, now: datetime, *, whole: bool = False) -> int:
    """Set `next_start` anew where it has passed, a few rows to a transaction. How many rows were looked at. Idempotent.

    `whole`: look at every row. A clock that was ahead may have passed over dates that are still to come.
    """
    # An upgrade may have taught this node to read what it could not read before.
    due = or_(HeldListing.next_start < now, HeldListing.next_start == UNREADABLE)
    query = select(HeldListing.row).order_by(HeldListing.row)
    rows = session.scalars(query if whole else query.where(due)).all()
    for start in range(0, len(rows), _ROLLED_AT_ONCE):
        with writing(session) as transaction:
            _roll(transaction, rows[start : start + _ROLLED_AT_ONCE], now)
    return len(rows)


def _roll(session: Writing, rows: Sequence[int], now: datetime) -> None:
    contents = session.execute(select(HeldListing.row, HeldListing.content).where(HeldListing.row.in_(rows)))
    rolled = [{"row": row, **_next(read(content), now)} for row, content in contents]
    if rolled:
        session.execute(update(HeldListing), rolled)


def _next(listing: Listing, now: datetime) -> dict[str, object]:
    """When and where it is next."""
    next_start = next_of(listing, now)
    point = point_of_next(listing, next_start)
    cell = cell_of(point.lat_e4, point.lon_e4)
    return {"next_start": next_start, "lat_e4": point.lat_e4, "lon_e4": point.lon_e4, "cell": cell}


def next_of(listing: Listing, now: datetime) -> datetime | None:
    """The earliest moment (UTC) at which a search may look for a date of `listing` that has not ended.

    It is the start of a date, a planned gap and a date of an earlier rule included; or the start that people knew
    before the date was moved, since a page tells whoever looks on the old day. None without such a date. UNREADABLE if
    this node cannot tell the dates. A search for earlier days leaves the listing out.
    """
    if not is_readable(listing.schedule):
        return UNREADABLE
    regular = next_start(without_gaps(listing.schedule), now)
    if not unusual(listing.dates):
        return regular
    return min([*_moments_of_dates(listing, now, regular), *([regular] if regular else [])], default=None)


def point_of_next(listing: Listing, next_start: datetime | None) -> MeetingPoint:
    """Where `listing` is held next: until a change that was entered ahead counts, where people know it."""
    if not listing.changes_on or next_start is None or next_start == UNREADABLE:
        return listing.meeting_point
    day = str(day_in(listing.schedule.timezone, next_start))
    before = [one for one in listing.dates if day <= max(one.date, one.starts or "") and one.date < listing.changes_on]
    # A date that was moved by itself tells where the run is held only if nothing else does.
    told = [one for one in before if one.as_announced or one.meeting_point is not None]
    first = min(told, key=lambda one: (not one.as_announced, one.date), default=None)
    return (first and first.meeting_point) or listing.meeting_point


def _moments_of_dates(listing: Listing, now: datetime, regular: datetime | None) -> Iterator[datetime]:
    """The earliest moment of interest of each date that has not ended, up to the day of the `regular` next start.

    It is the start, or the earlier start that people knew before the date was moved. What is on a later day, and was
    never on an earlier one, is after the regular start.
    """
    today = day_in(listing.schedule.timezone, now)
    last = min(today + _MOVED_AHEAD, day_in(listing.schedule.timezone, regular)) if regular else today + _MOVED_AHEAD
    length = timedelta(minutes=listing.schedule.duration_minutes)
    states = {state.date: state for state in listing.dates}
    for at in dates_shown(listing.schedule, states.values(), today - timedelta(days=1), last):
        starts = starts_of(at, states.get(at.day.isoformat()))
        if add_elapsed(starts, length) > now:
            known = (at.starts, *(at.starts - (at.day - day) for day in at.known_for))
            yield min(starts, max(now, min(known)))


def facility_bits(facilities: Collection[str]) -> int:
    """One bit for each facility of the closed list, so that an index can tell which runs have them all."""
    return sum(1 << FACILITIES.index(one) for one in known(facilities, FACILITIES))


def is_weekly(listing: Listing) -> bool:
    """Whether all dates lie whole weeks apart, give or take CLOCKS_CHANGE_S."""
    if listing.schedule.timezone in _CHANGE_MORE or not is_readable(listing.schedule):
        return False
    rule, starts = listing.schedule.rrule, from_local(listing.schedule.dtstart)
    if rule is None or not rule.startswith("FREQ=WEEKLY") or "," in rule:
        return False
    if WEEKDAYS.index(rule[-2:]) != starts.weekday():
        return False
    return all(one.starts is None and from_date(one.date).weekday() == starts.weekday() for one in listing.dates)


def _row(document: ChapterDocument, listing: Listing, now: datetime) -> Row:
    next_start = next_of(listing, now)
    point = point_of_next(listing, next_start)
    values = (
        *(document.chapter, listing.id, msgspec.json.encode(listing).decode(), point.lat_e4, point.lon_e4),
        *(cell_of(point.lat_e4, point.lon_e4), seconds(next_start) if next_start else None, is_weekly(listing)),
        *(listing.kind, facility_bits(listing.facilities)),
    )
    return Row(values, listing_words.words_of(document, listing))
