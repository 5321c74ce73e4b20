"""Where a string can hide: in bytes as they are, in what they pack, and in every row and file of a node."""

import gzip
import re
import sqlite3
import zlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_GZIP = b"\x1f\x8b\x08"
_DEPTH = 4


def layers(data: bytes, depth: int = _DEPTH) -> Iterator[bytes]:
    """`data`, and what is packed in it: an envelope's payload is base64, and blocks of the feed are gzip."""
    yield data
    if depth:
        for inner in _inside(data):
            yield from layers(inner, depth - 1)


def found(secrets: Iterable[bytes], data: bytes) -> set[bytes]:
    """Those of `secrets` that stand in `data`, whether in capitals or not."""
    texts = b"\n".join(layers(data)).lower()
    return {one for one in secrets if one.lower() in texts}


def files(folder: Path) -> dict[str, bytes]:
    """Each file under `folder`, and each row of each database: a long value is torn over pages of its file."""
    read = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    rows = {f"{name}: rows": b"\n".join(_values(folder / name)) for name in read if name.endswith(".sqlite")}
    return read | rows


def _inside(data: bytes) -> Iterator[bytes]:
    at = data.find(_GZIP)
    if at >= 0:
        with suppress(OSError, EOFError, zlib.error):
            yield gzip.decompress(data[at:])
    for one in _BASE64.finditer(data):
        text = one[0].rstrip(b"=")
        for decode in (b64decode, urlsafe_b64decode):
            with suppress(ValueError):
                yield decode(text + b"=" * (-len(text) % 4))


def _values(database: Path) -> Iterator[bytes]:
    connection = sqlite3.connect(database)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in names:
        with suppress(sqlite3.OperationalError):  # an index of words has tables of its own kind
            for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608
                yield from (one if isinstance(one, bytes) else str(one).encode() for one in row if one is not None)
    connection.close()
