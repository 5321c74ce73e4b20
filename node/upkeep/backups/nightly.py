"""What a serving node does of backups by itself: the job of the night, in a process of its own, and the cleaning."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from ... import config
from ...config import Settings, SettingsError
from ...handle import Node
from ...sync import child
from . import backup, backup_files, nights, other_storage

log = logging.getLogger(__name__)

#: A backup of 10,000 chapters takes seconds. What is sent elsewhere may take long.
_SECONDS = 2700


def look(node: Node) -> None:
    """Make the night's backup in a process of its own, if it is due; send the newest elsewhere, if it was not yet."""
    settings, now = as_set_now(node.settings), node.clock()
    if settings.backup_key and (nights.is_due(settings, now) or other_storage.is_unsent(settings)):
        run(node)


def run(node: Node, *words: str) -> None:
    """Make and send backups in a process of its own: its memory does not stay. `words`: "now" makes one in any case."""
    status = child.run_module(node, "node.upkeep.backups", _SECONDS, *words)
    if status and not node.stopping.is_set():
        log.warning("a backup failed: it ended with %d, and `rtr backup list` says why", status)


def clean(node: Node, sure: datetime, *, is_vouched_for: bool) -> None:
    """Delete what is too old, and what a killed backup left. `sure`: a time that has surely come."""
    settings = node.settings
    backup.clean(settings)
    if is_vouched_for:
        backup_files.mend(settings, sure)
    backup_files.sweep(settings, sure - timedelta(days=settings.keep_copies_days))


def as_set_now(settings: Settings) -> Settings:
    """The settings of backups as the file says now: the set-up and `rtr backup key` change them while a node serves."""
    try:
        found = config.load(settings.data)
    except SettingsError:
        return settings
    return replace(settings, backup_key=found.backup_key, backup_keys=found.backup_keys, backup_to=found.backup_to)
