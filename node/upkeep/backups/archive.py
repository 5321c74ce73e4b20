"""One file of age around a compressed tar, written and read a piece at a time, so that memory is no matter.

`age --decrypt --identity KEY FILE | tar -xz` opens it, too: nobody needs this program for that.
"""

import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from ...errors import NodeError

if TYPE_CHECKING:
    from pyrage import x25519

_PIECE = 64 * 1024
#: zlib's usual 6 takes twice the time, for a tenth fewer bytes.
_LEVEL = 1
_GZIP = zlib.MAX_WBITS + 16

#: Told how many bytes are done, of how many.
Progress = Callable[[int, int], object]


class BadBackup(NodeError):
    """A file is no backup that can be put back. The message is one line."""

    code = "bad-backup"


@dataclass(frozen=True)
class Part:
    """One file of a backup: its name there, and where its `size` bytes are read from."""

    name: str
    source: BinaryIO
    size: int


def write(path: Path, parts: Sequence[Part], recipient: str, made_at: int) -> None:
    """Write a new file (0600) that only the secret half of `recipient` opens, and sync it. `made_at`: seconds of Unix.

    Raises OSError where the disk takes no more.
    """
    from pyrage import EncryptError, encrypt_io, x25519  # here and below: a serving node does without

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        source, target = _Reading(_packed(_tar(parts, made_at))), _Writing(file)
        try:
            encrypt_io(source, target, [x25519.Recipient.from_str(recipient)])
        except EncryptError as error:
            # The library tells of a full disk in words alone.
            raise source.error or target.error or error from error
        file.flush()
        os.fsync(file.fileno())


def decrypt(path: Path, identity: "x25519.Identity", into: Path, progress: Progress) -> None:
    """Write what is inside of the file of age into a new file (0600). Raises BadBackup, OSError."""
    from pyrage import DecryptError, decrypt_io

    whole = path.stat().st_size
    with path.open("rb") as file, os.fdopen(os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        source = _Reading(iter(lambda: file.read(_PIECE), b""), lambda done: progress(done, whole))
        target = _Writing(out)
        try:
            decrypt_io(source, target, [identity])
        except (DecryptError, OSError) as error:
            if isinstance(source.error or target.error, OSError):
                raise source.error or target.error or error from error
            if "No matching keys" in str(error):
                raise BadBackup(f"this key does not open {path}: it was made for another one") from error
            raise BadBackup(f"{path} is no whole backup: it was cut off, or changed, or is another file") from error


def unpack(packed: Path, folder: Path, names: Callable[[str], bool], progress: Progress) -> None:
    """Write each file of the compressed tar `packed` into `folder` (0600).

    Raises BadBackup for one whose name does not pass `names`.
    """
    whole = packed.stat().st_size
    with packed.open("rb") as file:
        try:
            with tarfile.open(fileobj=file, mode="r|gz") as tar:
                for member in tar:
                    content = tar.extractfile(member) if member.isreg() and names(member.name) else None
                    if content is None:
                        raise BadBackup(f"the backup holds {member.name!r}, which belongs in none")
                    _write_out(content, folder / member.name, lambda: progress(file.tell(), whole))
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise BadBackup("what is inside of the backup cannot be unpacked") from error


def _write_out(content: IO[bytes], path: Path, told: Callable[[], object]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while piece := content.read(_PIECE):
            out.write(piece)
            told()
        out.flush()
        os.fsync(out.fileno())


def _tar(parts: Sequence[Part], made_at: int) -> Iterator[bytes]:
    for part in parts:
        head = tarfile.TarInfo(part.name)
        head.size, head.mode, head.mtime = part.size, 0o600, made_at
        yield head.tobuf()
        left = part.size
        while left:
            piece = part.source.read(min(left, _PIECE))
            if not piece:
                raise BadBackup(f"{part.name} became shorter while it was read")
            left -= len(piece)
            yield piece
        yield bytes(-part.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _packed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(_LEVEL, wbits=_GZIP)
    for piece in pieces:
        yield packing.compress(piece)
    yield packing.flush()


class _Reading:
    """A file that is read from pieces as they come. It keeps its error, since the library loses it."""

    def __init__(self, pieces: Iterator[bytes], told: Callable[[int], object] = lambda _: None) -> None:
        self._pieces, self._told = pieces, told
        self._rest, self._done = b"", 0
        self.error: Exception | None = None

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        try:
            while not self._rest and (piece := next(self._pieces, None)) is not None:
                self._rest = piece
        except Exception as error:
            self.error = error
            raise
        found, self._rest = self._rest[:size], self._rest[size:]
        self._done += len(found)
        self._told(self._done)
        return found


class _Writing:
    """A file that is written to. It keeps its error, since the library loses it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: Exception | None = None

    def write(self, piece: bytes) -> int:
        """How many bytes were written: all."""
        try:
            return self._file.write(piece)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        """Nothing: `write` of this module does it once, at the end."""
