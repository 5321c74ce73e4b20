"""`python -m node.upkeep.backups FOLDER [now]`: make the backup that is due, or one now, and send it elsewhere."""

import logging
import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from ... import config, logs
from ...errors import NodeError
from . import backup, nights, other_storage

log = logging.getLogger(__name__)

_NICE = 19
#: It ends by itself, since the process that started it may be gone.
_SECONDS = 3000


def main(data: Path, *words: str) -> int:
    """The exit status."""
    os.nice(_NICE)
    os.umask(0o077)
    signal.alarm(_SECONDS)
    logs.start()
    settings, now = config.load(data), datetime.now(UTC)
    logs.write_as(settings.log_format)
    try:
        if "now" in words or nights.is_due(settings, now):
            backup.make(settings)
        other_storage.send_newest(settings, now, nights.erased_before(settings, now))
    except (NodeError, OSError, sqlite3.Error) as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
