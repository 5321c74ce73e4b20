"""Held documents split into one row a listing, for search: where it is, and when it is next."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, Listing

from .database import table_of
from .geometry import cell_of
from .models import HeldListing
from .recurrence import later, next_start, shown, starts_of, without_gaps, zone

#: How long ahead a moved date is looked for; documents name dates of eight weeks.
_MOVED_AHEAD = timedelta(weeks=10)

Row = dict[str, object]

# On the table, not the model: of a sync's ten thousand documents the ORM would take half the time.
_INSERT = insert(table_of(HeldListing))
_NO_ORM = {"synchronize_session": False}


def replace(session: Session, document: ChapterDocument, now: datetime) -> None:
    """Put the rows of `document` in the place of that chapter's former ones, inside writing."""
    put(session, [document.chapter], rows_of(document, now))


def put(session: Session, chapters: Collection[str], rows: list[Row]) -> None:
    """Put `rows` in the place of the former ones of these `chapters`, inside writing. Made by `rows_of`, at leisure."""
    session.execute(delete(HeldListing).where(HeldListing.chapter.in_(chapters)), execution_options=_NO_ORM)
    if rows:
        session.execute(_INSERT, rows)


def rows_of(document: ChapterDocument, now: datetime) -> list[Row]:
    """A row for each of its listings: by column."""
    return [_row(document.chapter, listing, now) for listing in document.listings]


def drop(session: Session, chapter_id: str) -> None:
    """Take a chapter's rows out, inside writing."""
    session.execute(delete(HeldListing).where(HeldListing.chapter == chapter_id))


def read(row: HeldListing) -> Listing:
    """The typed listing of a row."""
    return msgspec.json.decode(row.content, type=Listing)


def roll(session: Session, now: datetime) -> int:
    """Move `next_start` on where it has passed, inside writing; how many rows were looked at. Idempotent."""
    rows = session.scalars(select(HeldListing).where(HeldListing.next_start < now)).all()
    for row in rows:
        row.next_start = next_of(read(row), now)
    return len(rows)


def next_of(listing: Listing, now: datetime) -> datetime | None:
    """When the first date that a page may show and that has not ended starts (UTC), or None.

    One that was moved forward or back, a planned gap and a date of an earlier rule are included: a search leaves out
    a listing that is next after the days it looks at, so nothing that can be shown may start before this.
    """
    regular = next_start(without_gaps(listing.schedule), now)
    if all(state.state == "confirmed" and not state.starts for state in listing.dates):
        return regular  # such dates stand where the rule has them
    length = timedelta(minutes=listing.schedule.duration_minutes)
    coming = [starts for starts in _said(listing, now) if later(starts, length) > now]
    return min([*coming, *([regular] if regular else [])], default=None)


def _said(listing: Listing, now: datetime) -> list[datetime]:
    """When the dates start that something is said of, about now or ahead."""
    tz = zone(listing.schedule.timezone)
    today = now.astimezone(tz).date()
    start, end = today - timedelta(days=1), today + _MOVED_AHEAD
    said = {state.date: state for state in listing.dates}
    every = shown(listing.schedule, said.values(), start, end)
    return [starts_of(at, said.get(at.day.isoformat())) for at in every]


def _row(chapter: str, listing: Listing, now: datetime) -> Row:
    point = listing.meeting_point
    return {
        "chapter": chapter,
        "listing": listing.id,
        "content": msgspec.json.encode(listing).decode(),
        "lat_e4": point.lat_e4,
        "lon_e4": point.lon_e4,
        "cell": cell_of(point.lat_e4, point.lon_e4),
        "next_start": next_of(listing, now),
    }
