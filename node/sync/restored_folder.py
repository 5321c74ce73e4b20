"""The question whether this folder was restored from a copy; other nodes answer it by what they hold of us (§8.2)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument

from ..chapter import publishing, rivals
from ..config import Settings
from ..database import writing
from ..directory import chapters
from ..models import Chapter, HeldDocument, HeldRegistry, RestoreQuestion, RunDate


def open_question(session: Session, settings: Settings, began: datetime) -> None:
    """Open the question, unless it is open already. `began`: when this process began.

    A question that is open since an earlier start stays: only what was said before that start may be outdated.
    """
    chapter = session.get(Chapter, 1)
    if chapter is None or (is_open(session) and chapter.began_at == began):
        return
    with writing(session) as transaction:
        transaction.get_one(Chapter, 1).began_at = began
        if not is_open(transaction):
            version, envelope = _newest(transaction, settings)
            transaction.add(RestoreQuestion(row=1, since=began, version=version, envelope=envelope, signed=[]))


def is_open(session: Session) -> bool:
    """Whether the question is not answered yet. node.sync.own_document says who can answer it."""
    return session.get(RestoreQuestion, 1) is not None


def has_said_anew(session: Session, settings: Settings) -> bool:
    """Whether a lead (at HQ a person) has said something since the question is open. Then this node signs on."""
    question = session.get(RestoreQuestion, 1)
    return question is not None and _newest(session, settings)[0] > question.version


def close(session: Session, settings: Settings, now: datetime) -> None:
    """Close the question. Confirmations that stay and were left out meanwhile are published again."""
    if not is_open(session):
        return
    with writing(session) as transaction:
        question = transaction.get(RestoreQuestion, 1)
        if question is None:
            return  # another thread has closed it in the same moment
        promises = _promises_before_start(transaction)
        transaction.delete(question)
        transaction.flush()
        if question.signed and promises and not rivals.has_rival(transaction):
            publishing.publish(transaction, settings, now, urgent=True, is_word_of_lead=False)


def forget_promises(session: Session, now: datetime, document: ChapterDocument | None = None) -> None:
    """Drop confirmations from before the start, but those that `document` has, too: nobody vouches for the others.

    A date's move stays. A lead is told.
    """
    with writing(session) as transaction:
        if transaction.get(RestoreQuestion, 1) is None:
            return
        vouched = _promises_in(document) if document else set()
        lost = [row for row in _promises_before_start(transaction) if (row.run_id, row.day.isoformat()) not in vouched]
        for row in lost:
            if not row.is_moved:
                transaction.delete(row)
            else:
                row.state, row.before = "moved", None
        if lost:
            transaction.get_one(Chapter, 1).taken_over_at = now


def _promises_before_start(session: Session) -> list[RunDate]:
    """Dates that were confirmed before the start, which node.chapter.listing.as_told leaves out."""
    query = select(RunDate).where(RunDate.state == "confirmed", RunDate.at < select(Chapter.began_at).scalar_subquery())
    return list(session.scalars(query))


def _promises_in(document: ChapterDocument) -> set[tuple[str, str]]:
    return {(run.id, one.date) for run in document.listings for one in run.dates if one.state == "confirmed"}


def _newest(session: Session, settings: Settings) -> tuple[int, bytes]:
    """The version and envelope of the newest that was signed here: our document, or HQ's registry."""
    if settings.is_hq:
        registry = session.get(HeldRegistry, 1)
        return (registry.version, registry.envelope) if registry else (0, b"")
    held = session.get(HeldDocument, chapters.own_id(session) or "")
    version = max(session.get_one(Chapter, 1).last_version, held.version if held else 0)
    return version, (held.envelope if held else None) or b""
