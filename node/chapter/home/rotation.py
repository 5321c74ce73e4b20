"""The chapter's next root: its root key signs it, and it names the keys and the address from then on (§5.2, §5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from sqlalchemy import delete
from sqlalchemy.orm import Session

from federation.documents import ChapterRoot
from federation.encodings import is_base_url
from federation.keys import SigningKey
from federation.trust import MAX_ROOTS

from ... import keys
from ...config import Settings
from ...database import Writing, writing
from ...directory import held, roots
from ...errors import InvalidInput
from ...models import (
    Challenge,
    Chapter,
    Passkey,
    PersonSession,
    RecoveryCode,
    RoleInvitation,
    SignInCode,
    SignInLink,
)
from .. import publishing
from . import signing_key


@dataclass(frozen=True)
class Changes:
    """What the next root changes. `is_theft`: somebody else may have the signing key, and was on the server."""

    address: str = ""
    new_signing_key: bool = False
    new_root_key: SigningKey | None = None
    is_theft: bool = False


def require_signers(session: Session, signers: Mapping[str, SigningKey]) -> None:
    """Raise WrongRootKey unless these keys may sign the next root. `signers`: keys by where each was read from."""
    chapter = session.get_one(Chapter, 1)
    keys.require_signers(roots.chain_of(session, chapter.id)[-1].document, signers, "the chapter")


def check(session: Session, settings: Settings, changes: Changes) -> None:
    """Raise InvalidInput for changes that no root can make."""
    root = roots.chain_of(session, session.get_one(Chapter, 1).id)[-1].document
    if root.version == MAX_ROOTS:
        raise InvalidInput({"root": "too_many"})
    if changes.address and not is_base_url(changes.address, settings.network):
        raise InvalidInput({"new_address": "no_address"})
    if changes.address == root.base_url:
        raise InvalidInput({"new_address": "same"})


def sign_next_root(
    session: Session, settings: Settings, signers: Mapping[str, SigningKey], changes: Changes, now: datetime
) -> int:
    """Sign the chapter's next root, and its document under it, and queue both for other nodes. The root's version.

    One transaction: the new key and the new address wait in files until it is committed. `changes.new_root_key` must be
    safe already. Raises WrongRootKey or InvalidInput before any change.
    """
    require_signers(session, signers)
    check(session, settings, changes)
    # A command may have been cut off, and the key that waits may be the one that the present root names. `make_next`
    # would delete it.
    settings = signing_key.settle(session, settings)
    key = keys.make_next(settings, settings.signing_key_file.name) if changes.new_signing_key else None
    if changes.address:
        signing_key.wait_for_root(settings, changes.address)
    with writing(session) as transaction:
        chapter = transaction.get_one(Chapter, 1)
        former = roots.chain_of(transaction, chapter.id)[-1].document
        document = _next(former, chapter.id, key, changes)
        new_root_keys = [changes.new_root_key] if changes.new_root_key else []
        envelope = keys.seal_root("chapter-root", document, former, signers, new_root_keys)
        held.receive(transaction, settings, envelope, now, chapter.id)
        if key:
            _outlive(chapter)
        if changes.is_theft:
            _sign_everybody_out(transaction)
        lives_at = replace(settings, base_url=document.base_url)
        publishing.publish(transaction, lives_at, now, urgent=True, is_word_of_lead=False)
    signing_key.settle(session, settings)
    return document.version


def _next(former: ChapterRoot, chapter_id: str, key: SigningKey | None, changes: Changes) -> ChapterRoot:
    document = msgspec.structs.replace(former, version=former.version + 1, chapter=chapter_id)
    if key:
        document = msgspec.structs.replace(document, signing_keys=[key.public])
    if changes.new_root_key:
        document = msgspec.structs.replace(document, root_keys=[changes.new_root_key.public], root_threshold=1)
    return msgspec.structs.replace(document, base_url=changes.address) if changes.address else document


def _outlive(chapter: Chapter) -> None:
    """Begin again below whatever version the former key has signed, and without a second server that had it.

    A thief may have signed the highest version there is. The floor of it goes everywhere, since no key of the new root
    signed it (§5.3).
    """
    chapter.last_version = 0
    chapter.rival_since = chapter.met_at = None


def _sign_everybody_out(session: Writing) -> None:
    """End every way to sign in: whoever was on the server may have made one. `rtr signin-link` lets leads in again."""
    for kept in (PersonSession, SignInLink, SignInCode, Passkey, RecoveryCode, Challenge, RoleInvitation):
        session.execute(delete(kept))
