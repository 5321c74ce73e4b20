"""Making the next of a row of things while the one before it is worked with."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def one_ahead(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """`items` in order: each is made in a thread, while the caller works with the one before it, and no sooner.

    What goes wrong there is raised here, in its turn.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread, closing(_each(thread, items)) as made:
        yield made


def _each(thread: ThreadPoolExecutor, items: Iterator[T]) -> Generator[T]:
    end = object()
    coming = thread.submit(next, items, end)
    while (one := coming.result()) is not end:
        coming = thread.submit(next, items, end)
        yield one  # type: ignore[misc]  # it is not the end
