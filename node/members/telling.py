"""Everybody whom a change concerns is told right after it is kept: whoever comes, and whoever has a duty."""

from datetime import datetime
from functools import partial

from ..config import Settings
from ..database import Writing, follow_writing
from .comers import news
from .leading import changes


def tell(session: Writing, settings: Settings, now: datetime) -> None:
    """Queue what each of them has not been told yet, once the transaction of the cause is committed. Publishing calls
    it in that transaction.

    Nobody else writes between the two, since a promise that a tap ends may be another lead's a moment later. Whatever
    goes wrong here stops no cancellation. The jobs `tell` and `cover` queue within a minute what is left undone.
    """
    if settings.has_mail:
        for queue in (news.queue, changes.queue):
            follow_writing(session, queue.__module__, partial(queue, settings=settings, now=now))
