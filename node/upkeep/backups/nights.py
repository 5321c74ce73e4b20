"""When a backup is due: once a night, where the chapter is. A night that was missed is made up for."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ...config import Settings
from ...schedule import recurrence
from . import backup_files

#: Nights begin so long after midnight, and a node's own time is within two hours from then: many nodes may share one
#: storage.
_BEGINS, _SPREAD_MINUTES = time(2), 120


def is_due(settings: Settings, now: datetime) -> bool:
    """Whether no backup was made since the last night began. One whose time lies ahead is none of today's.

    False where no chapter was founded yet: there is nothing to lose.
    """
    zone = _zone(settings)
    if zone is None:
        return False
    made = [one.made_at for one in backup_files.all_of(settings) if one.made_at <= now]
    return not made or made[0] < _last_night(settings, zone, now)


def erased_before(settings: Settings, now: datetime) -> datetime:
    """Backups from before this time are too old, by a time that has surely come (node.members.retention)."""
    with closing(sqlite3.connect(f"{settings.database.as_uri()}?mode=ro", uri=True)) as database:
        row = database.execute("SELECT sure_at FROM upkeep").fetchone()
    sure = datetime.fromtimestamp(row[0], UTC) if row and row[0] else now
    return min(now, sure) - timedelta(days=settings.keep_copies_days)


def _zone(settings: Settings) -> ZoneInfo | None:
    with closing(sqlite3.connect(f"{settings.database.as_uri()}?mode=ro", uri=True)) as database:
        row = database.execute("SELECT timezone FROM chapter").fetchone()
    return recurrence.zone(row[0]) if row else None


def _last_night(settings: Settings, zone: ZoneInfo, now: datetime) -> datetime:
    """When the night's backup was last due."""
    local = now.astimezone(zone)
    begins = datetime.combine(local.date(), _BEGINS, local.tzinfo) + _own_part(settings)
    return begins if begins <= local else begins - timedelta(days=1)


def _own_part(settings: Settings) -> timedelta:
    digest = hashlib.sha256(settings.base_url.encode()).digest()
    return timedelta(minutes=int.from_bytes(digest[:4], "big") % _SPREAD_MINUTES)
