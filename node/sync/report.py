"""What a round of reading other nodes brought."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from ..logs import log_once, printable

#: Characters of one line about a peer.
MAX_TROUBLE = 500


@dataclass
class Report:
    """What a round brought: peers that answered, documents and roots that were new, refusals (in words).

    `unfinished`: a feed had more than this round was to read. `seconds`: what each stage of the reading took.
    """

    answered: list[str] = field(default_factory=list)
    stored: int = 0
    troubles: list[str] = field(default_factory=list)
    #: The addresses that the troubles are about.
    troubled: set[str] = field(default_factory=set)
    unfinished: bool = False
    #: The chapter that the node at each address says it speaks for.
    speaks_for: dict[str, str | None] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _refused: tuple[int, str] = (0, "")
    #: Two threads of a reading note what was refused.
    _lock: Lock = field(default_factory=Lock, repr=False)

    def trouble(self, who: str, error: Exception, *, same: str = "") -> None:
        """Note a trouble. It is logged once, however often it comes. `same`: what it is known by, if not its words."""
        line = printable(f"{who}: {error}"[:MAX_TROUBLE])
        self.troubles.append(line)
        self.troubled.add(who)
        log_once(line, who, same)

    def refused(self, what: str, error: Exception) -> None:
        """Note a refused document. `tell_refused` tells of all of them in one line."""
        with self._lock:
            self._refused = (self._refused[0] + 1, self._refused[1] or f"{what}: {error}")

    def tell_refused(self, who: str) -> None:
        """Note how many documents of `who` were refused since the last call, and why the first one was."""
        with self._lock:
            (count, first), self._refused = self._refused, (0, "")
        if count:
            how_many = f"{count} refused, the first: " if count > 1 else ""
            self.trouble(who, ValueError(f"{how_many}{first}"), same=first)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what the block takes to `seconds[stage]`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - began
