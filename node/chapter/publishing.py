"""What a chapter lists, as the one document that leaves this node: put together, signed, taken in, queued.

Only leads' acts sign. No act of a member ever does.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.acceptance import next_version
from federation.documents import ChapterDocument, Profile, ProfileTexts
from federation.encodings import new_listing_id, to_instant
from federation.envelope import seal
from federation.errors import FederationError
from federation.keys import SigningKey
from federation.payloads import write_document

from ..clocks import is_within
from ..config import Settings
from ..database import Writing, writing
from ..directory import held
from ..errors import CannotSign, InvalidInput
from ..handle import spread_news
from ..input import translations
from ..models import Chapter, Counter, HeldDocument, HeldRoot, RestoreQuestion
from ..relay import queue
from ..schedule.recurrence import day_in
from . import fitting, rivals
from .home import moving
from .home.signing_key import signing_key
from .listing import floored, listed_runs, listing_of, notices_of, pause_of

FRESH = timedelta(hours=48)
LIFE = timedelta(days=14)
#: A document is signed again after this, though nothing has changed, so that other nodes' pages stay fresh.
RESIGN_AFTER = timedelta(hours=20)
#: Bytes that runs and profile may fill. The rest of a payload is for the dates of the runs.
ROOM = 48 * 1024


def build(session: Session, now: datetime) -> ChapterDocument:
    """The chapter's document as it would be signed now."""
    chapter = session.get_one(Chapter, 1)
    held = session.get(HeldDocument, chapter.id)
    # Floored as dates are: neither `issued` nor the version tells the minute in which a lead was awake.
    issued = floored(now)
    version = next_version(max(chapter.last_version, held.version if held else 0), issued)
    return ChapterDocument(
        chapter=chapter.id,
        root_version=session.scalar(select(func.max(HeldRoot.version)).where(HeldRoot.author == chapter.id)) or 1,
        version=version,
        issued=to_instant(issued),
        fresh_until=to_instant(issued + FRESH),
        expires=to_instant(issued + LIFE),
        profile=Profile(
            name=chapter.name,
            place=chapter.place,
            country=chapter.country,
            about=chapter.about,
            pause=pause_of(chapter, now),
            last_word_on=chapter.last_word_on.isoformat() if chapter.last_word_on else None,
            contact_form=chapter.contact_form,
            closed_on=chapter.closed_on.isoformat() if chapter.closed_on else None,
            notices=notices_of(chapter, now),
            text_language=chapter.text_language,
            translations=translations.in_documents(chapter.translations or {}, ProfileTexts),
        ),
        listings=[listing_of(session, run, now) for run in listed_runs(session, now)],
    )


def publish(session: Writing, settings: Settings, now: datetime, *, urgent: bool, is_word_of_lead: bool = True) -> None:
    """Sign what the chapter lists, take it into our own directory as any node does, and queue it for other nodes.

    An `urgent` document is queued for every node, any other for the seed. `is_word_of_lead`: whether a lead has just
    said something; this node signs by itself, too. Raises CannotSign.
    """
    moving.require_home(session, settings)
    if is_word_of_lead:
        chapter = session.get_one(Chapter, 1)
        chapter.last_word_on = day_in(chapter.timezone, now)
    session.flush()
    (document, _), key = fitting.fitted(build(session, now)), signing_key(session, settings)
    try:
        _publish(session, settings, document, key, now, urgent)
    except FederationError as error:
        raise CannotSign.refused(error) from error
    spread_news(session, settings, now)


def _publish(
    session: Writing, settings: Settings, document: ChapterDocument, key: SigningKey, now: datetime, urgent: bool
) -> None:
    envelope = seal("chapter", write_document(document), [key])
    chapter = session.get_one(Chapter, 1)
    # Noted before the document is taken in: another newer document of ours means that this folder is a restored copy.
    chapter.last_version, chapter.last_digest, chapter.signed_at = document.version, envelope.digest, now
    held.receive(session, settings, envelope, now, chapter.id)
    question = session.get(RestoreQuestion, 1)
    if question is not None:
        if not question.signed:
            # Readers may have positions in the old feed that this copy has not reached.
            session.get_one(Counter, 1).feed = new_listing_id()
        question.signed = [*question.signed, envelope.digest]
    if urgent:
        queue.add_urgent(session, settings, [chapter.id], now)
    else:
        queue.add_for_seed(session, settings, chapter.id, now)


def is_unsigned(session: Session) -> bool:
    """Whether HQ's word has changed what we list since we signed. Then the next signature is due at once."""
    chapter = session.get(Chapter, 1)
    return chapter is not None and chapter.signed_at is None


def require_room(session: Writing, now: datetime) -> None:
    """Raise InvalidInput if runs and profile leave too little room for what must be said of dates."""
    session.flush()
    document = build(session, now)
    if not _has_room(document):
        is_for_languages = _has_room(fitting.without_languages(document))
        raise InvalidInput({"translations": "full"} if is_for_languages else {"name": "too_many"})


def _has_room(document: ChapterDocument) -> bool:
    return fitting.size(fitting.without_dates(document)) <= ROOM and fitting.always_fits(document)


def left_out(session: Session, now: datetime) -> list[str]:
    """What our document has no room for, by the names of node.chapter.fitting.STEPS. As a rule nothing."""
    return fitting.fitted(build(session, now))[1]


def resign_if_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Sign again after RESIGN_AFTER. True if it was due. Idempotent.

    It is never due while two servers speak for the chapter.
    """
    chapter = session.get(Chapter, 1)
    if chapter is None or settings.is_hq or rivals.has_rival(session) or moving.away(session, settings):
        return False
    if is_within(chapter.signed_at, RESIGN_AFTER, now):
        return False
    with writing(session) as transaction:
        publish(transaction, settings, now, urgent=False, is_word_of_lead=False)
    return True
