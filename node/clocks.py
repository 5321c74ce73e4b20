"""Stored times that are compared with now. A clock may have been wrong when one was stored, or may be wrong now."""

from datetime import datetime, timedelta


def is_within(moment: datetime | None, span: timedelta, now: datetime) -> bool:
    """Whether `moment` lies less than `span` back. One to come does not: a clock was wrong when it was noted."""
    return moment is not None and timedelta(0) <= now - moment < span
