"""HQ's keys on its server: the registry key and the bulletin key. New ones wait until HQ's root names them."""

from sqlalchemy.orm import Session

from federation.documents import HqRoot
from federation.keys import SigningKey

from .. import keys
from ..config import Settings
from ..directory import registry
from ..errors import KeyUnreadable

BULLETIN = "bulletin.key"


def make(settings: Settings) -> tuple[SigningKey, SigningKey]:
    """Make a new registry key and a new bulletin key where `settle` finds them. Keys that wait there are deleted."""
    return keys.make_next(settings, settings.signing_key_file.name), keys.make_next(settings, BULLETIN)


def settle(settings: Settings, root: HqRoot) -> None:
    """Put new keys that `root` names in the place of the former ones (node.keys)."""
    keys.settle(settings, {settings.signing_key_file.name: root.registry_keys, BULLETIN: root.bulletin_keys})


def registry_key(session: Session, settings: Settings) -> SigningKey:
    """The key that signs the registry. Raises KeyUnreadable if it is gone, or if HQ's newest root does not name it."""
    root = registry.chain_of(session)[-1]
    settle(settings, root.document)
    key = keys.load_signing_key(settings)
    if key.public not in root.document.registry_keys:
        raise KeyUnreadable(
            f"{settings.signing_key_file} is no key that HQ's root {root.version} names: "
            "put the newest one there, or make another with `rtr hq root`"
        )
    return key
