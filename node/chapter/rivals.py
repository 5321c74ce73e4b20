"""A second server that speaks for the same chapter, or the same HQ: two copies of one folder (PROTOCOL.md §8.2).

It is the likeliest mistake when a node moves to another machine. Each would take the other's for a newer one of its
own, and sign again, for ever.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..clocks import is_within
from ..database import Writing
from ..input import stale_pages
from ..models import Chapter, Question

log = logging.getLogger(__name__)

#: Twice within so long is no restore.
WITHIN = timedelta(days=1)


def is_known(session: Session) -> bool:
    """Whether there is one, as far as this node knows: then it signs nothing by itself."""
    chapter = session.get(Chapter, 1)
    return chapter is not None and chapter.rival_since is not None


def note_met(session: Writing, now: datetime) -> None:
    """Note that something newer of our own was met which this node did not make. A lead is told.

    While others are being asked, each may hold another one that was lost with the folder: that is one restore.
    """
    chapter, is_asking = session.get_one(Chapter, 1), session.get(Question, 1) is not None
    if chapter.rival_since is None and not is_asking and is_within(chapter.met_at, WITHIN, now):
        chapter.rival_since = now
        log.error(
            "two servers speak for %s: stop one of them. Until it is said on this one's first page that it goes on, it "
            "signs nothing by itself",
            chapter.name,
        )
    elif chapter.rival_since is None:
        log.warning("something newer of our own was met that this node did not make: it was taken over")
    chapter.taken_over_at = chapter.met_at = now


def mark(session: Session) -> str:
    """The mark of what was met of the other one (node.input.stale_pages); empty where there is none."""
    chapter = session.get_one(Chapter, 1)
    return stale_pages.mark(chapter.rival_since, chapter.met_at) if chapter.rival_since else ""


def end(session: Writing, saw: str) -> bool:
    """Note that somebody has stopped the other one; False where there is none.

    Raises Changed if something more of it was met than they `saw`: it is not stopped yet, or it is another one.
    """
    if not is_known(session):
        return False
    stale_pages.require(saw, mark(session))
    chapter = session.get_one(Chapter, 1)
    chapter.rival_since = chapter.met_at = None
    return True
