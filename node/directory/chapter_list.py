"""Every listed chapter by country and name, a page at a time. No document is read, and of most rows only the name."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..models import HeldDocument, RegistryChapter
from ..places.names import fold
from . import chapters
from .listings import ChapterLine, line_of

PAGE = 50
#: Names are read a few at a time: those of ten thousand chapters take 7 MB.
_FEW = {"yield_per": 500}
_ORDER = (HeldDocument.country, HeldDocument.name, HeldDocument.chapter)


@dataclass(frozen=True)
class ChapterPage:
    """Some chapters. `cursor` gets the next page; it is empty on the last one."""

    lines: list[ChapterLine]
    cursor: str


def page(
    session: Session,
    now: datetime,
    *,
    text: str = "",
    countries: Collection[str] = (),
    order: Callable[[str], Any] = str,
    after: str = "",
    limit: int = PAGE,
) -> ChapterPage:
    """Listed chapters that follow the chapter `after`, by country in the `order` of its codes, then by name.

    With `text`, only chapters that have it in their name or place, whatever its case and accents, or that are in one of
    `countries`. An unknown `after` begins from the start.
    """
    own, behind = chapters.own_id(session), _key_of(session, after, order)
    found: list[str] = []
    for code in sorted(session.scalars(_COUNTRIES), key=order):
        # Country after country, so that a page reads the names of its own countries, and not of all chapters.
        if behind is None or order(code) >= behind[0]:
            rows = session.execute(_of_listed(_NAMES, own).where(HeldDocument.country == code), execution_options=_FEW)
            wanted = (row for row in rows if not text or code in countries or _is_like(row, fold(text)))
            keys = (_key(row, order) for row in wanted)
            following = (key for key in keys if behind is None or key > behind)
            found += [key[-1] for key in nsmallest(limit + 1 - len(found), following)]
        if len(found) > limit:
            break
    shown = found[:limit]
    held = {row.chapter: row for row in session.execute(_listed(own).where(HeldDocument.chapter.in_(shown)))}
    lines = [line_of(held[one], own, held[one].status == "paused", now) for one in shown]
    return ChapterPage(lines, shown[-1] if len(found) > limit else "")


#: The columns that order chapters, and nothing else.
_NAMES = select(*_ORDER, HeldDocument.place)
_COUNTRIES = select(HeldDocument.country).distinct()


def _key_of(session: Session, chapter_id: str, order: Callable[[str], Any]) -> tuple[Any, ...] | None:
    row = session.execute(_NAMES.where(HeldDocument.chapter == chapter_id)).first() if chapter_id else None
    return _key(row, order) if row else None


def _listed(own: str | None) -> Select[*tuple[Any, ...]]:
    shown = (HeldDocument.place, HeldDocument.pause, HeldDocument.fresh_until)
    known = (HeldDocument.version, HeldDocument.issued, HeldDocument.expires)
    heard = (HeldDocument.heard_at, HeldDocument.closed_on)
    columns = (*_ORDER, *shown, *known, *heard, RegistryChapter.status)
    return _of_listed(select(*columns), own)


def _of_listed(query: Select[*tuple[Any, ...]], own: str | None) -> Select[*tuple[Any, ...]]:
    """Active and paused chapters of which a document is held, and our own unless HQ said no."""
    joined = query.outerjoin(RegistryChapter, RegistryChapter.chapter == HeldDocument.chapter)
    return joined.where(HeldDocument.envelope.is_not(None)).where(chapters.is_row(own))


def _key(row: Any, order: Callable[[str], Any]) -> tuple[Any, ...]:
    # The database has no alphabet: to it É comes after Z.
    return order(row.country), fold(row.name), row.name, row.chapter


def _is_like(row: Any, wanted: str) -> bool:
    return bool(wanted) and any(wanted in fold(name) for name in (row.name, row.place))
