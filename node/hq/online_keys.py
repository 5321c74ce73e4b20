"""HQ's keys on its server: the registry key and the bulletin key. New ones wait until HQ's root names them."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy.orm import Session

from federation.documents import HqRoot
from federation.keys import SigningKey

from ..config import Settings
from ..directory import registry
from ..errors import KeyUnreadable
from ..keys import load_signing_key, read_key, write_key

BULLETIN = "bulletin.key"


def make(settings: Settings) -> tuple[SigningKey, SigningKey]:
    """Make a new registry key and a new bulletin key where `settle` finds them. Keys that wait there are deleted."""
    made = SigningKey.generate(), SigningKey.generate()
    for name, key in zip((settings.signing_key_file.name, BULLETIN), made, strict=True):
        (_waiting(settings) / name).unlink(missing_ok=True)
        write_key(_waiting(settings) / name, key)
    return made


def settle(settings: Settings, root: HqRoot) -> None:
    """Put new keys that `root` names in the place of the former ones.

    Idempotent: a process may be cut off between signing the root and this. The next signature then does it.
    """
    for name, keys in {settings.signing_key_file.name: root.registry_keys, BULLETIN: root.bulletin_keys}.items():
        path = _waiting(settings) / name
        # As a rule no key waits. Or another process has just done this.
        with suppress(KeyUnreadable, FileNotFoundError):
            if read_key(path).public in keys:
                path.replace(settings.signing_key_file.with_name(name))
    with suppress(OSError):
        _waiting(settings).rmdir()


def registry_key(session: Session, settings: Settings) -> SigningKey:
    """The key that signs the registry. Raises KeyUnreadable if it is gone, or if HQ's newest root does not name it."""
    root = registry.chain_of(session)[-1]
    settle(settings, root.document)
    key = load_signing_key(settings)
    if key.public not in root.document.registry_keys:
        raise KeyUnreadable(
            f"{settings.signing_key_file} is no key that HQ's root {root.version} names: "
            "put the newest one there, or make another with `rtr hq root`"
        )
    return key


def _waiting(settings: Settings) -> Path:
    return settings.signing_key_file.with_name("next")
