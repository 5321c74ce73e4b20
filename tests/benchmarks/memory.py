"""A serving node's memory and its start: idle, and holding 10,000 chapters after a thousand page views."""

import re
import tempfile
from pathlib import Path

from .nodes import NEAR_LONDON, Served, fill
from .pages import Client
from .table import Row

_CHAPTERS = 10_000
_VIEWS = 1000
#: Each page is drawn for every fiftieth view, and kept for the others, as in a busy minute.
_PATHS = ("/", "/runs", "/runs?near=London&within=20", "/chapters", "/help")
_DRAWN = _VIEWS // 50


def measure() -> list[Row]:
    """Resident memory (VmRSS, MB) of the process, and seconds from its start to its first answer."""
    with tempfile.TemporaryDirectory() as folder:
        node = Served(Path(folder))
        start = min(node.start_and_stop() for _ in range(3))
        node.start()
        idle = _resident_mb(node)
        node.stop()
        fill(node.settings, _CHAPTERS, first=NEAR_LONDON)
        full_start = node.start()
        _view(node)
        used = _resident_mb(node)
        node.stop()
    return [
        Row("memory of a node, idle", f"{idle:.1f} MB", goal="<= 75 MB", met=idle <= 75),
        Row("memory, 10,000 chapters, after 1,000 views", f"{used:.1f} MB", goal="<= 95 MB", met=used <= 95),
        Row("start to first answer", f"{start:.2f} s", goal="<= 1 s", met=start <= 1),
        Row("start to first answer, 10,000 chapters", f"{full_start:.2f} s", goal="<= 1 s", met=full_start <= 1),
    ]


def _view(node: Served) -> None:
    client = Client(node.port)
    for view in range(_VIEWS):
        path = _PATHS[view % len(_PATHS)]
        sign = "&" if "?" in path else "?"
        head = client.get(f"{path}{sign}n={view * _DRAWN // _VIEWS}", "Accept-Encoding: gzip\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
    client.close()


def _resident_mb(node: Served) -> float:
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{node.process.pid}/status").read_text())
    assert match
    return int(match[1]) / 1024
