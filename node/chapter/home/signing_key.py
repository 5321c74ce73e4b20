"""The chapter's signing key: the one that its newest root names. A new one waits in a folder until a root names it."""

from contextlib import suppress
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import ChapterRoot
from federation.keys import SigningKey

from ... import config, keys
from ...config import Settings
from ...directory import roots
from ...errors import KeyUnreadable
from ...models import Chapter

#: The file in which a new address waits until a root names it.
_ADDRESS = "address"


def signing_key(session: Session, settings: Settings) -> SigningKey:
    """The key that signs the chapter's documents. Raises KeyUnreadable if it is gone, or if no root names it."""
    chapter = session.get_one(Chapter, 1)
    chain = roots.chain_of(session, chapter.id)
    named = chain[-1].document.signing_keys
    path = settings.signing_key_file
    # As a rule no key waits, or none that a root names.
    with suppress(KeyUnreadable):
        if (waiting := keys.read_key(keys.waiting_folder(settings) / path.name)).public in named:
            return waiting
    key = keys.load_signing_key(settings)
    if key.public not in named:
        raise KeyUnreadable(
            f"{path} is no key that the chapter's root {chain[-1].version} names: put the newest one there, or make "
            "another with `rtr root`"
        )
    return key


def wait_for_root(settings: Settings, address: str) -> None:
    """Keep a new address until a root names it."""
    folder = keys.waiting_folder(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / _ADDRESS).write_text(address + "\n")


def settle(session: Session, settings: Settings) -> Settings:
    """Put a new key and a new address in their places, if the newest root names them. The settings from then on.

    Idempotent: a command may have been cut off between signing the root and this.
    """
    if settings.is_hq or not keys.waiting_folder(settings).exists():
        return settings
    chain = roots.chain_of(session, session.scalar(select(Chapter.id)) or "")
    if not chain:
        return settings
    moved = _settle_address(settings, chain[-1].document)
    keys.settle(settings, {settings.signing_key_file.name: chain[-1].document.signing_keys})
    return moved


def _settle_address(settings: Settings, root: ChapterRoot) -> Settings:
    path = keys.waiting_folder(settings) / _ADDRESS
    if not path.exists() or path.read_text().strip() != root.base_url:
        return settings
    values = {"BASE_URL": root.base_url}
    if settings.network == "loopback":
        values["PORT"] = root.base_url.rpartition(":")[2]
    config.change(settings.data, values)
    path.unlink(missing_ok=True)
    return replace(settings, base_url=root.base_url, port=int(values.get("PORT", settings.port)))
