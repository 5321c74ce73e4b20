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
    """Read other nodes in a child. Whether it ended well."""
    status = run_module(node, "node.sync", SECONDS)
    # The child has queued changes in the database alone: this process is told.
    node.queued.set()
    if status and not node.stopping.is_set():
        log_once(f"reading others in a process of its own failed: it ended with {status}")
    return status == 0


def run_module(node: Node, module: str, seconds: float, *words: str) -> int:
    """`python -m module FOLDER words` until it is done, its time is over, or the node is to end. Its exit status.

    Its warnings go to our own log.
    """
    command = [sys.executable, "-m", module, str(node.settings.data), *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:  # noqa: S603
        ends = time.monotonic() + seconds
        while child.poll() is None and time.monotonic() < ends and not node.stopping.is_set():
            _wait(child)
        if child.poll() is None:
            _end(child)
    return child.returncode


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
