"""Whether a write-ahead log belongs to the database that it lies beside.

Somebody puts a copy of node.sqlite in the place of one whose server was killed, and leaves node.sqlite-wal there.
SQLite takes the log for the copy's own, and writes its pages into the copy at the next start: a mixture of two, which
may even look whole. SQLite cannot know better, since a log does not say whose it is. Two things tell:

- A copy that SQLite has made of a database (VACUUM INTO) says that it has no log, until it is used.
- Each writing raises the revision by one (node.database). So the first revision in a log of the database's own is the
  next one, or one that a checkpoint which was cut off has moved into the database already.

Formats: sqlite.org/fileformat2.html, its sections on b-tree pages and on the write-ahead log.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

_HEADER, _FRAME = 32, 24
_LEAF = 13
#: Bytes of an integer by its type.
_WIDTHS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0}


def is_foreign(database: Path) -> bool:
    """Whether the log beside `database` is another's. No process may have the database open. Raises OSError.

    A log cannot be told that has no public change, which is the last minute before the kill at most; nor where the
    tables of the two lie on other pages.
    """
    log = database.with_name(f"{database.name}-wal")
    if not log.exists() or log.stat().st_size <= _HEADER or database.stat().st_size == 0:
        return False
    if not _has_logs(database):
        return True
    try:
        found = _place_and_number(database)
    except sqlite3.DatabaseError:
        return False  # a damaged one is refused elsewhere, in other words
    if found is None:
        return False  # one of the first version has no revision
    page, held = found
    logged = list(_numbers(log, page))
    return bool(logged) and held + 1 != logged[0] and held not in logged


def _has_logs(database: Path) -> bool:
    """Whether the database says that its changes go into a log."""
    with database.open("rb") as file:
        head = file.read(20)
    return not head.startswith(b"SQLite format 3") or head[18:20] == b"\2\2"


def _place_and_number(database: Path) -> tuple[int, int] | None:
    """The page of the revision, and its number in the database without the log. None where there is no revision."""
    with closing(sqlite3.connect(f"{database.as_uri()}?immutable=1", uri=True)) as alone:
        page = alone.execute("SELECT rootpage FROM sqlite_master WHERE name = 'revision'").fetchone()
        number = alone.execute("SELECT number FROM revision").fetchone() if page else None
    return (page[0], number[0]) if page and number else None


def _numbers(log: Path, page: int) -> Iterator[int]:
    """The revision in each version of its page in the log, the oldest first. What an older log left behind ends it."""
    with log.open("rb") as file:
        header = file.read(_HEADER)
        size, salts = int.from_bytes(header[8:12], "big"), header[16:24]
        while len(frame := file.read(_FRAME + size)) == _FRAME + size and frame[8:16] == salts:
            if int.from_bytes(frame[:4], "big") == page and (number := _number_in(frame[_FRAME:])) is not None:
                yield number


def _number_in(page: bytes) -> int | None:
    """The number in the only row of a leaf page of the table `revision`: its second column. None for any other page.

    A record is its size, the row's number, the size of the head, a type for each column, and the columns. Each of these
    is one byte here, but for the last column.
    """
    if page[0] != _LEAF or page[3:5] != b"\0\1":
        return None
    cell = int.from_bytes(page[8:10], "big")
    row, head, kind = page[cell + 1], page[cell + 2], page[cell + 4]
    if (row, head) != (1, 3) or kind not in _WIDTHS:
        return None
    # The numbers 0 and 1 are types of their own, and have no bytes.
    body, width = cell + 2 + head, _WIDTHS[kind]
    return int.from_bytes(page[body : body + width], "big", signed=True) if width else kind - 8
