"""Long answers that wait for their readers: in memory, in bounded room, and without a worker.

waitress copies what a slow reader has not taken yet, and writes an answer over 1 MB to a file in /tmp. In a container
/tmp is memory, too, and so little that eight readers who read nothing filled it up for all. So waitress gets a long
answer as a file (`wsgi.file_wrapper`, PEP 3333) that lies in memory. It reads from the file what the reader takes, and
closes the file at the answer's end or the connection's. Equal answers lie there once, however many ask for the same
block of the feed. Where different ones need too much room, the one gives way whose reader has taken nothing for the
longest: its connection ends, and the reader asks again. To refuse the newest instead would let four readers who read
nothing shut the feed for all others.
"""

from collections.abc import Iterable
from io import BytesIO
from operator import attrgetter
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Bytes of an answer from which on it is a long one.
LONG_ANSWER = 64 * 1024
#: Bytes of different long answers that wait for their readers at a time: four of the longest (a block of the feed).
UNREAD_ROOM = 32 * 1024 * 1024


class _Waiting(BytesIO):
    """The body of one answer, as waitress reads it.

    `body` is empty once the answer needs no room any more. `taken_at`: when waitress last read from it, which it does
    when the connection takes more.
    """

    def __init__(self, body: bytes) -> None:
        super().__init__(body)  # which copies nothing
        self.body, self.taken_at = body, monotonic()

    def read(self, size: int | None = -1, /) -> bytes:
        """Raises OSError, at which waitress hangs up, if the answer has given way. waitress reads nothing at an end."""
        part = super().read(size)
        if not part:
            raise ConnectionAbortedError("another answer needed the room")
        self.taken_at = monotonic()
        return part

    def give_way(self) -> None:
        """Need no room any more; in any thread, also while another one reads."""
        self.body = b""
        self.truncate(0)

    def close(self) -> None:
        """Need no room any more."""
        self.body = b""
        super().close()


class LongAnswers:
    """A WSGI application that answers as `app` does."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._lock = Lock()
        self._waiting: list[_Waiting] = []

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        length = 0

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal length
            length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
            return start_response(status, headers, *error)

        parts = self._app(environ, start)
        # What is a file already, as a backup is, waits on the disk.
        if length <= LONG_ANSWER or isinstance(parts, environ["wsgi.file_wrapper"]):
            return parts
        body = _joined(parts)
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](self._kept(body)) if body else [body]
        return wrapped

    def _kept(self, body: bytes) -> _Waiting:
        with self._lock:
            waiting = sorted((one for one in self._waiting if one.body), key=attrgetter("taken_at"))
            newest = _Waiting(next((one.body for one in waiting if one.body == body), body))
            while waiting and _room([*waiting, newest]) > UNREAD_ROOM:
                waiting.pop(0).give_way()
            self._waiting = [*waiting, newest]
        return newest


def _room(waiting: list[_Waiting]) -> int:
    return sum(len(body) for body in {id(one.body): one.body for one in waiting}.values())


def _joined(parts: Iterable[bytes]) -> bytes:
    try:
        return b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
