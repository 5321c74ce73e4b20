"""One lock for all threads and processes, in the order in which they come, and never longer waited for than said."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from node import file_lock
from node.file_lock import FairLock, NotFree

HOLD = "import fcntl,os,sys; fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT), 2); print(flush=True); input()"


@contextmanager
def held_by_another_process(path: Path) -> Iterator[None]:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        try:
            yield
        finally:
            holder.kill()


def wait_for(lock: FairLock, row: int) -> None:
    ends = time.monotonic() + 10
    while lock.row < row:
        assert time.monotonic() < ends
        time.sleep(0.001)


def queue_up(lock: FairLock, got: list[int], number: int, patience: float = 10) -> threading.Thread:
    """A thread that waits for the lock, and notes its number when it has it: or its negative when it gives up."""

    def take() -> None:
        try:
            with lock.held(patience):
                got.append(number)
        except NotFree:
            got.append(-number)

    before = lock.row
    thread = threading.Thread(target=take)
    thread.start()
    wait_for(lock, before + 1)
    return thread


@pytest.fixture
def lock(tmp_path: Path) -> FairLock:
    return FairLock(tmp_path / "lock")


def test_threads_get_the_lock_in_the_order_in_which_they_came(lock: FairLock) -> None:
    got: list[int] = []
    with lock.held(1):
        threads = [queue_up(lock, got, number) for number in range(1, 9)]
        assert got == []
    for thread in threads:
        thread.join(10)
    assert got == [1, 2, 3, 4, 5, 6, 7, 8]


def test_whoever_frees_the_lock_and_comes_again_at_once_stands_behind_whoever_waits(lock: FairLock) -> None:
    got: list[int] = []
    with lock.held(1):
        waiting = queue_up(lock, got, 1)
    with lock.held(1):
        got.append(2)
    waiting.join(10)
    assert got == [1, 2]


def test_one_thread_of_a_process_looks_at_the_file_while_another_process_holds_it(
    lock: FairLock, tmp_path: Path
) -> None:
    got: list[int] = []
    with held_by_another_process(tmp_path / "lock"):
        threads = [queue_up(lock, got, number) for number in range(1, 9)]
        files = [file.resolve().name for file in Path("/proc/self/fd").iterdir()]
        assert files.count("lock.turn") <= 1
        assert files.count("lock") <= 1
    for thread in threads:
        thread.join(10)
    assert got == [1, 2, 3, 4, 5, 6, 7, 8]


def test_nobody_waits_longer_than_said_wherever_in_the_row(lock: FairLock, tmp_path: Path) -> None:
    got: list[int] = []
    began = time.monotonic()
    with held_by_another_process(tmp_path / "lock"):
        threads = [queue_up(lock, got, number, patience=0.3) for number in (1, 2, 3)]
        for thread in threads:
            thread.join(10)
    assert sorted(got) == [-3, -2, -1]
    assert time.monotonic() - began < 5
    assert lock.row == 0


def test_one_that_gives_up_in_the_middle_of_the_row_holds_nobody_up(lock: FairLock) -> None:
    got: list[int] = []
    with lock.held(1):
        patient = [queue_up(lock, got, 1)]
        impatient = queue_up(lock, got, 2, patience=0.01)
        impatient.join(10)
        patient.append(queue_up(lock, got, 3))
    for thread in patient:
        thread.join(10)
    assert got == [-2, 1, 3]


def test_all_stop_waiting_at_once_when_the_process_is_to_end(lock: FairLock, tmp_path: Path) -> None:
    got: list[int] = []
    with held_by_another_process(tmp_path / "lock"):
        threads = [queue_up(lock, got, number, patience=60) for number in (1, 2, 3)]
        with lock.given_up():
            for thread in threads:
                thread.join(10)
            assert sorted(got) == [-3, -2, -1]
            with pytest.raises(NotFree), lock.held(60):
                pass
    with lock.held(10):
        assert lock.is_mine


def test_the_lock_is_mine_while_this_thread_holds_it_and_only_then(lock: FairLock) -> None:
    assert not lock.is_mine
    with lock.held(1):
        assert lock.is_mine
        others: list[bool] = []
        thread = threading.Thread(target=lambda: others.append(lock.is_mine))
        thread.start()
        thread.join(10)
        assert others == [False]
    assert not lock.is_mine


def test_a_file_is_held_by_one_and_whoever_looks_does_not_disturb(tmp_path: Path) -> None:
    file = tmp_path / "serve.lock"
    assert not file_lock.is_held(file)
    with file_lock.held(file):
        assert file_lock.is_held(file)
        with pytest.raises(NotFree, match="not free"), file_lock.held(file):
            pass
    assert not file_lock.is_held(file)
