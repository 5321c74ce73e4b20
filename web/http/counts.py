"""How often each visitor has asked in the last minute, and for how much, in the memory of one process."""

import time
from collections.abc import Hashable
from threading import Lock

#: Seconds from a visitor's first request to the end of what is counted with it.
WINDOW = 60.0
#: Seconds between two looks for what is over: as long is a visitor held at most beyond the window.
_PAUSE = 10.0
#: Counts that are kept at once (20 MB), two for each visitor of a budget. A flood from more addresses than that is not
#: held back by counting them; it begins anew then, so that the memory is not what breaks.
MOST = 100_000


class Counts:
    """Times in seconds since 1970. No thread tidies up: who counts forgets what is over, now and then."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._next_look = 0.0
        #: key: (count, end of its window)
        self._counted: dict[Hashable, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._counted)

    def add(self, key: Hashable, amount: float = 1) -> float:
        """How much was counted for `key` in its window, with this `amount`; the first one opens a window."""
        now = time.time()
        with self._lock:
            if now >= self._next_look:
                self._forget(now)
            if len(self._counted) >= MOST:
                self._counted.clear()
            count, end = self._counted.get(key, (0.0, 0.0))
            count, end = (count + amount, end) if now < end else (amount, now + WINDOW)
            self._counted[key] = count, end
        return count

    def end(self, key: Hashable) -> float:
        """When the window of `key` is over; now, if it has none."""
        return self._counted.get(key, (0.0, time.time()))[1]

    def _forget(self, now: float) -> None:
        self._next_look = now + _PAUSE
        self._counted = {key: held for key, held in self._counted.items() if now < held[1]}
