"""What a round of reading others brought."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

log = logging.getLogger(__name__)

#: Two threads of a reading log.
_lock = Lock()
_logged: dict[str, None] = {}
_LOG_MEMORY = 500


@dataclass
class Report:
    """What a round brought: peers that answered, documents and roots that were new, refusals (in words).

    `unfinished`: a feed had more than this round was to read. `seconds`: what each stage of the reading took.
    """

    answered: list[str] = field(default_factory=list)
    stored: int = 0
    troubles: list[str] = field(default_factory=list)
    unfinished: bool = False
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def trouble(self, who: str, error: Exception) -> None:
        """Note it; it is logged once, however often it comes again."""
        line = f"{who}: {error}"
        self.troubles.append(line)
        log_once(line)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what the block takes to `seconds[stage]`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - began


def log_once(line: str) -> None:
    """A warning that is not repeated while it is among the last few hundred."""
    with _lock:
        if line in _logged:
            return
        while len(_logged) >= _LOG_MEMORY:
            _logged.pop(next(iter(_logged)))
        _logged[line] = None
    log.warning("%s", line)
