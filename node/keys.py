"""Private keys in files that only their owner can read, and what a next root needs of them."""

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from federation.documents import ChapterRoot, HqRoot
from federation.envelope import Envelope, Kind, seal
from federation.errors import Malformed
from federation.keys import SigningKey
from federation.payloads import write_document

from .config import Settings
from .errors import KeyUnreadable, NodeError


class WrongRootKey(NodeError):
    """A key is none of the root keys that the newest root names, or there are too few keys."""

    code = "wrong-root-key"


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


def waiting_folder(settings: Settings) -> Path:
    """Where new keys wait until a root names them. A process may end between signing that root and `settle`."""
    return settings.signing_key_file.with_name("next")


def make_next(settings: Settings, name: str) -> SigningKey:
    """Make a new key for the file `name` that waits until a root names it. One that waits there already is deleted."""
    key, path = SigningKey.generate(), waiting_folder(settings) / name
    path.unlink(missing_ok=True)
    write_key(path, key)
    return key


def settle(settings: Settings, named: Mapping[str, Collection[str]]) -> None:
    """Put keys that wait in the place of the former ones. `named`: by the name of the file, the keys that count now.

    Idempotent.
    """
    for name, keys in named.items():
        path = waiting_folder(settings) / name
        # As a rule no key waits. Or another process has just done this.
        with suppress(KeyUnreadable, FileNotFoundError):
            if read_key(path).public in keys:
                path.replace(settings.signing_key_file.with_name(name))
    with suppress(OSError):
        waiting_folder(settings).rmdir()


def require_signers(root: ChapterRoot | HqRoot, signers: Mapping[str, SigningKey], whose: str) -> None:
    """Raise WrongRootKey unless these keys may sign the root after `root`.

    `signers`: keys by where each was read from. `whose`: the chapter or HQ, as the refusal names it.
    """
    for name, key in signers.items():
        if key.public not in root.root_keys:
            raise WrongRootKey(f"{name} is none of the root keys that {whose}'s root {root.version} names")
    found = len({key.public for key in signers.values()})
    if found < root.root_threshold:
        raise WrongRootKey(f"{whose}'s next root wants {root.root_threshold} different root keys; this is {found}")


def seal_root(
    kind: Kind,
    document: ChapterRoot | HqRoot,
    former: ChapterRoot | HqRoot,
    signers: Mapping[str, SigningKey],
    new_root_keys: Sequence[SigningKey],
) -> Envelope:
    """Sign with no more former and new root keys than it takes: an envelope holds few signatures."""
    old = {key.public: key for key in signers.values()}
    signing = [*old.values()][: former.root_threshold] + [*new_root_keys][: document.root_threshold]
    return seal(kind, write_document(document), signing)
