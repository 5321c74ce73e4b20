"""Listings as pages show them, each with its age. All come from the directory, our own like any other."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, DateState, Listing, MeetingPoint, Notice, Pause, ProfileTexts
from federation.encodings import from_date

from ..errors import NotFound
from ..models import Chapter, HeldDocument, HeldListing, HeldRegistry, RegistryChapter, RestoreQuestion
from ..schedule.occurrences import (
    DatedListing,
    as_held_now,
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
from ..schedule.recurrence import LONGEST_GAP, WEEKS_AHEAD, day_in, is_readable
from . import chapters, listing_rows, parsed


class Withdrawn(NotFound):
    """A known chapter no longer lists this run."""


class Unlisted(NotFound):
    """HQ knows the chapter and does not list it. `successor`: the listed chapter that took its place, or None."""

    def __init__(self, successor: str | None) -> None:
        super().__init__("this chapter is not listed any more")
        self.successor = successor


class Expired(NotFound):
    """The chapter's document has expired, so that its listings went."""

    def __init__(self, chapter_name: str, heard_at: datetime) -> None:
        super().__init__(f"nothing has been heard from {chapter_name} for too long")
        self.chapter_name = chapter_name
        self.heard_at = heard_at


@dataclass(frozen=True)
class ListingView:
    """A listing with its coming dates of eight weeks, the next first; without any, with the first one of a year.

    `unread`: what the document states of coming dates. It is filled only where this node cannot tell the dates itself;
    then `coming` is empty.
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
    #: The last day on which a lead of the chapter said anything, as far as the chapter says so.
    last_word_on: date | None
    #: Whether anybody may ask its chapter something by a form on the chapter's own site.
    contact_form: bool
    #: Of the whole chapter. The run's own are in its listing.
    notices: list[Notice]

    @property
    def is_readable(self) -> bool:
        """Whether this node can tell the dates of the run. It may not know the zone or the rule."""
        return is_readable(self.listing.schedule)

    @property
    def listing_now(self) -> Listing:
        """The listing without a change that counts from a later day on."""
        return as_held_now(self.listing, self.coming)


@dataclass(frozen=True)
class ChapterLine:
    """A listed chapter in one line.

    `paused`: HQ has paused it. `pause`: its own pause, now or to come. `gone`: its document has expired, so that its
    listings went. `has_closed`: for good, as it says itself.
    """

    id: str
    name: str
    place: str
    country: str
    freshness: Freshness
    paused: bool
    pause: Pause | None
    gone: bool
    has_closed: bool


@dataclass(frozen=True)
class ChapterView(ChapterLine):
    """A listed chapter with what it says of itself, and its listings. `contact_form`: as of a ListingView."""

    about: str
    base_url: str | None
    contact_form: bool
    listings: list[ListingView]
    last_word_on: date | None
    notices: list[Notice]
    text_language: str | None
    translations: dict[str, ProfileTexts]


@dataclass(frozen=True)
class HqView:
    """HQ as every page shows it. `is_fresh`: HQ has signed its registry within the last seven days."""

    name: str
    contact: str
    is_fresh: bool
    read_at: datetime | None


def listing(session: Session, chapter_id: str, listing_id: str, now: datetime) -> ListingView:
    """One listing. Raises NotFound, Withdrawn or Expired."""
    known = _known(session, chapter_id, now)
    return _listing_view(known, _listed_in(known, listing_id))


def on_day(session: Session, chapter_id: str, listing_id: str, day: date, now: datetime) -> Occurrence | None:
    """The date of a listing on one day, however far ahead. None if there is none that day, or it has ended.

    Raises NotFound, Withdrawn or Expired.
    """
    known = _known(session, chapter_id, now)
    every = _coming(known, _listed_in(known, listing_id), day, day)
    return next((one for one in every if day in (one.day, *one.moved_from)), None)


def dated(session: Session, chapter_id: str, now: datetime, listing_id: str | None = None) -> list[DatedListing]:
    """A chapter's listings, or one of them, with what all dates of each have in common.

    Raises NotFound, Withdrawn or Expired.
    """
    known = _known(session, chapter_id, now)
    if known.held.expires <= now:
        raise Expired(known.held.name, known.freshness.heard_at)
    found = known.document.listings if listing_id is None else [_listed_in(known, listing_id)]
    return [_dated(known, one) for one in found]


def on_our_day(session: Session, listing_id: str, day: date, now: datetime) -> Occurrence | None:
    """The date of a run of ours on one day, as every page shows it. None where pages show no such date, or no run."""
    own = chapters.own_id(session)
    try:
        return on_day(session, own, listing_id, day, now) if own else None
    except NotFound:
        return None


def where_it_was(session: Session, chapter_id: str, listing_id: str) -> MeetingPoint | None:
    """The meeting point of a run, or of another run of its chapter, whether or not the run is still listed.

    None once the document is gone.
    """
    document = parsed.document_of(session.get(HeldDocument, chapter_id))
    every = document.listings if document else []
    return next((one.meeting_point for one in sorted(every, key=lambda one: one.id != listing_id)), None)


def chapter(session: Session, chapter_id: str, now: datetime) -> ChapterView:
    """One chapter with its listings. Raises NotFound."""
    known = _known(session, chapter_id, now)
    return _chapter_view(known, [] if known.held.expires <= now else known.document.listings)


def occurrences_of(session: Session, rows: Collection[int], start: date, end: date, now: datetime) -> list[Occurrence]:
    """Occurrences of listed rows of HeldListing that have not ended, on the days `start`..`end` of the run's own zone.

    A moved occurrence counts for the day it is on, and for the day it was moved from, where people look for it.
    """
    every = (dates_of(dated, start, end) for dated in dated_listings(session, rows, now).values())
    return [one for dates in every for one in dates]


def has_contact_form(session: Session, chapter_id: str) -> bool:
    """Whether anybody may ask a chapter something, as far as its document says so, also one that has expired."""
    document = parsed.document_of(session.get(HeldDocument, chapter_id))
    return document is not None and document.profile.contact_form and chapters.is_listed(session, chapter_id)


def dated_listings(session: Session, rows: Collection[int], now: datetime) -> dict[int, DatedListing]:
    """The listed ones among rows of HeldListing, with all that their dates need; by row number, by one look-up."""
    if not rows:
        return {}
    found = session.connection().execute(_HELD_ROWS, {"rows": rows, "now": now}).all()
    return {row.row: _dated_row(row, now) for row in found}


def rows_in(session: Session, country: str, skipped: int, limit: int) -> list[int]:
    """Rows of HeldListing whose chapters are in the country, by place and chapter: `limit` of them after `skipped`."""
    query = (
        select(HeldListing.row)
        .join(HeldDocument, HeldDocument.chapter == HeldListing.chapter)
        .where(HeldDocument.country == country)
        .order_by(HeldDocument.place, HeldDocument.name, HeldListing.row)
    )
    return list(session.scalars(query.offset(skipped).limit(limit)))


def _dated_row(row: Any, now: datetime) -> DatedListing:
    return dated_listing(row, listing_rows.read(row.content), row.own, row.status == "paused", now, row.unvouched)


def _held_rows() -> Any:
    """Select listings and all that a page says of their chapters, without sealed documents. `own`: our own chapter."""
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
    """Our own chapter's id while its held document is from before this start, and other nodes may hold a newer one.

    Pages repeat no confirmation of that document meanwhile (§8.2). A document that was signed since needs no such care.
    """
    is_older = or_(Chapter.signed_at.is_(None), Chapter.signed_at < Chapter.began_at)
    return select(Chapter.id).where(exists(select(RestoreQuestion.row)), is_older)


_SAID_OF_CHAPTER = (
    HeldDocument.chapter,
    HeldDocument.name,
    HeldDocument.place,
    HeldDocument.pause,
    HeldDocument.version,
    HeldDocument.issued,
    HeldDocument.fresh_until,
    HeldDocument.heard_at,
)
#: Built once: building takes SQLAlchemy longer than answering takes SQLite.
_HELD_ROWS = _held_rows()


def hq(session: Session, now: datetime) -> HqView | None:
    """The HQ that this node has joined, or None."""
    row = session.get(HeldRegistry, 1)
    return HqView(row.name, row.contact, now <= row.fresh_until, row.read_at) if row else None


@dataclass(frozen=True)
class _Known:
    """What a page looks up once of one listed chapter.

    `own`: our own chapter's id. `unvouched`: our own chapter's id while nobody vouches for its confirmations. `paused`:
    HQ has paused the chapter.
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

    @property
    def last_word_on(self) -> date | None:
        said = self.document.profile.last_word_on
        return from_date(said) if said else None


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
    line = vars(line_of(known.held, known.own, known.paused, known.now))
    listings = [_listing_view(known, one) for one in shown]
    profile, word = known.document.profile, known.last_word_on
    return ChapterView(
        **line,
        about=profile.about,
        base_url=known.base_url,
        contact_form=profile.contact_form,
        listings=listings,
        last_word_on=word,
        notices=profile.notices,
        text_language=profile.text_language,
        translations=profile.translations,
    )


def line_of(held: Any, own: str | None, paused: bool, now: datetime) -> ChapterLine:
    """A chapter in one line. `held`: a row of its document. `own`: our own chapter's id."""
    return ChapterLine(
        id=held.chapter,
        name=held.name,
        place=held.place,
        country=held.country,
        freshness=freshness_of(held, now, own),
        paused=paused,
        pause=coming_pause([pause_of(held)], now.astimezone(UTC).date()),
        gone=held.expires <= now,
        has_closed=bool(held.closed_on),
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
        coming=_coming_or_first(known, found, today),
        unread=unread_of(found, known.now),
        freshness=known.freshness,
        paused=known.paused,
        pause=coming_pause([found.pause, pause_of(held)], today),
        last_word_on=known.last_word_on,
        contact_form=known.document.profile.contact_form,
        notices=known.document.profile.notices,
    )


def _coming_or_first(known: _Known, found: Listing, today: date) -> list[Occurrence]:
    """Where no date is near, the first one: a run may begin later, or be held every few months."""
    soon = _coming(known, found, today - timedelta(days=1), today + WEEKS_AHEAD)
    return soon or _coming(known, found, today, today + LONGEST_GAP)[:1]


def _coming(known: _Known, found: Listing, start: date, end: date) -> list[Occurrence]:
    return sorted(dates_of(_dated(known, found), start, end), key=lambda one: one.starts.timestamp())


def _dated(known: _Known, found: Listing) -> DatedListing:
    dated = dated_listing(known.held, found, known.own, known.paused, known.now, known.unvouched)
    return replace(dated, chapter_notices=known.document.profile.notices)
