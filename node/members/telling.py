"""Everybody whom a change concerns is told in the transaction of its cause: whoever comes, and whoever has a duty."""

import logging
from datetime import datetime

from sqlalchemy.exc import OperationalError

from ..config import Settings
from ..database import Writing
from .comers import news
from .leading import changes

log = logging.getLogger(__name__)


def tell(session: Writing, settings: Settings, now: datetime) -> None:
    """Queue what each of them has not been told yet. Publishing calls it, in the transaction of the cause.

    Whatever goes wrong here stops no cancellation: it is logged, and a job tries again within a minute.
    """
    if not settings.has_mail:
        return
    for queue in (news.queue, changes.queue):
        try:
            with session.begin_nested():
                queue(session, settings, now)
        except OperationalError:
            raise
        except Exception:
            log.exception("not everybody was told in the transaction of the change")
