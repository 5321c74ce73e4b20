"""Until another node has said what it holds of us, this folder may be one that was put back from a copy (§8.2)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import directory, publishing, rivals
from .config import Settings
from .database import writing
from .models import Chapter, HeldDocument, HeldRegistry, Question, RunDate


def open_question(session: Session, settings: Settings, began: datetime) -> None:
    """Ask from now on, unless it is being asked already. `began`: when the process that asks did.

    One that is open since an earlier start stays: what was said before that start is what may be outdated.
    """
    chapter = session.get(Chapter, 1)
    if chapter is None or (is_open(session) and chapter.began_at == began):
        return
    with writing(session):
        session.get_one(Chapter, 1).began_at = began
        if not is_open(session):
            version, envelope = _newest(session, settings)
            session.add(Question(row=1, since=began, version=version, envelope=envelope, signed=[]))


def is_open(session: Session) -> bool:
    """Whether nobody has answered yet."""
    return session.get(Question, 1) is not None


def has_said_anew(session: Session, settings: Settings) -> bool:
    """Whether a lead (at HQ a person) has said something since it is being asked: then that is signed on."""
    question = session.get(Question, 1)
    return question is not None and _newest(session, settings)[0] > question.version


def close(session: Session, settings: Settings, now: datetime) -> None:
    """Somebody has answered. Promises that were not told meanwhile are told again."""
    if not is_open(session):
        return
    with writing(session):
        question = session.get(Question, 1)
        if question is None:
            return  # another was told in the same moment, and has answered first
        promises = _promises_before(session, question.since)
        session.delete(question)
        session.flush()
        if question.signed and promises and not rivals.is_known(session):
            publishing.publish(session, settings, now, urgent=True)


def forget_promises(session: Session, now: datetime) -> None:
    """Who answered has nothing from before it was asked: what was promised by then nobody can vouch for any more.

    Where a date was moved to stays; a lead is told.
    """
    with writing(session):
        question = session.get(Question, 1)
        promises = _promises_before(session, question.since) if question else []
        for row in promises:
            if row.starts is None and row.point is None:
                session.delete(row)
            else:
                row.state, row.before = "moved", None
        if promises:
            session.get_one(Chapter, 1).taken_over_at = now


def _promises_before(session: Session, moment: datetime) -> list[RunDate]:
    query = select(RunDate).where(RunDate.state == "confirmed", RunDate.at < moment)
    return list(session.scalars(query))


def _newest(session: Session, settings: Settings) -> tuple[int, bytes]:
    """(version, envelope) of the newest that was signed here: our document, or HQ's registry."""
    if settings.is_hq:
        registry = session.get(HeldRegistry, 1)
        return (registry.version, registry.envelope) if registry else (0, b"")
    held = session.get(HeldDocument, directory.own_id(session) or "")
    version = max(session.get_one(Chapter, 1).last_version, held.version if held else 0)
    return version, (held.envelope if held else None) or b""
