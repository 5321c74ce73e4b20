"""A peer's answers, made beforehand: `python -m tests.benchmarks.servers.served FOLDER PORT` sends them as they are.

So a sync is measured against the bytes that a node would send, and not against the node that makes them.
"""

import gzip
import hashlib
import json
import sys
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import msgspec

from deploy.demo.corpus import SignedChapter
from federation.documents import RegistryBin
from federation.encodings import to_instant
from federation.feed import BLOCK, Cursor, write_block
from node.hq.registry import split

from ...support.federation_makers import HqMaker, sha256

FEED = "abcdefgh"


def prepare(folder: Path, hq: HqMaker, chapters: list[SignedChapter], now: datetime) -> None:
    """Write the registry, its bins, the feed and the status of a node that holds all of `chapters`."""
    folder.mkdir()
    bins = {
        prefix: msgspec.json.encode(RegistryBin(chapters=listed))
        for prefix, listed in split([one.entry(now) for one in chapters]).items()
    }
    counts = {prefix: len(json.loads(content)["chapters"]) for prefix, content in bins.items()}
    refs = [{"prefix": p, "digest": sha256(content), "count": counts[p]} for p, content in bins.items()]
    registry = hq.registry([], now, bins=refs, fresh_until=to_instant(now + timedelta(days=7)))
    _put(folder, f"/fed/v1/hq/{hq.id}/registry", registry.to_bytes())
    for content in bins.values():
        _put(folder, f"/fed/v1/hq/{hq.id}/bins/{sha256(content)}", content)
    _put_feed(folder, [line.to_bytes() for one in chapters for line in (one.root, one.document)])
    counted = {"chapters": len(chapters), "documents": len(chapters), "listings": 3 * len(chapters)}
    status = {"chapter": None, "hq": hq.id, "hq_root": None, "registry": None, "counts": counted}
    status |= {"clock": to_instant(now), "software": "runtalkrun 0"}
    _put(folder, "/fed/v1/status", json.dumps(status).encode())


def _put_feed(folder: Path, lines: list[bytes]) -> None:
    for start in range(0, len(lines), BLOCK):
        end = min(start + BLOCK, len(lines))
        block = write_block(lines[start:end], Cursor(FEED, end), more=end < len(lines))
        _put(folder, f"/fed/v1/changes?after={f'{FEED}.{start}' if start else ''}", block)
    _put(folder, f"/fed/v1/changes?after={FEED}.{len(lines)}", write_block([], Cursor(FEED, len(lines)), more=False))


def _put(folder: Path, path: str, body: bytes) -> None:
    (folder / quote(path, safe="")).write_bytes(gzip.compress(body, 6))


def serve(folder: Path, port: int) -> None:
    """Answer with what `prepare` wrote; for all else with a problem document, as a node does."""
    nothing = gzip.compress(b'{"status": 404, "code": "not-found"}')

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = folder / quote(self.path, safe="")
            body = file.read_bytes() if file.exists() else nothing
            self.send_response(404 if body is nothing else 200)
            self.send_header("Content-Type", "application/problem+json" if body is nothing else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Encoding", "gzip")
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    ThreadingHTTPServer(("127.0.0.1", port), Answers).serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
