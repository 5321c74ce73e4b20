"""A disk without room, for real: the kernel refuses whatever would make a file longer."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from node.database import checkpoint

from .network import LocalNode


@contextmanager
def full_disk(node: LocalNode) -> Iterator[None]:
    """While the block runs no commit of `node` fits: its write-ahead log is empty, and may not grow. Reading goes on.

    The limit is this whole process's: let nobody else write long files meanwhile.
    """
    checkpoint(node.engine)
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_SMALL, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


#: Bytes: less than a frame of the log with its head; what pytest keeps of a test's output fits.
_SMALL = 4096
