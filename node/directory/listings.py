"""Anybody's listings as pages read them: from the directory only, our own like all others, always with their age."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, DateState, Listing, MeetingPoint, Pause

from ..errors import NotFound
from ..models import Chapter, HeldDocument, HeldListing, HeldRegistry, RegistryChapter, RestoreQuestion
from ..schedule.occurrences import (
    DatedListing,
    coming_pause,
    dated_listing,
    dates_of,
    freshness_of,
    pause_of,
    unread_of,
)
from ..schedule.occurrences import Freshness as Freshness
from ..schedule.occurrences import Occurrence as Occurrence
from ..schedule.occurrences import State as State
from ..schedule.recurrence import WEEKS_AHEAD, day_in, is_readable
from . import chapters, listing_rows, parsed


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
    """A listing with its coming dates (eight weeks, those not ended, the next first).

    `unread`: what is said of coming dates where this node cannot tell the dates themselves (then `coming` is empty).
    """

    chapter: str
    chapter_name: str
    place: str
    country: str
    base_url: str | None
    listing: Listing
    coming: list[Occurrence]
    unread: list[DateState]
    freshness: Freshness
    #: By HQ; `pause`: the run's own or its chapter's, now or to come.
    paused: bool
    pause: Pause | None

    @property
    def is_readable(self) -> bool:
        """Whether this node can tell its dates: it may have a zone, or a rule, that only others know."""
        return is_readable(self.listing.schedule)


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
    known = _known(session, chapter_id, now)
    return _listing_view(known, _listed_in(known, listing_id))


def on_day(session: Session, chapter_id: str, listing_id: str, day: date, now: datetime) -> Occurrence | None:
    """One listing's date, however far ahead; None if it is not held then, or over. Raises as `listing` does."""
    known = _known(session, chapter_id, now)
    every = _coming(known, _listed_in(known, listing_id), day, day)
    return next((one for one in every if day in (one.day, *one.moved_from)), None)


def where_it_was(session: Session, chapter_id: str, listing_id: str) -> MeetingPoint | None:
    """Where a run met, or another of its chapter, whether it is listed or not, as far as its document is still held."""
    document = parsed.document_of(session.get(HeldDocument, chapter_id))
    every = document.listings if document else []
    return next((one.meeting_point for one in sorted(every, key=lambda one: one.id != listing_id)), None)


def chapter(session: Session, chapter_id: str, now: datetime) -> ChapterView:
    """One chapter with its listings; raises NotFound."""
    known = _known(session, chapter_id, now)
    return _chapter_view(known, [] if known.held.expires <= now else known.document.listings)


def occurrences_of(session: Session, rows: Collection[int], start: date, end: date, now: datetime) -> list[Occurrence]:
    """Every occurrence of these rows of HeldListing, as far as they are listed, on the days `start`..`end` of its own
    zone that has not ended.

    One that was moved counts for the day it was moved from (who knew of it looks there) and for the day it is on.
    """
    every = (dates_of(dated, start, end) for dated in dated_listings(session, rows, now).values())
    return [one for dates in every for one in dates]


def dated_listings(session: Session, rows: Collection[int], now: datetime) -> dict[int, DatedListing]:
    """How these rows of HeldListing stand, by row, as far as they are listed: one look-up for all."""
    if not rows:
        return {}
    found = session.connection().execute(_HELD_ROWS, {"rows": rows, "now": now}).all()
    return {row.row: _dated_row(row, now) for row in found}


def _dated_row(row: Any, now: datetime) -> DatedListing:
    return dated_listing(row, listing_rows.read(row.content), row.own, row.status == "paused", now, row.unvouched)


def _held_rows() -> Any:
    """A listing with all that a page says of its chapter, without the sealed document; `own`: our own chapter."""
    own = select(Chapter.id).scalar_subquery()
    ours = own.label("own"), _unvouched().scalar_subquery().label("unvouched")
    return (
        select(HeldListing.row, HeldListing.content, *_SAID_OF_CHAPTER, RegistryChapter.status, *ours)
        .join(HeldDocument, HeldDocument.chapter == HeldListing.chapter)
        .outerjoin(RegistryChapter, RegistryChapter.chapter == HeldListing.chapter)
        .where(HeldListing.row.in_(bindparam("rows", expanding=True)))
        .where(HeldDocument.envelope.is_not(None), HeldDocument.expires > bindparam("now"))
        .where(chapters.is_row(own))
    )


def _unvouched() -> Select[str]:
    """Our own chapter's id while what is held of it was signed before the start, and it is not known what others hold
    (§8.2): none of its promises is repeated. What was signed since says itself what may be said.
    """
    is_older = or_(Chapter.signed_at.is_(None), Chapter.signed_at < Chapter.began_at)
    return select(Chapter.id).where(exists(select(RestoreQuestion.row)), is_older)


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


@dataclass(frozen=True)
class _Known:
    """What a page looks up of one listed chapter, once. `own`: our own chapter's id, and `unvouched`, too, while nobody
    vouches for what it promised. `paused`: by HQ.
    """

    held: HeldDocument
    document: ChapterDocument
    base_url: str | None
    own: str | None
    unvouched: str | None
    paused: bool
    now: datetime

    @property
    def freshness(self) -> Freshness:
        return freshness_of(self.held, self.now, self.own)


def _known(session: Session, chapter_id: str, now: datetime) -> _Known:
    held, entry = session.get(HeldDocument, chapter_id), chapters.entry_of(session, chapter_id)
    document = parsed.document_of(held)
    is_listed = chapters.is_listed(session, chapter_id)
    if entry is not None and not is_listed:
        raise Unlisted(chapters.successor_of(session, chapter_id))
    if held is None or document is None or not is_listed:
        raise NotFound("no such chapter")
    paused = entry is not None and entry.status == "paused"
    base_url = chapters.base_url_of(session, chapter_id)
    own, unvouched = chapters.own_id(session), session.scalar(_unvouched())
    return _Known(held, document, base_url, own, unvouched, paused, now)


def _listed_in(known: _Known, listing_id: str) -> Listing:
    if known.held.expires <= known.now:
        raise Expired(known.held.name, known.freshness.heard_at)
    for found in known.document.listings:
        if found.id == listing_id:
            return found
    raise Withdrawn("this run is not listed any more")


def _chapter_view(known: _Known, shown: list[Listing]) -> ChapterView:
    held = known.held
    return ChapterView(
        id=held.chapter,
        name=held.name,
        place=held.place,
        country=held.country,
        about=known.document.profile.about,
        base_url=known.base_url,
        listings=[_listing_view(known, one) for one in shown],
        freshness=known.freshness,
        paused=known.paused,
        pause=coming_pause([pause_of(held)], known.now.astimezone(UTC).date()),
        gone=held.expires <= known.now,
    )


def _listing_view(known: _Known, found: Listing) -> ListingView:
    held, today = known.held, day_in(found.schedule.timezone, known.now)
    return ListingView(
        chapter=held.chapter,
        chapter_name=held.name,
        place=held.place,
        country=held.country,
        base_url=known.base_url,
        listing=found,
        coming=_coming(known, found, today - timedelta(days=1), today + WEEKS_AHEAD),
        unread=unread_of(found, known.now),
        freshness=known.freshness,
        paused=known.paused,
        pause=coming_pause([found.pause, pause_of(held)], today),
    )


def _coming(known: _Known, found: Listing, start: date, end: date) -> list[Occurrence]:
    dated = dated_listing(known.held, found, known.own, known.paused, known.now, known.unvouched)
    return sorted(dates_of(dated, start, end), key=lambda one: one.starts.timestamp())
