"""Held documents split into one row a listing, for search: where it is, and when it is next."""

from datetime import datetime

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, Listing

from .geometry import cell_of
from .models import HeldListing
from .recurrence import next_start


def replace(session: Session, document: ChapterDocument, now: datetime) -> None:
    """Put the rows of `document` in the place of that chapter's former ones, inside writing."""
    drop(session, document.chapter)
    session.add_all([_row(document.chapter, listing, now) for listing in document.listings])
    session.flush()


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
        row.next_start = next_start(read(row).schedule, now)
    return len(rows)


def _row(chapter: str, listing: Listing, now: datetime) -> HeldListing:
    point = listing.meeting_point
    return HeldListing(
        chapter=chapter,
        listing=listing.id,
        content=msgspec.json.encode(listing).decode(),
        lat_e4=point.lat_e4,
        lon_e4=point.lon_e4,
        cell=cell_of(point.lat_e4, point.lon_e4),
        next_start=next_start(listing.schedule, now),
    )
