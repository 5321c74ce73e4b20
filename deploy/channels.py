"""Connections as waitress has them, but for long answers: one is the last on its connection, and waits in memory.

waitress itself writes an answer that is read slowly into a file in /tmp. In a container that is memory, too, and so
little that a few who read nothing filled it up for all. Here an answer waits as the bytes that the application gave.
Equal ones wait once: however many ask for the same block of the feed. Where different ones need too much room, whoever
has had the most time to read is hung up on; they ask again.
"""

from io import BytesIO
from threading import Lock
from time import monotonic
from typing import Any

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

#: Bytes of an answer from which on it is a long one.
LONG_ANSWER = 64 * 1024
#: Bytes of different long answers that wait for their readers at a time: four of the longest (a block of the feed).
UNREAD_ROOM = 32 * 1024 * 1024

_beginning = Lock()


class _Task(WSGITask):  # type: ignore[misc]
    """One request, and its answer."""

    def build_response_header(self) -> bytes:
        """As if whoever asks for a long answer had asked for the connection's end, too (RFC 9112 §9.6)."""
        if (self.content_length or 0) > LONG_ANSWER and self.request.command != "HEAD":
            self.request.headers["CONNECTION"] = "close"
        head: bytes = super().build_response_header()
        return head

    def write(self, data: bytes) -> None:
        """What is the whole of a long answer is left as it is, and never copied."""
        if not self.has_body or not self.content_length == len(data) > LONG_ANSWER:
            super().write(data)
            return
        super().write(b"")  # the head
        self.channel.send_last(data)
        self.content_bytes_written += len(data)


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection. `unread` is the long answer that was begun at `since` and is not sent yet."""

    task_class = _Task
    unread = b""
    since = 0.0

    def send_last(self, body: bytes) -> None:
        """Send `body` bit by bit, as its reader reads."""
        with _beginning:
            others = [one for one in _all_of(self._map) if one.unread]
            self.unread = next((one.unread for one in others if one.unread == body), body)
            self.since = monotonic()
            _make_room([*others, self])
        waiting = ReadOnlyFileBasedBuffer(BytesIO(self.unread))
        waiting.prepare()
        self.write_soon(waiting)

    def give_up(self) -> None:
        """Hang up soon, in the server's loop; what waits needs no room from now on."""
        self.unread = b""
        self.server.trigger.pull_trigger(self.handle_close)


def _all_of(dispatchers: dict[int, Any]) -> list[Channel]:
    return [one for one in dispatchers.copy().values() if isinstance(one, Channel)]


def _make_room(waiting: list[Channel]) -> None:
    """Whoever began first goes first; the one that begins now never does."""
    *former, newest = waiting
    oldest_first = [*sorted(former, key=lambda one: one.since), newest]
    while len(oldest_first) > 1 and _room(oldest_first) > UNREAD_ROOM:
        oldest_first.pop(0).give_up()


def _room(waiting: list[Channel]) -> int:
    return sum(len(body) for body in {id(one.unread): one.unread for one in waiting}.values())
