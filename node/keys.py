"""Private keys in files that only their owner can read."""

import os
from pathlib import Path

from federation.errors import Malformed
from federation.keys import SigningKey

from .config import Settings
from .errors import KeyUnreadable


def load_signing_key(settings: Settings) -> SigningKey:
    """The chapter's signing key (HQ: the registry key). KeyUnreadable says in one line what to do."""
    return read_key(settings.signing_key_file)


def read_key(path: Path) -> SigningKey:
    """The private key in a file, a signing key or a root key. KeyUnreadable says in one line what to do."""
    try:
        return SigningKey(path.read_text().strip())
    except OSError as error:
        raise KeyUnreadable(f"{path} cannot be read ({error.strerror}): put the key's file there") from error
    except (Malformed, UnicodeError) as error:
        raise KeyUnreadable(f"{path} is no key: it must be 64 hex digits, as `rtr init` wrote it") from error


def write_key(path: Path, key: SigningKey) -> None:
    """Write `key` to the new file `path` (0600), down to the disk: what it signs is on the disk right after it.

    Raises FileExistsError if the file exists.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key.seed_hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
