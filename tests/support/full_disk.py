"""A really full disk: the kernel refuses whatever would make a file longer."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from node.database import checkpoint

from .network import LocalNode


@contextmanager
def full_disk(node: LocalNode, room: int = 0) -> Iterator[None]:
    """While the block runs, no commit of the node fits that needs more than `room` bytes: its write-ahead log is empty
    and cannot grow further. Reading works.

    The limit holds for this whole process, so nothing else may write long files meanwhile.
    """
    checkpoint(node.engine)
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_SMALL + room, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


#: Bytes: less than the write-ahead log's header and one frame, and enough for what pytest keeps of a test's output.
_SMALL = 4096
