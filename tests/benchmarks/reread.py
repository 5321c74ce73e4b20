"""What comparing digests first saves: a block of the feed read again, against verifying each of its documents."""

import statistics
import tempfile
import time
from pathlib import Path

from federation.acceptance import open_chapter
from federation.envelope import claimed_digest, read
from node.directory import held, roots
from node.models import HeldDocument

from ..support.network import LONDON, Clock, LocalNode, a_run
from .table import Row

_ROUNDS = 7
_READS = 500


def measure() -> list[Row]:
    """Microseconds a document, and their ratio, both measured in turn."""
    with tempfile.TemporaryDirectory() as folder:
        node = LocalNode(Path(folder), Clock(), 8199)
        chapter = node.found_chapter(LONDON).id
        node.announce(a_run())
        by_digest, verified = _in_turn(node, chapter)
        node.close()
    ratio = statistics.median(b / a for a, b in zip(by_digest, verified, strict=True))
    figure, floor = (f"{statistics.median(times):.0f} us" for times in (by_digest, verified))
    return [Row("a known document: verifying it, against by digest", floor, figure, ratio)]


def _in_turn(node: LocalNode, chapter: str) -> tuple[list[float], list[float]]:
    by_digest: list[float] = []
    verified: list[float] = []
    with node.session() as session:
        data = session.get_one(HeldDocument, chapter).envelope or b""
        root = roots.chain_of(session, chapter)[-1]
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            assert held.held_among(session, [glance for _ in range(_READS) if (glance := claimed_digest(data))])
            middle = time.perf_counter()
            for _ in range(_READS):
                open_chapter(read(data), root, node.clock())
            by_digest.append((middle - began) / _READS * 1e6)
            verified.append((time.perf_counter() - middle) / _READS * 1e6)
    return by_digest, verified
