"""How often each visitor has asked: counts in memory, for the fixed windows of one process (a storage of `limits`).

The one that comes with `limits` starts a thread every 10 ms while it is used, which looks at every key there is: under
a flood from many addresses that is most of what the process does. Here who counts forgets what is over, now and then.
"""

import time
from threading import Lock

from limits.storage import Storage

SCHEME = "rtr-counts"
#: Seconds between two looks for what is over; as long is a key held at most beyond its window.
_PAUSE = 10.0


class Counts(Storage):
    """Times in seconds since 1970."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - as `limits` declares it

    def __init__(self, uri: str | None = None, **options: bool) -> None:
        super().__init__(uri, **options)
        self._lock = Lock()
        self._next_look = 0.0
        #: key: (count, end of its window)
        self._counted: dict[str, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._counted)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """The count of `key` with `amount` more; the first one opens a window of `expiry` seconds."""
        now = time.time()
        with self._lock:
            if now >= self._next_look:
                self._forget(now)
            count, end = self._counted.get(key, (0, 0.0))
            count, end = (count, end) if now < end else (0, now + expiry)
            self._counted[key] = count + amount, end
        return count + amount

    def get(self, key: str) -> int:
        """The count of `key` in its window."""
        count, end = self._counted.get(key, (0, 0.0))
        return count if time.time() < end else 0

    def get_expiry(self, key: str) -> float:
        """When the window of `key` is over; now, if it has none."""
        return self._counted.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget all; how many keys there were."""
        with self._lock:
            number = len(self._counted)
            self._counted.clear()
        return number

    def clear(self, key: str) -> None:
        """Forget `key`."""
        with self._lock:
            self._counted.pop(key, None)

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """None: nothing here breaks off."""
        return ()

    def _forget(self, now: float) -> None:
        self._next_look = now + _PAUSE
        self._counted = {key: held for key, held in self._counted.items() if now < held[1]}
