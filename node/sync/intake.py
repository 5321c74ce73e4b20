"""What comes in from other nodes, and what follows: it is passed on, and a document of our own is taken over."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from federation.documents import ChapterDocument
from federation.envelope import Envelope, read
from federation.errors import BrokenChain, FederationError, Malformed, Older

from ..chapter import publishing, rivals, take_over
from ..chapter.home import moving
from ..config import Settings
from ..database import Writing, writing
from ..directory import chapters, held
from ..directory.held import Prepared, Received, Result
from ..errors import CannotSign
from ..logs import log_once
from ..models import Chapter, RestoreQuestion
from ..relay import queue
from . import restored_folder

log = logging.getLogger(__name__)


def take(session: Session, settings: Settings, prepared: Sequence[Prepared], now: datetime) -> list[Result]:
    """Take prepared envelopes of other nodes in one transaction. The results are in the same order.

    New urgent documents are queued for relay in the same transaction. Where all results are known already, nobody waits
    for the write lock.
    """
    if all(one.result for one in prepared):
        return [one.result for one in prepared if one.result]
    with writing(session) as transaction:
        results = held.take(transaction, prepared, now)
        _follow(transaction, settings, list(zip(prepared, results, strict=True)), now)
    for one in results:
        if isinstance(one, Received) and one.tie:
            log_once(f"chapter {one.chapter} signed two documents under version {one.tie}")
    return results


def receive(
    session: Session, settings: Settings, envelope: Envelope, now: datetime, chapter_id: str | None = None
) -> Received:
    """Take one root or document. `chapter_id`: the chapter it must belong to. Raises FederationError."""
    [result] = take(session, settings, held.prepare(session, settings, [envelope], now, chapter_id), now)
    return held.received(result)


def _follow(session: Writing, settings: Settings, taken: list[tuple[Prepared, Result]], now: datetime) -> None:
    """Pass on urgent documents of other chapters, and take over documents of our own that this node did not make."""
    own = chapters.own_id(session)
    news = [(one.document, result) for one, result in taken if isinstance(result, Received) and one.document]
    urgent = [result.chapter for _, result in news if result.urgent and result.chapter != own]
    queue.pass_on(session, settings, urgent, now)
    for document, result in news:
        if result.chapter == own:
            _mind_our_own(session, settings, document, result, now)


def put_document(session: Session, settings: Settings, chapter_id: str, data: bytes, now: datetime) -> Received:
    """Take one document that was PUT here. Raises FederationError."""
    envelope = read(data)
    if envelope.kind != "chapter":
        raise Malformed(f"a {envelope.kind} where a chapter's document belongs")
    return receive(session, settings, envelope, now, chapter_id)


def put_root(session: Session, settings: Settings, chapter_id: str, version: int, data: bytes, now: datetime) -> bool:
    """Take one root that was PUT here. True if it is new. Raises FederationError."""
    return receive_root(session, settings, chapter_id, version, read(data), now)


def receive_root(
    session: Session, settings: Settings, chapter_id: str, version: int, envelope: Envelope, now: datetime
) -> bool:
    """Take root `version` of a chapter. True if it is new. Raises FederationError."""
    if envelope.kind != "chapter-root":
        raise Malformed(f"a {envelope.kind} where a chapter's root belongs")
    prepared = held.prepare(session, settings, [envelope], now, chapter_id)
    root = prepared[0].root
    if root and root.version != version:
        raise BrokenChain(f"root {root.version} where root {version} belongs")
    [result] = take(session, settings, prepared, now)
    return held.received(result).outcome == "stored"


def take_if_our_own(session: Session, settings: Settings, chapter_id: str, data: bytes, now: datetime) -> None:
    """Take the newer document that a node answered a PUT with, if it is of our own chapter: this node may lack it."""
    if chapter_id == chapters.own_id(session):
        with suppress(FederationError):
            put_document(session, settings, chapter_id, data, now)


def hear_of_our_own(
    session: Session, settings: Settings, own: str, envelope: Envelope, now: datetime, *, is_seed: bool
) -> None:
    """Take over what this folder lacks of the document that another node holds of us (§8.2).

    Raises FederationError where `envelope` is no document of ours; then that node has not answered. The seed alone can
    vouch for earlier confirmations. It does not where its document was signed since the start.
    """
    question = session.get(RestoreQuestion, 1)
    if question is not None and envelope.digest in question.signed:
        if is_seed:
            restored_folder.forget_promises(session, now, held.opened(session, envelope, now, own))
        return
    try:
        receive(session, settings, envelope, now, own)
    except Older:
        # Other nodes have not heard of our newest document yet, as a rule. But a document that was lost with the folder
        # may have been signed before a tap of today, which must not bury it.
        document = held.opened(session, envelope, now, own)
        with writing(session) as transaction:
            question = transaction.get(RestoreQuestion, 1)
            if question is not None and document.version > question.version:
                _take_over(transaction, settings, document, now)


def _mind_our_own(
    session: Writing, settings: Settings, document: ChapterDocument, received: Received, now: datetime
) -> None:
    """Take over a document of our chapter that this node did not make.

    The folder was restored from a backup, or another server speaks for the chapter, too. A document that lost a tie is
    taken over, too, since what only it says would be lost.
    """
    is_new = received.outcome == "stored" and received.digest != session.get_one(Chapter, 1).last_digest
    if is_new or (received.outcome == "tied" and received.tie):
        _take_over(session, settings, document, now)


def _take_over(session: Writing, settings: Settings, document: ChapterDocument, now: datetime) -> None:
    """Take over the cancellations of `document` before anything is signed again, and tell a lead (§8.2).

    So a restore never un-cancels a run. While another server signs for the chapter, too, this node signs nothing by
    itself.
    """
    take_over.take_over(session, document, now)
    if moving.away(session, settings):
        return  # the new server said it, and this one only shows it
    question = session.get(RestoreQuestion, 1)
    if question is not None:
        question.version = max(question.version, document.version)  # the same document of another node is nothing new
    rivals.note_met(session, now)
    if not rivals.has_rival(session):
        _answer(session, settings, now)


def _answer(session: Writing, settings: Settings, now: datetime) -> None:
    """Sign what was taken over. If it cannot be signed now, pages show it all the same, and it is signed later.

    A failed signing is rolled back to a savepoint, since it may have written already.
    """
    try:
        with session.begin_nested():
            publishing.publish(session, settings, now, urgent=True, is_word_of_lead=False)
    except CannotSign:
        log.exception("what was taken over could not be signed: it is kept, and signed once that can be done")
        session.get_one(Chapter, 1).signed_at = None
