"""`python -m node.sync FOLDER`: one round of reading other nodes in its own process. Prints a report as JSON."""

import gc
import json
import os
import re
import signal
import sys
from pathlib import Path

from .. import config, logs
from ..config import Settings
from ..database import LARGE_CACHE_KIB, make_engine
from ..handle import Node, open_node
from ..members import telling
from .child import SECONDS
from .round import Sync

_NICE = 19


def main(data: Path) -> None:
    """Read one round at the lowest priority. It ends by itself, since the process that started it may be gone."""
    os.nice(_NICE)
    signal.alarm(SECONDS)
    logs.start()
    settings = config.load(data)
    logs.write_as(settings.log_format)
    node = opened(settings)
    gc.freeze()  # the program's own objects stay to the end: searching them for garbage costs a round a twentieth
    report = Sync(node).round()
    node.engine.dispose()
    summary = {"answered": report.answered, "stored": report.stored, "troubles": report.troubles[:20]}
    print(json.dumps(summary | {"seconds": report.seconds, "peak_mb": _peak_mb()}))


def opened(settings: Settings) -> Node:
    """The node of `settings` for a large reading.

    What others say can be read again, from the cursor that is in the same log. So no part of it waits for the disk:
    that took an eighth of the time, and a lead's tap waited for it, too.
    """
    engine = make_engine(settings.database, syncs_commits=False, cache_kib=LARGE_CACHE_KIB)
    return open_node(settings, engine, telling.tell)


def _peak_mb() -> float | None:
    """The most memory that this process has had. getrusage counts its parent's, too. None without /proc."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return round(int(found[1]) / 1024, 1) if found else None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
