"""Every listed chapter by country and name, a page at a time: no document is read, and never all rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import Session

from federation.documents import Pause

from . import directory, listed
from .models import HeldDocument, RegistryChapter
from .occurrences import Freshness, coming_pause, freshness_of, pause_of

PAGE = 50
_ORDER = (HeldDocument.country, HeldDocument.name, HeldDocument.chapter)


@dataclass(frozen=True)
class ChapterLine:
    """A chapter in the list. `paused`: by HQ; `pause`: its own, now or to come. `gone`: nothing has been heard for so
    long that its listings went.
    """

    id: str
    name: str
    place: str
    country: str
    freshness: Freshness
    paused: bool
    pause: Pause | None
    gone: bool


@dataclass(frozen=True)
class ChapterPage:
    """Some chapters; `cursor`: what to ask for the next ones with, empty if there are none."""

    lines: list[ChapterLine]
    cursor: str


def page(
    session: Session,
    now: datetime,
    *,
    text: str = "",
    countries: Collection[str] = (),
    after: str = "",
    limit: int = PAGE,
) -> ChapterPage:
    """Listed chapters behind the chapter `after`; with `text` those that have it in their name or place, or are in one
    of `countries`. An `after` that is not known begins from the start.
    """
    own = directory.own_id(session)
    query = _listed(own).order_by(*_ORDER).limit(limit + 1)
    if text:
        query = query.where(_is_like(text, countries))
    if behind := _place_of(session, after):
        query = query.where(tuple_(*_ORDER) > behind)
    found = session.execute(query).all()
    lines = [_line(row, own, now) for row in found[:limit]]
    return ChapterPage(lines, lines[-1].id if len(found) > limit else "")


def _listed(own: str | None) -> Select[*tuple[Any, ...]]:
    """Active and paused chapters of which a document is held, and our own unless HQ said no."""
    columns = (HeldDocument.place, HeldDocument.pause, HeldDocument.issued, HeldDocument.fresh_until)
    return (
        select(*_ORDER, *columns, HeldDocument.expires, HeldDocument.heard_at, RegistryChapter.status)
        # Outer, so that the index gives the order and the page's few rows are looked up in the registry one by one.
        .outerjoin(RegistryChapter, RegistryChapter.chapter == HeldDocument.chapter)
        .where(HeldDocument.envelope.is_not(None))
        .where(listed.is_row(own))
    )


def _is_like(text: str, countries: Collection[str]) -> ColumnElement[bool]:
    words = [column.icontains(text, autoescape=True) for column in (HeldDocument.name, HeldDocument.place)]
    return or_(*words, HeldDocument.country.in_(countries))


def _place_of(session: Session, chapter_id: str) -> tuple[str, str, str] | None:
    row = session.execute(select(*_ORDER).where(HeldDocument.chapter == chapter_id)).first()
    return (row.country, row.name, row.chapter) if row else None


def _line(row: Any, own: str | None, now: datetime) -> ChapterLine:
    return ChapterLine(
        id=row.chapter,
        name=row.name,
        place=row.place,
        country=row.country,
        freshness=freshness_of(row, now, own),
        paused=row.status == "paused",
        pause=coming_pause([pause_of(row)], now.astimezone(UTC).date()),
        gone=row.expires <= now,
    )
