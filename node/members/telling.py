"""Everybody whom a change concerns is told in the transaction of its cause: whoever comes, and whoever has a duty."""

from datetime import datetime

from ..config import Settings
from ..database import Writing
from .comers import news
from .leading import changes


def tell(session: Writing, settings: Settings, now: datetime) -> None:
    """Queue what each of them has not been told yet. Publishing calls it; nothing that goes wrong here stops that."""
    news.tell(session, settings, now)
    changes.tell(session, settings, now)
