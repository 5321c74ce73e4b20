"""A large reading goes on in a short-lived process of low priority, so that pages stay fast.

Measured: a writer thread in the serving process doubled the slowest pages' time; a child at nice 19 added a fifth.
"""

import subprocess
import sys
import time

from ..handle import Node
from ..logs import log_once

#: A child that takes longer is ended. What it stored stays, and the next one goes on from there.
SECONDS = 1800
_LOOK_EVERY = 0.5
_GRACE = 10.0


def run(node: Node) -> bool:
    """Read other nodes in a child until it is done, its time is over, or the node is to end. Whether it ended well."""
    command = [sys.executable, "-m", "node.sync", str(node.settings.data)]
    # The child's warnings go to our own log.
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:  # noqa: S603
        ends = time.monotonic() + SECONDS
        while child.poll() is None and time.monotonic() < ends and not node.stopping.is_set():
            _wait(child)
        if child.poll() is None:
            _end(child)
    # The child has queued changes in the database alone: this process is told.
    node.queued.set()
    if child.returncode and not node.stopping.is_set():
        log_once(f"reading others in a process of its own failed: it ended with {child.returncode}")
    return child.returncode == 0


def _wait(child: "subprocess.Popen[bytes]") -> None:
    try:
        child.wait(_LOOK_EVERY)
    except subprocess.TimeoutExpired:
        return


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
