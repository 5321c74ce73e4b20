"""What needs a hand at HQ today."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..chapter import identity, leads
from ..database import writing
from ..directory import registry
from ..models import Admission, HeldRegistry
from . import admissions, chapters, history
from .chapters import ChapterRow, OpenDates
from .history import Actor
from .registry import NEARLY_STALE

#: The first page names so many chapters of each kind. The list has them all.
MAX_SILENT = 20
MAX_HELD_BACK = 10
MAX_CLOSED = 20


@dataclass(frozen=True)
class Needs:
    """All that waits for a person.

    `closed`: chapters that say that they have closed, and are to be noted as left. `silent_count` counts silent
    chapters, also those that `silent` has no room for, and so do the other counts. `quiet`: chapters that are heard,
    but whose leads have said nothing for long. `held_back`: paused and suspended chapters. `registry_until` is set once
    the registry has not been signed again as it should be, `root_expires` once HQ's root is over or nearly so.
    `taken_over`: when a newer list than HQ's own was taken over that nobody has looked through yet.
    """

    waiting: list[Admission]
    closed: list[ChapterRow]
    closed_count: int
    silent: list[ChapterRow]
    silent_count: int
    quiet: list[ChapterRow]
    quiet_count: int
    open_dates: OpenDates
    held_back: list[ChapterRow]
    held_back_count: int
    registry_until: datetime | None
    root_expires: datetime | None
    is_alone: bool
    taken_over: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits. HQ's board says so only then, for whoever reads it looks no further."""
        lists = (self.waiting, self.closed, self.silent, self.quiet, self.open_dates.dates, self.held_back)
        return not any((*lists, self.registry_until, self.root_expires, self.is_alone, self.taken_over))


def needs(session: Session, now: datetime) -> Needs:
    """What needs a hand now."""
    closed, closed_count = chapters.closed(session, now, MAX_CLOSED)
    silent, silent_count = chapters.silent(session, now, MAX_SILENT)
    quiet, quiet_count = chapters.quiet(session, now, MAX_SILENT)
    held_back, held_back_count = chapters.held_back(session, now, MAX_HELD_BACK)
    held = session.get(HeldRegistry, 1)
    return Needs(
        waiting=admissions.waiting(session),
        closed=closed,
        closed_count=closed_count,
        silent=silent,
        silent_count=silent_count,
        quiet=quiet,
        quiet_count=quiet_count,
        open_dates=chapters.open_dates(session, now),
        held_back=held_back,
        held_back_count=held_back_count,
        registry_until=held.fresh_until if held and held.fresh_until - now < NEARLY_STALE else None,
        root_expires=registry.root_expiry(session, now),
        is_alone=len(leads.all_leads(session)) < 2,
        taken_over=identity.own(session).taken_over_at,
    )


def dismiss_take_over(session: Session, actor: Actor, now: datetime, saw: str) -> None:
    """A person has looked through the list that was taken over, so pages stop telling of it. Idempotent.

    `saw`: the mark of the take-over that the page told of.
    """
    with writing(session) as transaction:
        if identity.stop_telling(transaction, saw):
            history.record(transaction, "looked", actor, None, now)
