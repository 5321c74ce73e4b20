"""How HQ reaches the people of each chapter: a name, an address, a number. Only the people of HQ see them.

They are sealed, they are in no document, and the history says that they were changed, by whom, and not to what.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.text import tidy

from .. import sealed_fields
from ..config import Settings
from ..database import Writing, fold, writing
from ..input import email, stale_pages
from ..input.validation import check_private, refuse
from ..models import Admission, ChapterContact, RegistryChapter
from ..sealed_fields import MembersKey
from . import history
from .history import Actor

LIMITS: Mapping[str, int] = {"name": 80, "email": email.LONGEST, "phone": 40}
#: How long a contact is kept once its chapter has left. The privacy page says the same.
KEPT_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class Contact:
    """How a chapter is reached. Each part may be empty."""

    name: str = ""
    email: str = ""
    phone: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a way to reach the chapter, or at least a name."""
        return bool(self.name or self.email or self.phone)

    @property
    def mark(self) -> str:
        """The mark of what a page showed (node.input.stale_pages)."""
        return stale_pages.mark(self.name, self.email, self.phone)


def of(session: Session, settings: Settings, chapter_id: str) -> Contact:
    """The contact of one chapter; an empty one where HQ has none. Raises CannotUnseal."""
    return of_all(session, settings, [chapter_id]).get(chapter_id, Contact())


def of_all(session: Session, settings: Settings, chapter_ids: Collection[str]) -> dict[str, Contact]:
    """The contacts of those chapters that HQ has one of. Raises CannotUnseal."""
    rows = session.scalars(select(ChapterContact).where(ChapterContact.id.in_(chapter_ids))).all()
    key = sealed_fields.load(settings) if rows else None
    return {row.id: _opened(key, row) for row in rows if key is not None}


def check(contact: Contact) -> dict[str, str]:
    """The problems of a contact, by field."""
    found: dict[str, str] = {}
    for name, limit in LIMITS.items():
        found |= check_private(name, getattr(contact, name), limit)
    code = email.check_email(contact.email) if contact.email else None
    return found | ({"email": code} if code else {})


def change(
    session: Session, settings: Settings, chapter_id: str, contact: Contact, actor: Actor, now: datetime, saw: str
) -> bool:
    """Keep a chapter's contact; an empty one is deleted. False where it was so already.

    `saw`: the mark of the contact that the page showed. Raises StalePage, InvalidInput, CannotUnseal.
    """
    contact = Contact(tidy(contact.name), tidy(contact.email), tidy(contact.phone))
    refuse(check(contact))
    with writing(session, is_private=True) as transaction:
        held = of(transaction, settings, chapter_id)
        if held == contact:
            return False
        stale_pages.require(saw, held.mark)
        _write(transaction, settings, chapter_id, contact, now)
        history.record(transaction, "contact", Actor(actor.first_name), chapter_id, now)
    fold(session)
    return True


def sweep(session: Writing, now: datetime) -> None:
    """Delete the contacts of chapters that left long ago, and of those that never came to be."""
    gone = RegistryChapter.status.in_(("left", "dropped")) & (RegistryChapter.since < now - KEPT_AFTER)
    stay = select(RegistryChapter.chapter).where(~gone).union(select(Admission.chapter))
    old = ChapterContact.changed_at < now - KEPT_AFTER
    session.execute(delete(ChapterContact).where(old, ChapterContact.id.not_in(stay)))


def _write(session: Writing, settings: Settings, chapter_id: str, contact: Contact, now: datetime) -> None:
    session.execute(delete(ChapterContact).where(ChapterContact.id == chapter_id))
    if not contact.is_known:
        return
    key, row = sealed_fields.load(settings), ChapterContact(id=chapter_id, changed_at=now)
    for name in LIMITS:
        text = getattr(contact, name)
        setattr(row, name, key.seal(f"chapter_contact.{name}", chapter_id, text) if text else None)
    session.add(row)


def _opened(key: MembersKey, row: ChapterContact) -> Contact:
    return Contact(*(key.open_if(f"chapter_contact.{name}", row.id, getattr(row, name)) for name in LIMITS))
