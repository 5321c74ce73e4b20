"""Locks that are files: flock keeps other processes out, and the system frees it when its process ends, however."""

import fcntl
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, get_ident
from time import monotonic, sleep

from .errors import NodeError

#: Seconds between two looks at a file that another process holds: flock cannot wait for a while.
_LOOK_EVERY = 0.002


class NotFree(NodeError):
    """Another process, or another thread, holds the lock."""


@contextmanager
def held(path: Path, is_over: Callable[[], bool] = lambda: True) -> Iterator[Callable[[], None]]:
    """Hold the file `path`, made where there is none, while the block runs; what is yielded frees it sooner.

    Waits until `is_over`, then raises NotFree. Raises OSError where the file cannot be opened.
    """
    # A new open file for each lock: flock then keeps out the other threads of this process, too.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _is_taken(descriptor, fcntl.LOCK_EX):
            if is_over():
                raise NotFree(f"{path.name} was not free in time")
            sleep(_LOOK_EVERY)
        yield lambda: fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether somebody holds the file `path` now; False where there is none."""
    try:
        with path.open("rb") as file:
            return not _is_taken(file.fileno(), fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _is_taken(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class FairLock:
    """The file `path` as a lock that threads and processes get in the order in which they ask for it.

    The threads of this process stand in a row, and only the first one looks at the file. The first ones of all
    processes ask for a second file, `path`.turn, before they ask for `path`: a process that frees the lock and comes
    again at once, as a large reading does, then stands behind the one that waits.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._turn = path, path.with_name(f"{path.name}.turn")
        self._row: deque[Event] = deque()
        self._changing_row = Lock()
        self._holder: int | None = None
        self._is_given_up = False

    @property
    def is_mine(self) -> bool:
        """Whether the thread that asks holds the lock."""
        return self._holder == get_ident()

    @property
    def row(self) -> int:
        """How many threads of this process hold the lock or wait for it."""
        return len(self._row)

    @contextmanager
    def held(self, patience: float) -> Iterator[None]:
        """Hold the lock while the block runs. Raises NotFree after `patience` seconds; OSError as `held` does."""
        ends = monotonic() + patience

        def is_over() -> bool:
            return self._is_given_up or monotonic() >= ends

        with self._first_in_row(patience), held(self._turn, is_over) as end_turn, held(self._path, is_over):
            end_turn()
            self._holder = get_ident()
            try:
                yield
            finally:
                self._holder = None

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """While the block runs, nobody waits: each thread of this process that would gets NotFree at once."""
        with self._changing_row:
            self._is_given_up = True
            for thread in self._row:
                thread.set()
        try:
            yield
        finally:
            self._is_given_up = False

    @contextmanager
    def _first_in_row(self, patience: float) -> Iterator[None]:
        mine = Event()
        with self._changing_row:
            self._row.append(mine)
        try:
            if self._row[0] is not mine and not self._is_given_up:
                mine.wait(patience)
            if self._row[0] is not mine:
                raise NotFree(f"{self._path.name} was not free in time")
            yield
        finally:
            with self._changing_row:
                self._row.remove(mine)
                if self._row:
                    self._row[0].set()
