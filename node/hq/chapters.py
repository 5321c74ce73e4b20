"""The chapters as HQ sees them, fifty at a time: status, when each was last heard, and its node's software."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from federation.documents import Listing
from federation.words import LISTED

from ..directory import listing_rows, listings
from ..directory.listing_rows import UNREADABLE
from ..directory.listings import Occurrence
from ..errors import NotFound
from ..facts import silence
from ..models import HeldDocument, HeldListing, HeldRoot, IssuedInvitation, KnownPeer, RegistryChapter
from ..schedule.recurrence import day_in

PAGE = 50
WEEK = timedelta(days=7)
#: Dates without a confirmed lead that one page shows.
MAX_OPEN = 50
#: So many listings are read at once, and so many in all: never the whole directory.
_BATCH = 150
_MAX_READ = 600

_NAME = func.coalesce(HeldDocument.name, "")
_HAS_DOCUMENT = HeldDocument.envelope.is_not(None)


@dataclass(frozen=True)
class ChapterRow:
    """One chapter of the registry. While no document of it is held, `name` is empty and `heard_at` is None.

    `note`: what HQ noted on the invitation that the chapter used, as long as that is kept.
    """

    id: str
    status: str
    since: datetime
    replaces: str | None
    name: str
    place: str
    country: str
    heard_at: datetime | None
    is_fresh: bool
    base_url: str
    #: As its node says; empty until the node has been asked.
    software: str
    note: str
    #: When a lead there last said anything, as far as the chapter says so.
    last_word_on: date | None

    @property
    def called(self) -> str:
        """The name that people know it by. It is the id where there is nothing else."""
        return self.name or self.note or self.id


@dataclass(frozen=True)
class ChapterPage:
    """At most PAGE chapters by name. `cursor`: the `after` of the next page; None on the last one."""

    rows: list[ChapterRow]
    cursor: str | None


@dataclass(frozen=True)
class OpenDates:
    """Dates of the coming week that no lead has confirmed, the soonest first. `more`: there are others."""

    dates: list[Occurrence]
    more: bool


def page(
    session: Session, text: str, status: str, after: str, now: datetime, countries: Collection[str] = ()
) -> ChapterPage:
    """Chapters whose name, place or id is like `text`, or whose country is one of `countries`, which `text` names; of
    that `status` (empty: any), by name, after `after`.

    The status "silent" means active chapters of which no fresh document is held.
    """
    query = _rows().order_by(_NAME, RegistryChapter.chapter).limit(PAGE + 1)
    if status == "silent":
        query = query.where(*_is_silent(now))
    elif status:
        query = query.where(RegistryChapter.status == status)
    if text.strip():
        query = query.where(_is_like(text.strip(), countries))
    if after:
        name = session.scalar(select(HeldDocument.name).where(HeldDocument.chapter == after, _HAS_DOCUMENT)) or ""
        query = query.where(tuple_(_NAME, RegistryChapter.chapter) > (name, after))
    found = session.execute(query).all()
    rows = _chapters(session, found[:PAGE], now)
    return ChapterPage(rows, rows[-1].id if len(found) > PAGE else None)


def one(session: Session, chapter_id: str, now: datetime) -> ChapterRow:
    """One chapter of the registry. Raises NotFound."""
    found = session.execute(_rows().where(RegistryChapter.chapter == chapter_id)).all()
    if not found:
        raise NotFound(f"no chapter {chapter_id} in the registry")
    return _chapters(session, found, now)[0]


def names(session: Session, chapter_ids: Collection[str]) -> dict[str, str]:
    """Names of chapters by id: from their documents, or from the notes on their invitations. Some have none."""
    query = select(HeldDocument.chapter, HeldDocument.name).where(HeldDocument.chapter.in_(chapter_ids))
    named = {row.chapter: row.name for row in session.execute(query) if row.name}
    return _notes(session, chapter_ids) | named


def silent(session: Session, now: datetime, limit: int) -> tuple[list[ChapterRow], int]:
    """Active chapters of which no fresh document is held, the longest silence first, and how many there are."""
    query = _rows().where(*_is_silent(now))
    return _first(session, query.order_by(HeldDocument.fresh_until, RegistryChapter.chapter), limit, now)


def quiet(session: Session, now: datetime, limit: int) -> tuple[list[ChapterRow], int]:
    """Active chapters that are heard, but whose leads have gone quiet, the longest silence first, and how many."""
    before = (day_in("UTC", now) - timedelta(days=silence.STEPS[0])).isoformat()
    is_heard = HeldDocument.fresh_until >= now, HeldDocument.pause == "", HeldDocument.closed_on == ""
    is_quiet = HeldDocument.last_word_on != "", HeldDocument.last_word_on <= before
    query = _rows().where(RegistryChapter.status == "active", *is_heard, *is_quiet)
    return _first(session, query.order_by(HeldDocument.last_word_on, RegistryChapter.chapter), limit, now)


def closed(session: Session, now: datetime, limit: int) -> tuple[list[ChapterRow], int]:
    """Listed chapters that say themselves that they have closed, by name, and how many there are."""
    query = _rows().where(RegistryChapter.status.in_(LISTED), HeldDocument.closed_on != "")
    return _first(session, query.order_by(_NAME, RegistryChapter.chapter), limit, now)


def held_back(session: Session, now: datetime, limit: int) -> tuple[list[ChapterRow], int]:
    """Paused and suspended chapters, the last to become so first, and how many there are."""
    query = _rows().where(RegistryChapter.status.in_(("paused", "suspended")))
    return _first(session, query.order_by(RegistryChapter.since.desc(), RegistryChapter.chapter), limit, now)


def count(session: Session) -> dict[str, int]:
    """How many chapters the registry names, by status."""
    query = select(RegistryChapter.status, func.count().label("number")).group_by(RegistryChapter.status)
    return {row.status: row.number for row in session.execute(query)}


def open_dates(session: Session, now: datetime) -> OpenDates:
    """Dates of the next seven days that no lead has confirmed: HQ can still find somebody."""
    found: list[Occurrence] = []
    for first in range(0, _MAX_READ, _BATCH):
        rows = _next_rows(session, now, first)
        dates = [date for date in _dates(session, rows, now) if date.starts <= now + WEEK]
        found += [date for date in dates if date.is_on and date.state != "confirmed"]
        if len(rows) < _BATCH:
            return OpenDates(_soonest(found)[:MAX_OPEN], len(found) > MAX_OPEN)
        if len(found) >= MAX_OPEN:
            break
    return OpenDates(_soonest(found)[:MAX_OPEN], True)


def week_of(session: Session, chapter_id: str, now: datetime) -> list[Occurrence]:
    """Every date of one chapter in the next seven days, the soonest first."""
    rows = session.scalars(select(HeldListing.row).where(HeldListing.chapter == chapter_id)).all()
    return _soonest(date for date in _dates(session, rows, now) if date.starts <= now + WEEK)


def unread_of(session: Session, chapter_id: str) -> list[Listing]:
    """Runs of one chapter whose dates this node cannot read. They may be held this week, too."""
    unread = select(HeldListing.content).where(HeldListing.next_start == UNREADABLE)
    contents = session.scalars(unread.where(HeldListing.chapter == chapter_id).order_by(HeldListing.row))
    return [listing_rows.read(content) for content in contents]


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        *(RegistryChapter.chapter, RegistryChapter.status, RegistryChapter.since, RegistryChapter.replaces),
        *(_NAME.label("name"), HeldDocument.place, HeldDocument.country),
        *(HeldDocument.issued, HeldDocument.heard_at, HeldDocument.fresh_until),
        HeldDocument.last_word_on,
    ).outerjoin(HeldDocument, and_(HeldDocument.chapter == RegistryChapter.chapter, _HAS_DOCUMENT))


def _is_like(text: str, countries: Collection[str]) -> Any:
    parts = (HeldDocument.name.icontains(text, autoescape=True), HeldDocument.place.icontains(text, autoescape=True))
    return or_(*parts, HeldDocument.country.in_(countries), RegistryChapter.chapter == text)


def _is_silent(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return RegistryChapter.status == "active", or_(HeldDocument.chapter.is_(None), HeldDocument.fresh_until < now)


def _first(
    session: Session, query: Select[*tuple[Any, ...]], limit: int, now: datetime
) -> tuple[list[ChapterRow], int]:
    count = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return _chapters(session, session.execute(query.limit(limit)).all(), now), count


def _chapters(session: Session, found: Sequence[Row[Any]], now: datetime) -> list[ChapterRow]:
    hosts = _hosts(session, [row.chapter for row in found])
    software, notes = _software(session, hosts.values()), _notes(session, [row.chapter for row in found])
    return [_chapter(row, hosts.get(row.chapter, ""), software, notes, now) for row in found]


def _chapter(
    row: Row[Any], base_url: str, software: dict[str, str], notes: dict[str, str], now: datetime
) -> ChapterRow:
    moments = [min(row.issued, now), row.heard_at] if row.issued else []
    return ChapterRow(
        id=row.chapter,
        status=row.status,
        since=row.since,
        replaces=row.replaces,
        name=row.name,
        place=row.place or "",
        country=row.country or "",
        heard_at=max((moment for moment in moments if moment), default=None),
        is_fresh=row.fresh_until is not None and now <= row.fresh_until,
        base_url=base_url,
        software=software.get(base_url, ""),
        note=notes.get(row.chapter, ""),
        last_word_on=date.fromisoformat(row.last_word_on) if row.last_word_on else None,
    )


def _hosts(session: Session, chapter_ids: list[str]) -> dict[str, str]:
    query = select(HeldRoot.author, HeldRoot.base_url).where(HeldRoot.author.in_(chapter_ids))
    return {row.author: row.base_url for row in session.execute(query.order_by(HeldRoot.version))}


def _notes(session: Session, chapter_ids: Collection[str]) -> dict[str, str]:
    used = select(IssuedInvitation.used_by, IssuedInvitation.note).where(IssuedInvitation.used_by.in_(chapter_ids))
    return {row.used_by: row.note for row in session.execute(used) if row.used_by and row.note}


def _software(session: Session, base_urls: Iterable[str]) -> dict[str, str]:
    query = select(KnownPeer.base_url, KnownPeer.software).where(KnownPeer.base_url.in_(list(base_urls)))
    return {row.base_url: row.software for row in session.execute(query)}


def _next_rows(session: Session, now: datetime, first: int) -> Sequence[int]:
    listed = RegistryChapter.chapter == HeldListing.chapter
    query = select(HeldListing.row).join(RegistryChapter, listed).where(RegistryChapter.status == "active")
    soon = query.where(HeldListing.next_start <= now + WEEK).order_by(HeldListing.next_start, HeldListing.row)
    return session.scalars(soon.offset(first).limit(_BATCH)).all()


def _dates(session: Session, rows: Sequence[int], now: datetime) -> list[Occurrence]:
    first = day_in("UTC", now)
    # A day more on either side: in some zones it is still yesterday, or tomorrow already.
    return listings.occurrences_of(session, rows, first - timedelta(days=1), first + WEEK + timedelta(days=1), now)


def _soonest(dates: Iterable[Occurrence]) -> list[Occurrence]:
    return sorted(dates, key=lambda date: (date.starts.timestamp(), date.chapter))
