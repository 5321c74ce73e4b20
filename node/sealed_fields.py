"""What a person told only this chapter, sealed in the database: a copy of its file without the key says nothing.

Each value is sealed by AES-GCM and bound to its table, column and row, so that nobody who can write the file can put
one person's words under another's name. The key lies outside the data folder (Settings.members_key_file). Addresses are
looked up by an HMAC. Tokens of private links are made from the key, too, so that a letter can name a link again that
the database knows by its hash alone.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64encode
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from .config import Settings
from .database import Writing
from .errors import CannotUnseal
from .models import Upkeep

_NONCE = 12
_KEY = 32
_PROOF = "the key of this folder"


class MembersKey:
    """The key of one chapter's members, in three parts: to seal, to look up, to make tokens."""

    def __init__(self, secret: bytes) -> None:
        self._sealing = AESGCM(_part(secret, b"seal"))
        self._index, self._tokens = _part(secret, b"index"), _part(secret, b"token")

    def seal(self, field: str, row: object, text: str) -> bytes:
        """Seal `text` for the column `field` (such as "coming.name") of the row whose key is `row`."""
        nonce = os.urandom(_NONCE)
        return nonce + self._sealing.encrypt(nonce, text.encode(), _place(field, row))

    def open(self, field: str, row: object, sealed: bytes) -> str:
        """The text. Raises CannotUnseal where another key, or for another place, has sealed it."""
        try:
            return self._sealing.decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(field, row)).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotUnseal(f"{field} was sealed by another key: put the folder's own members' key back") from error

    def open_if(self, field: str, row: object, sealed: bytes | None) -> str:
        """The text; empty where there is none."""
        return "" if sealed is None else self.open(field, row, sealed)

    def index(self, purpose: str, text: str) -> str:
        """A name for `text` that only this node can make: 64 hex digits. It takes upper for lower case."""
        return hmac.new(self._index, f"{purpose}\n{text.strip().casefold()}".encode(), hashlib.sha256).hexdigest()

    def token(self, purpose: str, *about: object) -> str:
        """A token that nobody can guess, always the same for the same things: 43 letters of base64url."""
        text = "\n".join(str(one) for one in (purpose, *about))
        return urlsafe_b64encode(hmac.digest(self._tokens, text.encode(), "sha256")).rstrip(b"=").decode()


def load(settings: Settings) -> MembersKey:
    """The members' key. Raises CannotUnseal, which says in one line what to do."""
    return MembersKey(_read(settings.members_key_file))


def make_if_new(session: Writing, settings: Settings) -> None:
    """Make the key of a folder that never had one, and prove at each later start that it is still the same.

    Raises CannotUnseal where the key that sealed this folder's members is gone, or is another one.
    """
    upkeep = session.get(Upkeep, 1)
    if upkeep is None:
        upkeep = Upkeep()
        session.add(upkeep)
    if upkeep.key_proof is None:
        _write_if_missing(settings.members_key_file)
        upkeep.key_proof = load(settings).seal("upkeep.key_proof", 1, _PROOF)
    else:
        load(settings).open("upkeep.key_proof", 1, upkeep.key_proof)


def is_readable(session: Session, settings: Settings) -> bool:
    """Whether the key is there and is the one that sealed this folder's members."""
    upkeep = session.get(Upkeep, 1)
    try:
        return upkeep is None or load(settings).open_if("upkeep.key_proof", 1, upkeep.key_proof) in ("", _PROOF)
    except CannotUnseal:
        return False


def _place(field: str, row: object) -> bytes:
    return f"{field}\n{row}".encode()


@lru_cache(maxsize=16)
def _part(secret: bytes, name: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _KEY, None, b"runtalkrun " + name).derive(secret)


def _read(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text().strip())
    except OSError as error:
        raise CannotUnseal(f"{path} cannot be read ({error.strerror}): put the members' key there") from error
    except ValueError as error:
        raise CannotUnseal(f"{path} is no key: it must be 64 hex digits, as `rtr serve` wrote it") from error
    if len(secret) != _KEY:
        raise CannotUnseal(f"{path} is no key: it must be 64 hex digits, as `rtr serve` wrote it")
    return secret


def _write_if_missing(path: Path) -> None:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(_KEY).hex() + "\n")
