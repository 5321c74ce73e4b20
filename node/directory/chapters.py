"""Which chapters HQ's registry lists, and where they live (PROTOCOL.md §6.3)."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, literal, or_, select
from sqlalchemy.orm import Session, aliased

from federation import acceptance
from federation.documents import Registered, RegistryEntry
from federation.encodings import to_instant
from federation.words import LISTED

from ..config import Settings
from ..database import among, table_of
from ..models import Chapter, HeldDocument, HeldRoot, Hq, RegistryChapter

_ENTRY = table_of(RegistryChapter).c
_REGISTERED = select(_ENTRY.chapter, _ENTRY.root_version, _ENTRY.root_digest, _ENTRY.status).where(
    among(_ENTRY.chapter)
)
_OWN = select(Chapter.id).where(~exists().where(Hq.id == Chapter.id))


def own_id(session: Session) -> str | None:
    """The id of the chapter that this node speaks for. None on HQ's node, and before a chapter is founded."""
    return session.scalar(_OWN)


def entry_of(session: Session, chapter_id: str) -> RegistryEntry | None:
    """What the adopted registry says of a chapter."""
    row = session.get(RegistryChapter, chapter_id)
    return read_entry(row) if row else None


def own_status(session: Session) -> str:
    """How HQ lists our chapter: active, paused, suspended, dropped or left. Before HQ lists it: `waiting` for HQ's yes,
    or `alone` where no HQ was ever asked.
    """
    entry = entry_of(session, own_id(session) or "")
    if entry:
        return entry.status
    return "waiting" if session.get(Hq, 1) else "alone"


def registered(session: Session, chapter_ids: Collection[str]) -> dict[str, Registered]:
    """What the adopted registry says of several chapters, by one look-up. It leaves out what it does not name."""
    rows = session.connection().execute(_REGISTERED, {"texts": list(chapter_ids)})
    return {chapter: Registered(chapter, *columns) for chapter, *columns in rows}


def read_entry(row: RegistryChapter) -> RegistryEntry:
    """The registry's entry in a row."""
    return RegistryEntry(
        chapter=row.chapter,
        root_version=row.root_version,
        root_digest=row.root_digest,
        status=row.status,
        since=to_instant(row.since),
        replaces=row.replaces,
    )


def require_listed(session: Session, chapter_id: str) -> Registered | None:
    """The registry's entry of a chapter whose documents are taken and shown. Our own chapter needs no entry.

    Raises UnknownChapter or NotActive, before any cryptography.
    """
    entry = entry_of(session, chapter_id)
    return entry if chapter_id == own_id(session) else acceptance.require_listed(entry)


def chapters(session: Session) -> Select[str] | CompoundSelect[str]:
    """Ids of chapters whose documents are served and shown: active or paused ones, and our own unless HQ said no."""
    shown = select(RegistryChapter.chapter).where(RegistryChapter.status.in_(LISTED))
    own = own_id(session)
    return shown if own is None or entry_of(session, own) else shown.union_all(select(literal(own)))


def is_listed(session: Session, chapter_id: str) -> bool:
    """Whether documents of this chapter are served and shown."""
    entry = entry_of(session, chapter_id)
    return entry.status in LISTED if entry else chapter_id == own_id(session)


def is_row(own: Any) -> ColumnElement[bool]:
    """Whether a row is of a listed chapter, in a statement that joins the registry (outer) to held documents.

    `own`: our own chapter's id.
    """
    status = RegistryChapter.status
    return or_(status.in_(LISTED), and_(status.is_(None), HeldDocument.chapter == own))


def ids(session: Session) -> set[str]:
    """The ids of all listed chapters."""
    return set(session.scalars(chapters(session)))


def successor_of(session: Session, chapter_id: str) -> str | None:
    """The listed chapter that goes on in the place of a former one that has left or is suspended. HQ names it.

    A chapter that lost its root key cannot sign as itself again (PROTOCOL.md §6.3).
    """
    former = entry_of(session, chapter_id)
    if former is None or former.status not in ("left", "suspended"):
        return None
    named = select(RegistryChapter.chapter).where(RegistryChapter.replaces == chapter_id)
    return session.scalar(named.where(RegistryChapter.status.in_(LISTED)).order_by(RegistryChapter.since))


def homes(session: Session) -> Select[str, str]:
    """(chapter id, base_url of its newest root) of every listed chapter whose root is held."""
    newer = aliased(HeldRoot)
    is_newest = ~exists().where(newer.author == HeldRoot.author, newer.version > HeldRoot.version)
    known = select(HeldRoot.author, HeldRoot.base_url).where(HeldRoot.base_url != "", is_newest)
    return known.where(HeldRoot.author.in_(chapters(session)))


def hosts(session: Session) -> Iterator[tuple[str, str]]:
    """Pairs (chapter id, base_url) of all listed chapters whose root is held."""
    return ((chapter, base_url) for chapter, base_url in session.execute(homes(session)))


def addresses(session: Session) -> set[str]:
    """The addresses of all listed chapters. Several chapters may live at one address."""
    homes_of_all = homes(session).subquery()
    return set(session.scalars(select(homes_of_all.c.base_url).distinct()))


def seed(session: Session, settings: Settings) -> str | None:
    """The address of HQ's node, the seed, which hears of all changes first. None on the seed itself and without HQ."""
    hq = session.get(Hq, 1)
    return hq.url if hq and hq.url != settings.base_url else None


def base_url_of(session: Session, chapter_id: str) -> str | None:
    """Where a chapter lives, by its newest held root."""
    query = select(HeldRoot.base_url).where(HeldRoot.author == chapter_id).order_by(HeldRoot.version.desc())
    return session.scalars(query).first()
