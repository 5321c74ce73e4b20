"""Who is a chapter: HQ's registry, signed anew with every change and once a day."""

import hashlib
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.acceptance import next_version
from federation.documents import (
    BinReference,
    HqProfile,
    Registry,
    RegistryBin,
    RegistryEntry,
    write_document,
)
from federation.encodings import from_instant, to_instant
from federation.envelope import read, seal

from .. import directory, registry
from ..config import Settings
from ..database import writing
from ..errors import NotFound
from ..keys import load_signing_key
from ..models import Chapter, HeldRegistry, RegistryChapter

FRESH = timedelta(days=7)
RESIGN_AFTER = timedelta(hours=20)

HqStatus = Literal["active", "paused", "suspended"]


def entries(session: Session) -> dict[str, RegistryEntry]:
    """Every chapter that the registry names, by its id."""
    ids = session.scalars(select(RegistryChapter.chapter).order_by(RegistryChapter.chapter)).all()
    return {id_: entry for id_ in ids if (entry := directory.entry_of(session, id_))}


def set_status(session: Session, settings: Settings, chapter_id: str, status: HqStatus, now: datetime) -> None:
    """List a chapter as active (again), paused or suspended; NotFound for one that was never admitted."""
    with writing(session):
        known = entries(session)
        if chapter_id not in known:
            raise NotFound(f"no chapter {chapter_id} in the registry")
        if known[chapter_id].status == status:
            return
        changed = msgspec.structs.replace(known[chapter_id], status=status, since=to_instant(now))
        sign_registry(session, settings, known | {chapter_id: changed}, now)


def sign_registry(session: Session, settings: Settings, known: dict[str, RegistryEntry], now: datetime) -> None:
    """Sign a registry of `known` and adopt it here like anybody's, inside writing."""
    chapter = session.get_one(Chapter, 1)
    held = session.get(HeldRegistry, 1)
    content = msgspec.json.encode(RegistryBin(chapters=[known[id_] for id_ in sorted(known)]))
    digest = hashlib.sha256(content).hexdigest()
    document = Registry(
        hq=chapter.id,
        version=next_version(held.version if held else 0, now),
        issued=to_instant(now),
        fresh_until=to_instant(now + FRESH),
        profile=HqProfile(name=chapter.name, contact=chapter.contact),
        bins=[BinReference(prefix="", digest=digest, count=len(known))],
    )
    envelope = seal("registry", write_document(document), [load_signing_key(settings)])
    registry.adopt(session, envelope, {digest: content}, now, from_hq=True)


def resign_if_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Sign the registry again after RESIGN_AFTER, or after a rotation of its key; True if it was due. Idempotent."""
    held = session.get(HeldRegistry, 1)
    if not settings.is_hq or held is None or not _is_due(held, now):
        return False
    with writing(session):
        sign_registry(session, settings, entries(session), now)
    return True


def _is_due(held: HeldRegistry, now: datetime) -> bool:
    return held.version == registry.NO_FLOOR or now - _issued(held) >= RESIGN_AFTER


def _issued(held: HeldRegistry) -> datetime:
    return from_instant(msgspec.json.decode(read(held.envelope).payload, type=Registry).issued)
