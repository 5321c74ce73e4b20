"""Notices of a run, or of the whole chapter, with a first and a last day: "the park's east gate is closed".

They are part of the signed document (PROTOCOL.md §7.8) until the day after their last one.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from federation.documents import Listing, Notice, NoticeTexts, most_of
from federation.text import tidy

from ..chapter import listing, publishing, runs
from ..config import Settings
from ..database import Writing, writing
from ..errors import InvalidInput, NotFound
from ..input import stale_pages, translations
from ..input.translations import Translations
from ..input.validation import check_texts, refuse
from ..models import Chapter, Run
from ..schedule.recurrence import day_in

LIMITS = {"text": most_of(Notice, "text")}
#: Of one run, and of the chapter. More would hide one another, and the document has an end.
MOST = most_of(Listing, "notices")
_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class NoticeInput:
    """What a lead wants to be known from one day to another. `until` is the last day. `text_language`, `translations`:
    as in Run, of `text` alone.
    """

    text: str
    since: date
    until: date
    text_language: str | None = None
    translations: Translations = field(default_factory=dict)


def mark_of(notice: Notice) -> str:
    """What names one notice: it has no number, and two that say the same of the same days are one."""
    return stale_pages.mark(notice.text, notice.since, notice.until)


def coming(of: Run | Chapter, now: datetime) -> list[Notice]:
    """The notices that are not over, the first to begin first."""
    return [one for one in listing.notices_of(of, now) if one.until >= day_in(of.timezone, now).isoformat()]


def add(session: Session, settings: Settings, run_id: str | None, given: NoticeInput, now: datetime) -> None:
    """Publish a notice of a run, or of the chapter (None). The same one twice is one. Raises InvalidInput, NotFound."""
    with writing(session) as transaction:
        of = _of(transaction, run_id)
        notice = _checked(given, day_in(of.timezone, now))
        kept = [one for one in coming(of, now) if one != notice]
        if len(kept) >= MOST:
            raise InvalidInput({"text": "too_many"})
        was_there = len(kept) < len(coming(of, now))
        _keep(of, [*kept, notice])
        if not was_there:
            _require_room(transaction, now)
            publishing.publish(transaction, settings, now, urgent=False)


def take_down(session: Session, settings: Settings, run_id: str | None, mark: str, now: datetime) -> None:
    """Take a notice down before its last day. A second tap changes nothing. Raises NotFound for no such run."""
    with writing(session) as transaction:
        of = _of(transaction, run_id)
        there = coming(of, now)
        kept = [one for one in there if mark_of(one) != mark]
        if len(kept) < len(there):
            _keep(of, kept)
            publishing.publish(transaction, settings, now, urgent=False)


def check(given: NoticeInput, today: date) -> dict[str, str]:
    """Problems by field."""
    problems = check_texts({"text": given.text}, LIMITS, frozenset({"text"}))
    problems |= translations.check(given.text_language, given.translations, LIMITS)
    if given.until < given.since:
        problems["until"] = "before_start"
    elif given.until < today:
        problems["until"] = "over"
    elif given.until - today > _AHEAD:
        problems["until"] = "range"
    return problems


def _checked(given: NoticeInput, today: date) -> Notice:
    refuse(check(given, today))
    return Notice(
        text=tidy(given.text),
        since=given.since.isoformat(),
        until=given.until.isoformat(),
        text_language=given.text_language,
        translations=translations.in_documents(translations.tidied(given.translations), NoticeTexts),
    )


def _require_room(session: Writing, now: datetime) -> None:
    try:
        publishing.require_room(session, now)
    except InvalidInput as full:
        raise InvalidInput({"text": "full"}) from full


def _keep(of: Run | Chapter, notices: list[Notice]) -> None:
    of.notices = msgspec.to_builtins(sorted(notices, key=lambda one: (one.since, one.until, one.text)))


def _of(session: Session, run_id: str | None) -> Run | Chapter:
    if run_id is None:
        chapter = session.get(Chapter, 1)
        if chapter is None:
            raise NotFound("no chapter here")
        return chapter
    return runs.get(session, run_id)
