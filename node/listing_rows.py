"""Held documents split into one row a listing, for search: where it is, and when it is next."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, Facility, Listing
from federation.encodings import from_date, from_local

from . import listing_text
from .database import table_of, writing
from .geometry import cell_of
from .models import HeldListing
from .recurrence import later, next_start, shown, starts_of, without_gaps, zone

#: How long ahead a moved date is looked for; documents name dates of eight weeks.
_MOVED_AHEAD = timedelta(weeks=10)
#: The write lock is held for so many rows: a lead's tap waits for no more.
_ROLLED_AT_ONCE = 500
#: By no more do clocks change (seconds), but for the few that are named.
CLOCKS_CHANGE_S = 3600
_CHANGE_MORE = frozenset({"Antarctica/Troll"})
FACILITIES: tuple[str, ...] = get_args(Facility)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_decoder = msgspec.json.Decoder(Listing)

Row = dict[str, Any]

# On the table, not the model: of a sync's ten thousand documents the ORM would take half the time.
_INSERT = insert(table_of(HeldListing))
_NO_ORM = {"synchronize_session": False}


def replace(session: Session, document: ChapterDocument, now: datetime) -> None:
    """Put the rows of `document` in the place of that chapter's former ones, inside writing."""
    put(session, [document.chapter], rows_of(document, now))


def put(session: Session, chapters: Collection[str], rows: list[Row]) -> None:
    """Put `rows` in the place of the former ones of these `chapters`, inside writing. Made by `rows_of`, at leisure."""
    listing_text.drop(session, chapters)
    session.execute(delete(HeldListing).where(HeldListing.chapter.in_(chapters)), execution_options=_NO_ORM)
    if not rows:
        return
    first = (session.scalar(select(func.max(HeldListing.row))) or 0) + 1
    numbered = [row | {"row": number} for number, row in enumerate(rows, first)]
    listing_text.keep(session, [(row["row"], row.pop("words")) for row in numbered])
    session.execute(_INSERT, numbered)


def rows_of(document: ChapterDocument, now: datetime) -> list[Row]:
    """A row for each of its listings: by column, and its `words`."""
    return [_row(document, listing, now) for listing in document.listings]


def drop(session: Session, chapter_id: str) -> None:
    """Take a chapter's rows out, inside writing."""
    put(session, [chapter_id], [])


def read(content: str) -> Listing:
    """The typed listing of a row's content."""
    return _decoder.decode(content)


def roll(session: Session, now: datetime) -> int:
    """Move `next_start` on where it has passed, a few rows to a transaction; how many were looked at. Idempotent."""
    passed = select(HeldListing.row).where(HeldListing.next_start < now).order_by(HeldListing.row)
    rows = session.scalars(passed).all()
    for start in range(0, len(rows), _ROLLED_AT_ONCE):
        with writing(session):
            _roll(session, rows[start : start + _ROLLED_AT_ONCE], now)
    return len(rows)


def _roll(session: Session, rows: Sequence[int], now: datetime) -> None:
    contents = session.execute(select(HeldListing.row, HeldListing.content).where(HeldListing.row.in_(rows)))
    moved = [{"row": row, "next_start": next_of(read(content), now)} for row, content in contents]
    if moved:
        session.execute(update(HeldListing), moved)


def next_of(listing: Listing, now: datetime) -> datetime | None:
    """Before it no date that a page may show, and that has not ended, is looked for (UTC); None if there is none.

    That is when one starts, a planned gap and a date of an earlier rule included; or when people thought that it would,
    since who looks on the old day is told. A search leaves out a listing that is next after the days it looks at.
    """
    regular = next_start(without_gaps(listing.schedule), now)
    return min([*_said(listing, now), *([regular] if regular else [])], default=None)


def _said(listing: Listing, now: datetime) -> Iterator[datetime]:
    """Of each date that something is said of and that has not ended: when it starts, or from when on people who knew
    it for an earlier day look for it.
    """
    if all(state.state == "confirmed" and not state.starts for state in listing.dates):
        return  # such dates stand where the rule has them
    today = now.astimezone(zone(listing.schedule.timezone)).date()
    length = timedelta(minutes=listing.schedule.duration_minutes)
    said = {state.date: state for state in listing.dates}
    for at in shown(listing.schedule, said.values(), today - timedelta(days=1), today + _MOVED_AHEAD):
        starts = starts_of(at, said.get(at.day.isoformat()))
        if later(starts, length) > now:
            known = (at.starts, *(at.starts - (at.day - day) for day in at.known_for))
            yield min(starts, max(now, min(known)))


def facility_bits(facilities: Collection[str]) -> int:
    """One bit for each of a closed list, so that one look at an index tells who has them all."""
    return sum(1 << FACILITIES.index(one) for one in facilities)


def is_weekly(listing: Listing) -> bool:
    """Whether every date that can be shown lies whole weeks from every other, give or take CLOCKS_CHANGE_S."""
    if listing.schedule.timezone in _CHANGE_MORE:
        return False
    rule, starts = listing.schedule.rrule, from_local(listing.schedule.dtstart)
    if rule is None or not rule.startswith("FREQ=WEEKLY") or "," in rule:
        return False
    if _WEEKDAYS.index(rule[-2:]) != starts.weekday():
        return False
    return all(one.starts is None and from_date(one.date).weekday() == starts.weekday() for one in listing.dates)


def _row(document: ChapterDocument, listing: Listing, now: datetime) -> Row:
    point = listing.meeting_point
    return {
        "chapter": document.chapter,
        "listing": listing.id,
        "content": msgspec.json.encode(listing).decode(),
        "lat_e4": point.lat_e4,
        "lon_e4": point.lon_e4,
        "cell": cell_of(point.lat_e4, point.lon_e4),
        "next_start": next_of(listing, now),
        "weekly": is_weekly(listing),
        "kind": listing.kind,
        "facilities": facility_bits(listing.facilities),
        "words": listing_text.words_of(document, listing),
    }
