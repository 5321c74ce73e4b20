"""Ending a serving node: nobody new is let in, whoever asked already is answered, for a few seconds at most."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from .server import Server

log = logging.getLogger("rtr")

#: Docker kills after ten seconds, and the jobs are to end, too.
SECONDS = 5.0
#: Seconds for which nobody may have asked anything: whoever was let in last has not said yet what they want, and a
#: proxy may just be sending the next request over a connection that it has.
QUIET = 0.5
_LOOK_EVERY = 0.02
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopped_gently(server: Server, begin: Callable[[], object]) -> Iterator[None]:
    """While the block runs `server`, in the main thread: a first signal begins to end it.

    `begin` is called at once, in the signal's handler. A second signal ends it at once: somebody is in a hurry.
    """
    was_told, is_urgent = threading.Event(), threading.Event()
    draining = threading.Thread(target=_drain, args=(server, is_urgent), name="draining", daemon=True)

    def stop(*_: object) -> None:
        if was_told.is_set():
            is_urgent.set()
            return
        was_told.set()
        begin()
        draining.start()

    former = [signal.signal(number, stop) for number in _SIGNALS]
    try:
        yield
    finally:
        is_urgent.set()
        for number, handler in zip(_SIGNALS, former, strict=True):
            signal.signal(number, handler)


def _drain(server: Server, is_urgent: threading.Event) -> None:
    ends = monotonic() + SECONDS
    try:
        server.let_nobody_in()
        last = monotonic()
        while monotonic() < min(ends, last + QUIET) and not is_urgent.wait(_LOOK_EVERY):
            last = monotonic() if server.is_busy() else last
    except Exception:
        log.exception("requests under way are not waited for")
    server.close()
