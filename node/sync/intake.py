"""What comes in from other nodes, with what follows from it: passing it on, and minding our own name."""

import logging
from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from federation.documents import ChapterDocument
from federation.envelope import Envelope, read
from federation.errors import FederationError, Older

from ..chapter import publishing, rivals, take_over
from ..config import Settings
from ..database import Writing, writing
from ..directory import chapters, held, parsed
from ..directory.held import Received
from ..errors import CannotSign
from ..logs import log_once
from ..models import Chapter, HeldDocument, RestoreQuestion
from ..relay import queue
from . import restored_folder

log = logging.getLogger(__name__)


def take(
    session: Session, settings: Settings, envelope: Envelope, now: datetime, chapter_id: str | None = None
) -> Received:
    """Take a document from another node, in a transaction of its own; it is verified before the lock is asked for.

    A new urgent one is queued for relay in the same transaction. Raises FederationError.
    """
    prepared = held.prepare(session, envelope, now, chapter_id)
    if prepared.document is None:
        return Received("tied" if prepared.is_known_tie else "same", False, prepared.chapter, envelope.digest)
    with writing(session) as transaction:
        received = held.take(transaction, prepared, now)
        if received.outcome == "stored":
            _follow(transaction, settings, received, now)
        elif received.tie and received.chapter == chapters.own_id(transaction):
            # The one that is held stays, and what only the other says would be lost.
            _take_over(transaction, settings, held.opened(transaction, envelope, now, received.chapter), now)
    if received.tie:
        log_once(f"chapter {received.chapter} signed two documents under version {received.tie}")
    return received


def _follow(session: Writing, settings: Settings, received: Received, now: datetime) -> None:
    if received.chapter == chapters.own_id(session):
        _mind_our_own(session, settings, received, now)
    elif received.urgent:
        queue.pass_on(session, settings, [(received.chapter, received.digest)], now)


def put_document(session: Session, settings: Settings, chapter_id: str, data: bytes, now: datetime) -> Received:
    """One document that somebody sent us. Raises FederationError."""
    return take(session, settings, read(data), now, chapter_id)


def meet(session: Session, settings: Settings, chapter_id: str, data: bytes, now: datetime) -> None:
    """A newer document that a node holds instead of the one it was handed. Of our own chapter: maybe not ours."""
    if chapter_id == chapters.own_id(session):
        with suppress(FederationError):
            put_document(session, settings, chapter_id, data, now)


def put_root(session: Session, settings: Settings, chapter_id: str, version: int, data: bytes) -> bool:
    """One root that somebody sent us, in a transaction of its own; True if it is new. Raises FederationError."""
    envelope = read(data)
    with writing(session) as transaction:
        return held.receive_root(transaction, settings, chapter_id, envelope, version)


def hear_of_our_own(
    session: Session, settings: Settings, own: str, envelope: Envelope, now: datetime, *, is_seed: bool
) -> None:
    """Another node's answer to what it holds of us: what this folder lacks is taken over (§8.2).

    Raises FederationError for what is no document of ours: then that node has not answered. The seed alone can vouch
    for earlier promises, and does not where all that it holds was signed since the start.
    """
    question = session.get(RestoreQuestion, 1)
    if question is not None and envelope.digest in question.signed:
        if is_seed:
            restored_folder.forget_promises(session, now, held.opened(session, envelope, now, own))
        return
    try:
        take(session, settings, envelope, now, own)
    except Older:
        # As it should be: others have not heard of our newest yet. But a tap of today must not bury what was signed
        # before it, and lost with the folder.
        document = held.opened(session, envelope, now, own)
        with writing(session) as transaction:
            question = transaction.get(RestoreQuestion, 1)
            if question is not None and document.version > question.version:
                _take_over(transaction, settings, document, now)


def _mind_our_own(session: Writing, settings: Settings, received: Received, now: datetime) -> None:
    """A document of ours that this node did not make: its folder was restored from a backup, or another server speaks
    for the chapter, too.
    """
    document = parsed.document_of(session.get(HeldDocument, received.chapter))
    if received.digest != session.get_one(Chapter, 1).last_digest and document is not None:
        _take_over(session, settings, document, now)


def _take_over(session: Writing, settings: Settings, document: ChapterDocument, now: datetime) -> None:
    """Its cancellations are taken over before anything is signed again, and a lead is told, so that a restore never
    un-cancels a run (§8.2). While another server signs, too, this one answers nothing by itself.
    """
    take_over.take_over(session, document, now)
    question = session.get(RestoreQuestion, 1)
    if question is not None:
        question.version = max(question.version, document.version)  # the next one who gives it gives nothing new
    rivals.note_met(session, now)
    if not rivals.is_known(session):
        _answer(session, settings, now)


def _answer(session: Writing, settings: Settings, now: datetime) -> None:
    """Sign what was taken over; where that cannot be, keep it all the same: a cancellation is shown, and signed later.

    A savepoint, since what fails may have written already.
    """
    try:
        with session.begin_nested():
            publishing.publish(session, settings, now, urgent=True)
    except CannotSign:
        log.exception("what was taken over could not be signed: it is kept, and signed once that can be done")
        session.get_one(Chapter, 1).signed_at = None
