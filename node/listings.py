"""Anybody's listings as pages read them: from the directory only, our own like all others, always with their age."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from federation.documents import ChapterDocument, DateState, Listing, MeetingPoint, Pause
from federation.encodings import from_date

from . import directory, listing_rows
from .errors import NotFound
from .models import HeldDocument, HeldListing, HeldRegistry, RegistryChapter
from .recurrence import Occurs, later, shown, starts_of, zone

State = Literal["confirmed", "unconfirmed", "cancelled", "moved"]
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
class Freshness:
    """How old this node's knowledge of a chapter is. Once it is not fresh, nothing is "confirmed" any more.

    `heard_at`: the later of the document's `issued` and the last answer of the chapter's own host.
    """

    heard_at: datetime
    is_fresh: bool


@dataclass(frozen=True)
class Occurrence:
    """One date of one listing, with what is known of it. Times aware, in the run's zone; `state` is never a stale
    promise: what was confirmed is `unconfirmed` once `freshness` is not fresh.
    """

    chapter: str
    chapter_name: str
    place: str
    listing: Listing
    day: date
    starts: datetime
    ends: datetime
    arrive: datetime
    state: State
    reason: str | None
    note: str | None
    meeting_point: MeetingPoint
    freshness: Freshness
    #: By HQ, by the chapter, or this run alone; `pause`: the chapter's or the run's own, if this day lies in one.
    paused: bool
    #: It has started, and not ended yet.
    begun: bool
    pause: Pause | None = None
    #: The time, or the place, is not the one people knew, also where it is confirmed.
    new_time: bool = False
    new_place: bool = False
    #: Other days that people knew this run for.
    moved_from: tuple[date, ...] = ()
    #: The chapter said long before that there is no run on this day; then `state` is cancelled.
    planned_gap: bool = False

    @property
    def moved(self) -> bool:
        """Whether it is held at another time or place than people knew, as far as anything is held."""
        return self.state == "moved" or self.new_time or self.new_place

    @property
    def is_on(self) -> bool:
        """Whether somebody who wants company could still go: not cancelled, not begun, not paused."""
        return self.state != "cancelled" and not self.begun and not self.paused


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
    every = _coming(held, found, day, day, now, _Documents(session, now))
    return next((one for one in every if day in (one.day, *one.moved_from)), None)


def chapter(session: Session, chapter_id: str, now: datetime) -> ChapterView:
    """One chapter with its listings; raises NotFound."""
    held, document = _held(session, chapter_id)
    base_url = directory.base_url_of(session, chapter_id)
    view = _chapter_view(held, document.profile.about, base_url, _Documents(session, now))
    shown = [] if view.gone else document.listings
    return replace(view, listings=[_listing_view(session, held, one, now) for one in shown])


def chapters(session: Session, now: datetime) -> list[ChapterView]:
    """Every listed chapter, by country and name, without its listings and its own words: no document is read."""
    known = _Documents(session, now)
    homes = dict(directory.hosts(session))
    query = select(HeldDocument).options(defer(HeldDocument.envelope)).where(HeldDocument.envelope.is_not(None))
    rows = session.scalars(query.order_by(HeldDocument.country, HeldDocument.name))
    return [_chapter_view(row, "", homes.get(row.chapter), known) for row in rows if known.is_listed(row.chapter)]


def occurrences_of(
    session: Session, rows: Iterable[HeldListing], start: date, end: date, now: datetime
) -> list[Occurrence]:
    """Every occurrence of listed `rows` on the days `start`..`end` of its own zone that has not ended.

    One that was moved counts for the day it was moved from (who knew of it looks there) and for the day it is on.
    """
    found: list[Occurrence] = []
    rows = list(rows)
    known = _Documents(session, now)
    known.load({row.chapter for row in rows})
    for row in rows:
        held = known.get(row.chapter)
        if held is not None:
            found.extend(_coming(held, listing_rows.read(row), start, end, now, known))
    return found


def hq(session: Session, now: datetime) -> HqView | None:
    """The HQ this node has joined, or None."""
    row = session.get(HeldRegistry, 1)
    return HqView(row.name, row.contact, now <= row.fresh_until, row.read_at) if row else None


class _Documents:
    """One page's look-ups, each made once: held rows of listed chapters, what is paused."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self.now = session, now
        self._listed = directory.listed_ids(session)
        self._held: dict[str, HeldDocument] = {}
        self.own = directory.own_id(session)
        self.paused = set(session.scalars(select(RegistryChapter.chapter).where(RegistryChapter.status == "paused")))

    def load(self, chapter_ids: set[str]) -> None:
        """Read those that are listed and not expired at once, without their bytes: a listing's row has its content."""
        query = select(HeldDocument).options(defer(HeldDocument.envelope))
        held = query.where(HeldDocument.chapter.in_(chapter_ids & self._listed), HeldDocument.envelope.is_not(None))
        rows = self._session.scalars(held.where(HeldDocument.expires > self.now))
        self._held |= {row.chapter: row for row in rows}

    def is_listed(self, chapter_id: str) -> bool:
        """Whether the chapter may be shown at all."""
        return chapter_id in self._listed

    def get(self, chapter_id: str) -> HeldDocument | None:
        """One that was loaded."""
        return self._held.get(chapter_id)


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
        raise Expired(held.name, _freshness(held, now, directory.own_id(session)).heard_at)
    for found in document.listings:
        if found.id == listing_id:
            return held, found
    raise Withdrawn("this run is not listed any more")


def _chapter_view(held: HeldDocument, about: str, base_url: str | None, known: _Documents) -> ChapterView:
    return ChapterView(
        id=held.chapter,
        name=held.name,
        place=held.place,
        country=held.country,
        about=about,
        base_url=base_url,
        listings=[],
        freshness=_freshness(held, known.now, known.own),
        paused=held.chapter in known.paused,
        pause=_coming_pause([_pause_of(held)], known.now.astimezone(UTC).date()),
        gone=held.expires <= known.now,
    )


def _listing_view(session: Session, held: HeldDocument, found: Listing, now: datetime) -> ListingView:
    known = _Documents(session, now)
    tz = zone(found.schedule.timezone)
    today = now.astimezone(tz).date()
    return ListingView(
        chapter=held.chapter,
        chapter_name=held.name,
        place=held.place,
        base_url=directory.base_url_of(session, held.chapter),
        listing=found,
        coming=_coming(held, found, today - timedelta(days=1), today + WEEKS_AHEAD, now, known),
        freshness=_freshness(held, now, known.own),
        paused=held.chapter in known.paused,
        pause=_coming_pause([found.pause, _pause_of(held)], today),
    )


def _freshness(held: HeldDocument, now: datetime, own: str | None) -> Freshness:
    """Our own chapter is heard now: this is its host. `issued` may lie ahead of our clock; it counts as now."""
    heard = min(held.issued, now) if held.heard_at is None else max(min(held.issued, now), held.heard_at)
    return Freshness(now if held.chapter == own else heard, is_fresh=now <= held.fresh_until)


def _coming(
    held: HeldDocument, found: Listing, start: date, end: date, now: datetime, known: _Documents
) -> list[Occurrence]:
    said = {state.date: state for state in found.dates}
    freshness = _freshness(held, now, known.own)
    stands = _Stands(held, found, freshness, held.chapter in known.paused, now, said)
    every = [_occurrence(stands, at) for at in shown(found.schedule, found.dates, start, end)]
    return sorted((one for one in every if one.ends > now), key=lambda one: one.starts.timestamp())


@dataclass(frozen=True)
class _Stands:
    """What the dates of one listing have in common. `paused`: by HQ; `said`: what is said of each day."""

    held: HeldDocument
    listing: Listing
    freshness: Freshness
    paused: bool
    now: datetime
    said: dict[str, DateState]

    def said_of(self, day: date) -> DateState | None:
        """What is said of one day, or None."""
        return self.said.get(day.isoformat())

    def pause_on(self, day: date) -> Pause | None:
        """The run's own pause or its chapter's, if `day` lies in it."""
        every = (self.listing.pause, _pause_of(self.held))
        return next((pause for pause in every if pause and is_in(pause, day)), None)


def _occurrence(stands: _Stands, at: Occurs) -> Occurrence:
    held, found, said = stands.held, stands.listing, stands.said_of(at.day)
    starts = starts_of(at, said)
    pause = stands.pause_on(starts.date())
    moved_from = at.known_for + ((at.day,) if starts.date() != at.day else ())
    return Occurrence(
        chapter=held.chapter,
        chapter_name=held.name,
        place=held.place,
        listing=found,
        day=at.day,
        starts=starts,
        ends=later(starts, timedelta(minutes=found.schedule.duration_minutes)),
        arrive=later(starts, -timedelta(minutes=found.schedule.arrive_minutes_before)),
        state=_state(at, said, stands.freshness),
        reason=said.reason if said and not at.planned_gap else None,
        note=said.note if said and not at.planned_gap else None,
        meeting_point=(said.meeting_point if said else None) or found.meeting_point,
        freshness=stands.freshness,
        paused=stands.paused or pause is not None,
        begun=starts <= stands.now,
        pause=pause,
        new_time=bool(moved_from) or (said is not None and said.starts is not None),
        new_place=any(one and one.meeting_point for one in map(stands.said_of, (at.day, *at.known_for))),
        moved_from=moved_from,
        planned_gap=at.planned_gap,
    )


def _state(at: Occurs, said: DateState | None, freshness: Freshness) -> State:
    if at.planned_gap:
        return "cancelled"
    if said is None:
        return "moved" if at.known_for else "unconfirmed"
    if said.state == "confirmed" and not freshness.is_fresh:
        return "moved" if _is_moved(said) else "unconfirmed"
    return said.state


def _is_moved(said: DateState) -> bool:
    return said.state == "moved" or said.starts is not None or said.meeting_point is not None


def _pause_of(held: HeldDocument) -> Pause | None:
    return msgspec.json.decode(held.pause, type=Pause) if held.pause else None


def _coming_pause(every: Iterable[Pause | None], today: date) -> Pause | None:
    """The first that is not over on `today`."""
    left = [pause for pause in every if pause and not (pause.back_on and from_date(pause.back_on) <= today)]
    return min(left, key=lambda pause: pause.since, default=None)


def is_in(pause: Pause, day: date) -> bool:
    """Whether there is no run on `day`."""
    return from_date(pause.since) <= day and not (pause.back_on and from_date(pause.back_on) <= day)
