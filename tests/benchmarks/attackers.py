"""Who attacks, in a process of their own: `python -m tests.benchmarks.attackers KIND SECONDS PORT`.

All of it goes to 127.0.0.1, is bounded in number, and ends by itself after so many seconds.
"""

import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count

from federation.encodings import to_instant

from ..support.federation_makers import ChapterMaker, Members, listing, point, said, schedule

#: Chapters whose documents are handed in, each from an address of its own.
ADDRESSES = 12
_PIPELINES, _PIPELINED = 4, 60
_SLOW_CONNECTIONS = 100
#: What the dripping host takes for each root (seconds), and how many roots it says there are.
_DRIP_SECONDS, DRIPPED_ROOTS = 9, 255
#: Listings of a heavy document, and said dates of each: as many as fit.
_LISTINGS, _DATES = 50, 10


class LocalChapter(ChapterMaker):
    """A chapter whose host is a port of this machine."""

    def __init__(self, name: str, port: int) -> None:
        self.port = port
        super().__init__(name)

    def root_members(self, version: int = 1, **changes: object) -> Members:
        """The maker's, with that host."""
        return super().root_members(version, base_url=f"http://127.0.0.1:{self.port}", **changes)


def heavy(number: int) -> LocalChapter:
    """The chapter whose documents the address `number` hands in; nobody listens at its host."""
    return LocalChapter(f"heavy {number}", 10_100 + number)


def dripping(port: int) -> LocalChapter:
    """The chapter whose own host drips its roots."""
    return LocalChapter("dripping", port)


def heavy_listings(now: datetime) -> list[Members]:
    """As much as a document may hold, of today."""
    first = now.date() + timedelta(days=2)
    days = [(first + timedelta(weeks=week)).isoformat() for week in range(_DATES)]
    rule = f"FREQ=WEEKLY;INTERVAL=1;BYDAY={first:%a}"[:-1].upper()
    return [
        listing(
            id=f"evenin{'abcdefghij'[number // 10]}{'abcdefghij'[number % 10]}",
            schedule=schedule(dtstart=f"{first.isoformat()}T18:30", rrule=rule),
            meeting_point=point(name="Leeds", directions="x" * 40, lat_e4=538008, lon_e4=-15491),
            dates=[said(day, at=to_instant(now - timedelta(hours=9))) for day in days],
        )
        for number in range(_LISTINGS)
    ]


def hand_in(port: int, address: int, path: str, body: bytes) -> int:
    """PUT from the address `address`; the status of the answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20, source_address=(f"127.0.1.{address + 1}", 0))
    headers = {"X-Forwarded-For": f"198.51.100.{address + 1}", "Content-Type": "application/json"}
    try:
        connection.request("PUT", f"/fed/v1{path}", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _hand_in_heavy(port: int, ends: float) -> None:
    def one(number: int) -> None:
        chapter, now = heavy(number), datetime.now(UTC).replace(microsecond=0)
        listings = heavy_listings(now)
        for second in count():
            if time.monotonic() > ends:
                return
            body = chapter.document(now - timedelta(hours=6) + timedelta(seconds=second), listings=listings).to_bytes()
            with suppress(OSError, HTTPException):
                hand_in(port, number, f"/documents/{chapter.id}", body)

    _side_by_side([lambda number=number: one(number) for number in range(ADDRESSES)])


def _side_by_side(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _pipeline(port: int, ends: float) -> None:
    """Again and again, whenever the server hangs up."""

    def one() -> None:
        while time.monotonic() < ends:
            with suppress(OSError), socket.socket() as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                line.settimeout(1)
                line.connect(("127.0.0.1", port))
                line.sendall(_head(port, "GET /fed/v1/changes").encode() * _PIPELINED)
                _until_hung_up(line, ends)

    _side_by_side([one] * _PIPELINES)


def _until_hung_up(line: socket.socket, ends: float) -> None:
    """Reads nothing; finds out by sending."""
    while time.monotonic() < ends:
        time.sleep(0.5)
        line.sendall(b"\r\n")


def _stand(port: int, ends: float) -> None:
    """A third says nothing, a third drips its head, a third its body; who is hung up on comes again."""
    begins = ("", _head(port, "GET /runs")[:-2] + "X-Slow: ", _head(port, "PUT /runs", "Content-Length: 60000"))
    lines: dict[int, socket.socket] = {}
    while time.monotonic() < ends:
        for number in range(_SLOW_CONNECTIONS):
            try:
                if number in lines and number % 3:
                    lines[number].sendall(b"x")
                elif number not in lines:
                    lines[number] = socket.create_connection(("127.0.0.1", port), timeout=1)
                    lines[number].sendall(begins[number % 3].encode())
            except OSError:
                lines.pop(number).close() if number in lines else None
        time.sleep(1)
    for line in lines.values():
        line.close()


def _head(port: int, asks: str, *fields: str) -> str:
    lines = [f"{asks} HTTP/1.1", f"Host: 127.0.0.1:{port}", "X-Forwarded-For: 198.51.100.99", *fields]
    return "".join(f"{line}\r\n" for line in [*lines, ""])


def _drip(port: int, ends: float) -> None:
    """The host of one chapter: everything at once but its roots, of which each takes its time."""
    chapter = dripping(port)
    roots = [chapter.roots[0], *(chapter.rotate() for _ in range(DRIPPED_ROOTS - 1))]
    feed = chapter.document(datetime.now(UTC).replace(microsecond=0)).to_bytes()

    def answer(line: socket.socket) -> None:
        with suppress(OSError, ValueError, IndexError), line:
            line.settimeout(5)
            path = line.recv(8192).split(b" ")[1].decode()
            if "/root/" in path:
                body, slowly = roots[int(path.rpartition("/")[2]) - 1].to_bytes(), True
            elif "/changes" in path:
                body, slowly = feed + b'\n{"cursor":"abcdefgh.1","more":false}\n', False
            else:
                body, slowly = b"{}", False
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            line.sendall(f"{head}Connection: close\r\n\r\n".encode())
            for part in range(_DRIP_SECONDS if slowly and not path.endswith("/1") else 0):
                line.sendall(body[part : part + 1])
                time.sleep(min(1, max(0, ends - time.monotonic())))
                body = body if part < _DRIP_SECONDS - 1 else body[_DRIP_SECONDS:]
            line.sendall(body)

    with socket.create_server(("127.0.0.1", port)) as server:
        server.settimeout(0.5)
        while time.monotonic() < ends:
            with suppress(TimeoutError):
                threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()


KINDS = {"put": _hand_in_heavy, "pipeline": _pipeline, "stand": _stand, "drip": _drip}


if __name__ == "__main__":
    kind, seconds, at = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    print("begins", flush=True)
    KINDS[kind](at, time.monotonic() + seconds)
