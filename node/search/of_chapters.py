"""The next date of each of some chapters, for a list of chapters."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..directory import listings
from ..models import HeldListing
from ..schedule.occurrences import Occurrence
from .query import USUAL_DAYS

#: Of each chapter so many runs are read, those that come first: more than are cancelled on one day in most places.
_RUNS_EACH = 4
_DAY = timedelta(days=1)


def next_of(session: Session, chapters: Collection[str], now: datetime) -> dict[str, Occurrence]:
    """By chapter, the first date that is on within two weeks. A chapter without one has no entry."""
    today = (now - timedelta(hours=12)).date()
    rows = _first_rows(session, chapters, now + (USUAL_DAYS + 1) * _DAY)
    every = listings.occurrences_of(session, rows, today, today + USUAL_DAYS * _DAY, now)
    found: dict[str, Occurrence] = {}
    for one in sorted(every, key=lambda one: one.starts.timestamp()):
        if one.is_on:
            found.setdefault(one.chapter, one)
    return found


def _first_rows(session: Session, chapters: Collection[str], before: datetime) -> list[int]:
    place = func.row_number().over(partition_by=HeldListing.chapter, order_by=HeldListing.next_start)
    ranked = (
        select(HeldListing.row, place.label("place"))
        .where(HeldListing.chapter.in_(chapters), HeldListing.next_start < before)
        .subquery()
    )
    return list(session.scalars(select(ranked.c.row).where(ranked.c.place <= _RUNS_EACH)))
