"""A second server that speaks for the same chapter, or the same HQ: two copies of one folder (PROTOCOL.md §8.2).

It is the likeliest mistake when a node moves to another machine. Each server would take the other's document for a
newer one of its own and sign again, for ever.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..clocks import is_within
from ..database import Writing
from ..input import stale_pages
from ..models import Chapter, RestoreQuestion

log = logging.getLogger(__name__)

#: A folder is not restored twice within so long: then there are two servers.
WITHIN = timedelta(days=1)


def has_rival(session: Session) -> bool:
    """Whether this node knows of another server. While it does, it signs nothing by itself."""
    chapter = session.get(Chapter, 1)
    return chapter is not None and chapter.rival_since is not None


def note_met(session: Writing, now: datetime) -> None:
    """Note that a newer document of our own was met that this node did not make. A lead is told.

    While other nodes are being asked, each may hold another document that the folder had lost: that is one restore.
    """
    chapter, is_asking = session.get_one(Chapter, 1), session.get(RestoreQuestion, 1) is not None
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
    """The mark of what was met of the other server (node.input.stale_pages). Empty if there is none."""
    chapter = session.get_one(Chapter, 1)
    return stale_pages.mark(chapter.rival_since, chapter.met_at) if chapter.rival_since else ""


def end(session: Writing, saw: str) -> bool:
    """Note that a person has stopped the other server. False if there is none.

    Raises StalePage if more was met of it than the person `saw`: it still runs, or it is a third one.
    """
    if not has_rival(session):
        return False
    stale_pages.require(saw, mark(session))
    chapter = session.get_one(Chapter, 1)
    chapter.rival_since = chapter.met_at = None
    return True
