"""What comes in from other nodes, with what follows from it: passing it on, and minding our own name."""

import logging
from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from federation.envelope import Envelope, read
from federation.errors import FederationError

from . import directory, publishing, relay, restoring
from .config import Settings
from .database import writing
from .directory import Received
from .models import Chapter, HeldDocument

log = logging.getLogger(__name__)


def take(
    session: Session, settings: Settings, envelope: Envelope, now: datetime, chapter_id: str | None = None
) -> Received:
    """Take a document from another node, in a transaction of its own; it is verified before the lock is asked for.

    A new urgent one is queued for relay in the same transaction. Raises FederationError.
    """
    prepared = directory.prepare(session, envelope, now, chapter_id)
    if prepared.document is None:
        return Received("same", False, prepared.chapter, envelope.digest)
    with writing(session):
        received = directory.take(session, prepared, now)
        if received.outcome == "stored":
            _follow(session, settings, received, now)
    if received.outcome == "tied":
        log.warning("chapter %s signed two documents under one version", received.chapter)
    return received


def _follow(session: Session, settings: Settings, received: Received, now: datetime) -> None:
    if received.chapter == directory.own_id(session):
        _mind_our_own(session, settings, received, now)
    elif received.urgent:
        relay.pass_on(session, settings, received.chapter, received.digest, now)


def put_document(session: Session, settings: Settings, chapter_id: str, data: bytes, now: datetime) -> Received:
    """One document that somebody sent us. Raises FederationError."""
    return take(session, settings, read(data), now, chapter_id)


def meet(session: Session, settings: Settings, chapter_id: str, data: bytes, now: datetime) -> None:
    """A newer document that a node holds instead of the one it was handed. Of our own chapter: maybe not ours."""
    if chapter_id == directory.own_id(session):
        with suppress(FederationError):
            put_document(session, settings, chapter_id, data, now)


def put_root(session: Session, settings: Settings, chapter_id: str, version: int, data: bytes) -> bool:
    """One root that somebody sent us, in a transaction of its own; True if it is new. Raises FederationError."""
    envelope = read(data)
    with writing(session):
        return directory.receive_root(session, settings, chapter_id, envelope, version)


def _mind_our_own(session: Session, settings: Settings, received: Received, now: datetime) -> None:
    """A document of ours that this node did not make: its folder was restored from a backup. Its cancellations are
    taken over before anything is signed again, and a lead is told, so that a restore never un-cancels a run (§8.2).
    """
    chapter = session.get_one(Chapter, 1)
    document = directory.read_held(session.get(HeldDocument, received.chapter))
    if received.digest == chapter.last_digest or document is None:
        return
    log.warning("a newer document of this chapter was met that this node did not make")
    restoring.take_over(session, document, now)
    chapter.taken_over_at = now
    publishing.publish(session, settings, now, urgent=True)
