"""Anybody's listings as pages read them: from the directory only, our own like all others, always with their age."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, Listing, Pause

from . import directory, listing_rows
from .errors import NotFound
from .models import Chapter, HeldDocument, HeldListing, HeldRegistry, RegistryChapter
from .occurrences import Freshness as Freshness
from .occurrences import Occurrence as Occurrence
from .occurrences import Stands, coming_pause, dates_of, freshness_of, pause_of, stands_of
from .occurrences import State as State
from .recurrence import zone

WEEKS_AHEAD = timedelta(weeks=8)


class Withdrawn(NotFound):
    """The chapter is known, but it does not list this run any more."""


class Unlisted(NotFound):
    """HQ knows the chapter, and does not list it. `successor`: the listed chapter that it goes on as, or None."""

    def __init__(self, successor: str | None) -> None:
        super().__init__("this chapter is not listed any more")
        self.successor = successor


class Expired(NotFound):
    """The chapter has not been heard for so long that its listings went."""

    def __init__(self, chapter_name: str, heard_at: datetime) -> None:
        super().__init__(f"nothing has been heard from {chapter_name} for too long")
        self.chapter_name = chapter_name
        self.heard_at = heard_at


@dataclass(frozen=True)
class ListingView:
    """A listing with its coming dates (eight weeks, those not ended, the next first)."""

    chapter: str
    chapter_name: str
    place: str
    base_url: str | None
    listing: Listing
    coming: list[Occurrence]
    freshness: Freshness
    #: By HQ; `pause`: the run's own or its chapter's, now or to come.
    paused: bool
    pause: Pause | None


@dataclass(frozen=True)
class ChapterView:
    """A chapter as listed. `paused`: by HQ; `pause`: its own, now or to come. `gone`: nothing has been heard for so
    long that its listings went.
    """

    id: str
    name: str
    place: str
    country: str
    about: str
    base_url: str | None
    listings: list[ListingView]
    freshness: Freshness
    paused: bool
    pause: Pause | None
    gone: bool


@dataclass(frozen=True)
class HqView:
    """HQ as every page shows it. `is_fresh`: its registry has been signed within the last seven days."""

    name: str
    contact: str
    is_fresh: bool
    read_at: datetime | None


def listing(session: Session, chapter_id: str, listing_id: str, now: datetime) -> ListingView:
    """One listing. Raises NotFound, Withdrawn, or Expired: nothing has been heard for too long."""
    held, found = _held_listing(session, chapter_id, listing_id, now)
    return _listing_view(session, held, found, now)


def on_day(session: Session, chapter_id: str, listing_id: str, day: date, now: datetime) -> Occurrence | None:
    """One listing's date, however far ahead; None if it is not held then, or over. Raises as `listing` does."""
    held, found = _held_listing(session, chapter_id, listing_id, now)
    every = _coming(held, found, day, day, _Registered(session, now))
    return next((one for one in every if day in (one.day, *one.moved_from)), None)


def chapter(session: Session, chapter_id: str, now: datetime) -> ChapterView:
    """One chapter with its listings; raises NotFound."""
    held, document = _held(session, chapter_id)
    base_url = directory.base_url_of(session, chapter_id)
    view = _chapter_view(held, document.profile.about, base_url, _Registered(session, now))
    shown = [] if view.gone else document.listings
    return replace(view, listings=[_listing_view(session, held, one, now) for one in shown])


def occurrences_of(session: Session, rows: Collection[int], start: date, end: date, now: datetime) -> list[Occurrence]:
    """Every occurrence of these rows of HeldListing, as far as they are listed, on the days `start`..`end` of its own
    zone that has not ended.

    One that was moved counts for the day it was moved from (who knew of it looks there) and for the day it is on.
    """
    every = (dates_of(stands, start, end) for stands in standing(session, rows, now).values())
    return [one for dates in every for one in dates]


def standing(session: Session, rows: Collection[int], now: datetime) -> dict[int, Stands]:
    """How these rows of HeldListing stand, by row, as far as they are listed: one look-up for all."""
    if not rows:
        return {}
    found = session.connection().execute(_HELD_ROWS, {"rows": rows, "now": now}).all()
    return {row.row: _row_stands(row, now) for row in found if _is_listed(row)}


def _is_listed(row: Any) -> bool:
    """Ours is also before HQ lists it."""
    return row.status in ("active", "paused") or (row.status is None and row.chapter == row.own)


def _row_stands(row: Any, now: datetime) -> Stands:
    return stands_of(row, listing_rows.read(row.content), row.own, row.status == "paused", now)


def _held_rows() -> Any:
    """A listing with all that a page says of its chapter, without the sealed document; `own`: our own chapter."""
    own = select(Chapter.id).scalar_subquery().label("own")
    return (
        select(HeldListing.row, HeldListing.content, *_SAID_OF_CHAPTER, RegistryChapter.status, own)
        .join(HeldDocument, HeldDocument.chapter == HeldListing.chapter)
        .outerjoin(RegistryChapter, RegistryChapter.chapter == HeldListing.chapter)
        .where(HeldListing.row.in_(bindparam("rows", expanding=True)))
        .where(HeldDocument.envelope.is_not(None), HeldDocument.expires > bindparam("now"))
    )


_SAID_OF_CHAPTER = (
    HeldDocument.chapter,
    HeldDocument.name,
    HeldDocument.place,
    HeldDocument.pause,
    HeldDocument.issued,
    HeldDocument.fresh_until,
    HeldDocument.heard_at,
)
#: Put together once: that takes SQLAlchemy longer than SQLite takes to answer it.
_HELD_ROWS = _held_rows()


def hq(session: Session, now: datetime) -> HqView | None:
    """The HQ this node has joined, or None."""
    row = session.get(HeldRegistry, 1)
    return HqView(row.name, row.contact, now <= row.fresh_until, row.read_at) if row else None


class _Registered:
    """One page's look-ups, each made once: which chapter is ours, which are listed, which of them HQ paused."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.now = now
        self.own = directory.own_id(session)
        self.listed = directory.listed_ids(session)
        self.paused = set(session.scalars(select(RegistryChapter.chapter).where(RegistryChapter.status == "paused")))


def _held(session: Session, chapter_id: str) -> tuple[HeldDocument, ChapterDocument]:
    held = session.get(HeldDocument, chapter_id)
    document = directory.read_held(held)
    if chapter_id not in directory.listed_ids(session) and directory.entry_of(session, chapter_id) is not None:
        raise Unlisted(directory.successor_of(session, chapter_id))
    if held is None or document is None or chapter_id not in directory.listed_ids(session):
        raise NotFound("no such chapter")
    return held, document


def _held_listing(session: Session, chapter_id: str, listing_id: str, now: datetime) -> tuple[HeldDocument, Listing]:
    held, document = _held(session, chapter_id)
    if held.expires <= now:
        raise Expired(held.name, freshness_of(held, now, directory.own_id(session)).heard_at)
    for found in document.listings:
        if found.id == listing_id:
            return held, found
    raise Withdrawn("this run is not listed any more")


def _chapter_view(held: HeldDocument, about: str, base_url: str | None, known: _Registered) -> ChapterView:
    return ChapterView(
        id=held.chapter,
        name=held.name,
        place=held.place,
        country=held.country,
        about=about,
        base_url=base_url,
        listings=[],
        freshness=freshness_of(held, known.now, known.own),
        paused=held.chapter in known.paused,
        pause=coming_pause([pause_of(held)], known.now.astimezone(UTC).date()),
        gone=held.expires <= known.now,
    )


def _listing_view(session: Session, held: HeldDocument, found: Listing, now: datetime) -> ListingView:
    known = _Registered(session, now)
    tz = zone(found.schedule.timezone)
    today = now.astimezone(tz).date()
    return ListingView(
        chapter=held.chapter,
        chapter_name=held.name,
        place=held.place,
        base_url=directory.base_url_of(session, held.chapter),
        listing=found,
        coming=_coming(held, found, today - timedelta(days=1), today + WEEKS_AHEAD, known),
        freshness=freshness_of(held, now, known.own),
        paused=held.chapter in known.paused,
        pause=coming_pause([found.pause, pause_of(held)], today),
    )


def _coming(held: HeldDocument, found: Listing, start: date, end: date, known: _Registered) -> list[Occurrence]:
    stands = stands_of(held, found, known.own, held.chapter in known.paused, known.now)
    return sorted(dates_of(stands, start, end), key=lambda one: one.starts.timestamp())
