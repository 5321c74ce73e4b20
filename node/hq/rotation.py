"""HQ's next root: the root keys sign it, and it names the online keys (PROTOCOL.md §5.2, §6.4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from federation.documents import HqRoot
from federation.encodings import to_instant
from federation.keys import SigningKey
from federation.trust import Root

from .. import keys
from ..config import Settings
from ..database import writing
from ..directory import registry
from . import history, online_keys
from .founding import ROOT_LIFE, THRESHOLD
from .history import COMMAND_LINE
from .registry import entries, sign_registry


def require_signers(session: Session, signers: Mapping[str, SigningKey]) -> None:
    """Raise WrongRootKey unless these keys may sign HQ's next root. `signers`: keys by where each was read from."""
    keys.require_signers(registry.chain_of(session)[-1].document, signers, "HQ")


def sign_next_root(
    session: Session,
    settings: Settings,
    signers: Mapping[str, SigningKey],
    now: datetime,
    *,
    new_online_keys: bool = False,
    new_root_keys: Sequence[SigningKey] = (),
) -> int:
    """Sign HQ's next root, and the registry under it. Other nodes follow when they read HQ next. The root's version.

    `new_root_keys`: all root keys from then on; they must be safe already. Raises WrongRootKey before any change.
    """
    require_signers(session, signers)
    # A command may have been cut off, and the keys that wait may be those that the present root names. `make` would
    # delete them.
    online_keys.settle(settings, registry.chain_of(session)[-1].document)
    online = online_keys.make(settings) if new_online_keys else None
    with writing(session) as transaction:
        former = registry.chain_of(transaction)[-1]
        document = _next(former, now, online, new_root_keys)
        envelope = keys.seal_root("hq-root", document, former.document, signers, new_root_keys)
        registry.receive_root(transaction, envelope)
        history.record(transaction, "root", COMMAND_LINE, None, now)
        sign_registry(transaction, settings, entries(transaction), now, online[0] if online else None)
    online_keys.settle(settings, document)
    return document.version


def _next(
    former: Root[HqRoot],
    now: datetime,
    online: tuple[SigningKey, SigningKey] | None,
    new_root_keys: Sequence[SigningKey],
) -> HqRoot:
    document = msgspec.structs.replace(
        former.document, version=former.version + 1, hq=former.id, expires=to_instant(now + ROOT_LIFE)
    )
    if online:
        registry_key, bulletin_key = online
        document = msgspec.structs.replace(
            document, registry_keys=[registry_key.public], bulletin_keys=[bulletin_key.public]
        )
    if new_root_keys:
        public = [key.public for key in new_root_keys]
        document = msgspec.structs.replace(document, root_keys=public, root_threshold=THRESHOLD)
    return document
