"""A serving node's memory: idle, and after a thousand page views."""

import re
import tempfile
from pathlib import Path

from ..processes import Demo, demo, first_listing
from .table import Row

_PATHS = ("/", "/runs", "/runs?near=London&within=20", "/chapters", "/help")


def measure() -> list[Row]:
    """Resident memory (VmRSS) of London's node in the demo."""
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder) / "demo") as running:
        idle = _resident_mb(running)
        paths = [*_PATHS, "/runs/{}/{}".format(*first_listing(running, "london"))]
        for view in range(1000):
            running.page("london", paths[view % len(paths)])
        used = _resident_mb(running)
    return [
        Row("memory of a node, idle", f"{idle:.1f} MB", goal="<= 75 MB", met=idle <= 75),
        Row("memory of a node, after 1,000 page views", f"{used:.1f} MB", goal="<= 85 MB", met=used <= 85),
    ]


def _resident_mb(running: Demo) -> float:
    status = Path(f"/proc/{running.node('london')['pid']}/status").read_text()
    match = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert match
    return int(match[1]) / 1024
