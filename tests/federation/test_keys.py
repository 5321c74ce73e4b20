"""federation.keys: Ed25519 keys as the protocol spells them (PROTOCOL.md §4)."""

import hashlib

import pytest

from federation.errors import Malformed, WeakKey
from federation.keys import SigningKey, check_public_key, key_id, verifies

from ..support.federation_makers import key

PRIME = 2**255 - 19
ORDER_8 = (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)


def spelled(y: int, sign: int = 0) -> str:
    return (y | sign << 255).to_bytes(32, "little").hex()


LOW_ORDER = sorted(
    {spelled(y, sign) for y in (0, 1, PRIME - 1, PRIME, PRIME + 1) for sign in (0, 1)}
    | set(ORDER_8)
    | {spelled(int.from_bytes(bytes.fromhex(text), "little"), 1) for text in ORDER_8}
)


def test_s4_1_a_key_id_is_the_first_16_digits_of_the_keys_digest() -> None:
    public = key("any").public
    assert key_id(public) == hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]
    assert key("any").id == key_id(public)


@pytest.mark.parametrize("text", LOW_ORDER)
def test_s4_2_every_spelling_of_a_low_order_key_is_refused(text: str) -> None:
    with pytest.raises(WeakKey):
        check_public_key(text)


@pytest.mark.parametrize("y", [*range(PRIME, 2**255)])
def test_s4_2_a_key_in_another_spelling_than_its_one_is_refused(y: int) -> None:
    with pytest.raises(WeakKey):
        check_public_key(spelled(y))


@pytest.mark.parametrize("text", ["", "00", "g" * 64, "A" * 64, "0" * 63, "1" * 64 + "\n", "\uff11" * 64])
def test_s4_2_a_key_that_is_not_64_lower_hex_digits_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        check_public_key(text)


def test_s4_2_a_low_order_key_verifies_nothing() -> None:
    forged = bytes.fromhex(spelled(1)) + bytes(32)
    with pytest.raises(WeakKey):
        verifies(spelled(1), forged, b"any message")


def test_s4_3_a_signature_holds_for_its_message_only() -> None:
    signature = key("any").sign(b"message")
    assert verifies(key("any").public, signature, b"message")
    assert not verifies(key("any").public, signature, b"massage")
    assert not verifies(key("other").public, signature, b"message")


def test_s4_1_a_private_key_comes_back_from_its_seed() -> None:
    made = SigningKey.generate()
    assert SigningKey(made.seed_hex()).public == made.public


def test_s4_1_a_private_key_never_shows_its_seed() -> None:
    assert key("any").seed_hex() not in repr(key("any"))


def test_s4_1_a_private_key_that_is_not_64_hex_digits_is_malformed() -> None:
    with pytest.raises(Malformed):
        SigningKey("short")
