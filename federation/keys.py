"""Ed25519 keys as the protocol spells them (PROTOCOL.md §4)."""

import hashlib
import re
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .errors import Malformed, WeakKey

_HEX_KEY = re.compile(r"[0-9a-f]{64}\Z")
_FIELD_PRIME = 2**255 - 19
_ORDER_8_Y = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")

# y coordinates of the eight points of low order. Under such a key a signature can be made that verifies for any
# message, and `cryptography` loads it without a word. Non-canonical spellings (y >= p) are refused altogether.
_LOW_ORDER_YS = frozenset({0, 1, _FIELD_PRIME - 1, _ORDER_8_Y, _FIELD_PRIME - _ORDER_8_Y})


@lru_cache(maxsize=4096)  # a key is checked when its root is read, and when it verifies
def check_public_key(text: str) -> str:
    """`text`, if it is 64 lower hex digits of a key of full order (§4.2). Raises Malformed or WeakKey."""
    if not _HEX_KEY.match(text):
        raise Malformed("a public key is 64 lower-case hex digits")
    y = int.from_bytes(bytes.fromhex(text), "little") & (2**255 - 1)
    if y in _LOW_ORDER_YS or y >= _FIELD_PRIME:
        raise WeakKey("a public key of low order or not in its one spelling")
    return text


def key_id(public_key: str) -> str:
    """The hint by which signatures name a key: the first 16 hex digits of SHA-256 over its 32 bytes (§4.1)."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


def verifies(public_key: str, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` is by `public_key` (64 hex digits)."""
    try:
        _load(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=4096)
def _load(public_key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(check_public_key(public_key)))


class SigningKey:
    """A private key that signs. Made with `generate`, kept as 64 hex digits of its seed."""

    def __init__(self, seed_hex: str) -> None:
        if not _HEX_KEY.match(seed_hex):
            raise Malformed("a private key is 64 lower-case hex digits")
        self._seed_hex = seed_hex
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed_hex))
        self.public = self._key.public_key().public_bytes_raw().hex()
        self.id = key_id(self.public)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key from the operating system's randomness."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw().hex())

    def seed_hex(self) -> str:
        """The private seed, to be written to a file or paper and nowhere else."""
        return self._seed_hex

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, 64 bytes."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.id})"


def check_root_keys(root_keys: list[str], threshold: int, other_keys: list[str]) -> None:
    """Raise ValueError for root keys that are malformed, fewer than their threshold, or used for something else."""
    for key in [*root_keys, *other_keys]:
        check_public_key(key)
    if len(set(root_keys)) != len(root_keys) or threshold > len(root_keys):
        raise ValueError("root keys are distinct and at least as many as the threshold")
    if set(root_keys) & set(other_keys):
        raise ValueError("a root key signs nothing but roots")
