"""The change feed: cursors, and blocks of newline-delimited JSON (PROTOCOL.md §9)."""

import re
from dataclasses import dataclass

from .errors import Malformed, UnknownCursor
from .strict_json import parse

BLOCK = 500
#: Bytes of the envelopes of one unpacked block. A block with more ends before its 500th number (§9.1).
MAX_BLOCK = 8 * 1024 * 1024
MAX_LINE = 1024
_CURSOR = re.compile(r"([a-z2-7]{8})\.([0-9]{1,15})\Z")
_START = "0"


@dataclass(frozen=True)
class Cursor:
    """A position in one node's feed: everything up to and including number `seq` has been read."""

    feed: str
    seq: int

    def __str__(self) -> str:
        return f"{self.feed}.{self.seq}"


@dataclass(frozen=True)
class Block:
    """The unread envelopes of one block, and where the feed goes on. `more`: the next block is there already."""

    envelopes: list[bytes]
    cursor: Cursor
    more: bool


def read_cursor(text: str | None, feed: str, newest: int) -> int:
    """The number after which `feed` is to be read. 0 without a cursor.

    Raises Malformed, or UnknownCursor for a cursor of another feed, or beyond the end of this one (§9.3).
    """
    if text in (None, "", _START):
        return 0
    match = _CURSOR.match(text or "")
    if not match:
        raise Malformed("a cursor is <feed>.<seq>")
    if match[1] != feed or int(match[2]) > newest:
        raise UnknownCursor("a cursor of another feed, or beyond this one's end: start again without one")
    return int(match[2])


def block_end(after: int) -> int:
    """The last number of the block after `after`. Blocks end at multiples of 500, so that full ones can be cached."""
    return (after // BLOCK + 1) * BLOCK


def write_block(envelopes: list[bytes], cursor: Cursor, more: bool) -> bytes:
    """A block as one envelope a line. The last line has the cursor, which an answer that was cut short lacks."""
    last = f'{{"cursor":"{cursor}","more":{"true" if more else "false"}}}'.encode()
    return b"".join(line + b"\n" for line in [*envelopes, last])


def read_block(data: bytes) -> Block:
    """The block in `data`. Raises Malformed if it was cut short, so that it never moves the cursor (§9.2)."""
    if not data.endswith(b"\n"):
        raise Malformed("the feed was cut short")
    # Only so many lines are split: millions of empty lines fit into a few packed bytes.
    *envelopes, last, rest = data.split(b"\n", BLOCK + 1)
    if rest:
        raise Malformed(f"over {BLOCK} lines in a block")  # no cap of bytes (§2.4)
    end = parse(last, cap=MAX_LINE)
    match = _CURSOR.match(end["cursor"]) if isinstance(end.get("cursor"), str) else None
    if not match or not isinstance(end.get("more"), bool):
        raise Malformed("the feed has no last line with cursor and more")
    return Block(envelopes, Cursor(match[1], int(match[2])), end["more"])
