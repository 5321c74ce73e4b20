"""Old evidence, old questions and expired documents leave the directory (PROTOCOL.md §8.2)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from ..database import Writing, writing
from ..models import Evidence, HeldDocument, Retry
from . import chapters, listing_rows

#: For so long after a document has expired, pages say that its chapter has gone silent. Then only its version stays.
_EXPIRED_KEPT = timedelta(days=30)
_RETRY_KEPT = timedelta(days=2)
#: The write lock is held for so many documents: a lead's tap waits for no more.
_SWEPT_AT_ONCE = 50


def sweep(session: Session, now: datetime, evidence_before: datetime) -> None:
    """Drop old evidence, old questions and the envelopes of expired documents; the envelopes a few to a transaction.

    The version floor of an expired document stays (§8.2). Our own document stays too, since it is signed anew.
    """
    with writing(session) as transaction:
        transaction.execute(delete(Evidence).where(Evidence.seen_at < evidence_before))
        transaction.execute(delete(Retry).where(Retry.since < now - _RETRY_KEPT))
    over = _is_over(now), HeldDocument.chapter != (chapters.own_id(session) or "")
    gone = session.scalars(select(HeldDocument.chapter).where(*over)).all()
    for start in range(0, len(gone), _SWEPT_AT_ONCE):
        with writing(session) as transaction:
            _forget(transaction, gone[start : start + _SWEPT_AT_ONCE], now)


def _forget(session: Writing, chapters: Sequence[str], now: datetime) -> None:
    """Drop the documents of `chapters` that are still over: a newer one may have come meanwhile."""
    over = update(HeldDocument).where(HeldDocument.chapter.in_(chapters), _is_over(now))
    gone = session.scalars(over.values(envelope=None, digest=None).returning(HeldDocument.chapter)).all()
    listing_rows.put(session, gone, [])


def _is_over(now: datetime) -> ColumnElement[bool]:
    return and_(HeldDocument.expires <= now - _EXPIRED_KEPT, HeldDocument.envelope.is_not(None))
