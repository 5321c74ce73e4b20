"""Wishes for a run, for the people of HQ: where people would come, and who would help to begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import sealed_fields
from ..config import Settings
from ..models import Message
from ..places.names import fold, squash
from . import messages


@dataclass(frozen=True)
class Wish:
    """One wish. `email`: empty where the sender left none."""

    id: str
    email: str
    can_help: bool
    sent_at: datetime


@dataclass(frozen=True)
class WishedPlace:
    """A place as its first wish names it, and the wishes for it, the newest first."""

    name: str
    wishes: Sequence[Wish]

    @property
    def helpers(self) -> int:
        """How many would help to begin."""
        return sum(wish.can_help for wish in self.wishes)


def by_place(session: Session, settings: Settings) -> list[WishedPlace]:
    """All wishes by place, the place that most people name first. Raises CannotUnseal.

    Places are compared by their letters alone, in whatever case and with whatever accents.
    """
    key, found = sealed_fields.load(settings), dict[str, tuple[str, list[Wish]]]()
    for row in session.scalars(select(Message).where(Message.kind == "wish").order_by(Message.sent_at, Message.id)):
        name, email = messages.words_of(settings, row), key.open_if("message.email", row.id, row.email)
        _, wishes = found.setdefault(squash(fold(name)), (name, []))
        wishes.insert(0, Wish(row.id, email, row.can_help, row.sent_at))
    places = [WishedPlace(name, wishes) for name, wishes in found.values()]
    return sorted(places, key=lambda place: (-len(place.wishes), place.name.casefold()))


def erase(session: Session, message_id: str) -> None:
    """Delete a wish. A second call changes nothing."""
    row = session.get(Message, message_id)
    if row is not None and row.kind == "wish":
        messages.erase(session, message_id)
