"""What needs a hand at HQ today."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..chapter import identity
from ..database import writing
from ..directory import registry
from ..models import Admission, HeldRegistry
from . import admissions, chapters, history, people
from .chapters import ChapterRow, OpenDates
from .history import Said

#: Silent, and paused or suspended chapters that the first page names; the others are in the list.
MAX_SILENT = 20
MAX_HELD_BACK = 10
#: It is signed anew every day: two days before it ends, that has failed for days.
_REGISTRY_SHORT = timedelta(days=2)


@dataclass(frozen=True)
class Needs:
    """All that waits for a person. `taken_over`: a newer list than ours was met, and nobody has looked through it yet.

    `silent_count`: with those that `silent` has no room for; `held_back`, paused and
    suspended ones, likewise.

    `registry_until`: set once the registry is not signed anew as it should be; `root_expires`: once HQ's root is nearly
    over, or is.
    """

    waiting: list[Admission]
    silent: list[ChapterRow]
    silent_count: int
    open_dates: OpenDates
    held_back: list[ChapterRow]
    held_back_count: int
    registry_until: datetime | None
    root_expires: datetime | None
    is_alone: bool
    taken_over: datetime | None


def needs(session: Session, now: datetime) -> Needs:
    """As it stands now."""
    silent, silent_count = chapters.silent(session, now, MAX_SILENT)
    held_back, held_back_count = chapters.held_back(session, now, MAX_HELD_BACK)
    return Needs(
        waiting=admissions.waiting(session),
        silent=silent,
        silent_count=silent_count,
        open_dates=chapters.open_dates(session, now),
        held_back=held_back,
        held_back_count=held_back_count,
        registry_until=_registry_until(session, now),
        root_expires=registry.root_expiry(session, now),
        is_alone=len(people.everyone(session)) < 2,
        taken_over=identity.own(session).taken_over_at,
    )


def dismiss_take_over(session: Session, said: Said, now: datetime, saw: str) -> None:
    """Somebody has looked through the list whose taking-over they `saw`: stop telling. Again: nothing happens."""
    with writing(session) as transaction:
        if identity.stop_telling(transaction, saw):
            history.record(transaction, "looked", said, None, now)


def _registry_until(session: Session, now: datetime) -> datetime | None:
    held = session.get(HeldRegistry, 1)
    return held.fresh_until if held and held.fresh_until - now < _REGISTRY_SHORT else None
