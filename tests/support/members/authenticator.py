"""A phone's authenticator in software: it makes a passkey, and answers as WebAuthn has it."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

#: User present, user verified, and a new key beside it.
_PRESENT, _VERIFIED, _WITH_KEY = 0x01, 0x04, 0x40


class Authenticator:
    """One passkey at `origin`. `verifies`: whether it asks for the phone's lock."""

    def __init__(self, origin: str, *, verifies: bool = True) -> None:
        self.origin, self.count = origin, 0
        self._flags = _PRESENT | (_VERIFIED if verifies else 0)
        self._key, self._id = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)

    def make(self, options: str) -> str:
        """The answer to options of the node that ask for a passkey."""
        asked = json.loads(options)
        data = (
            self._data(asked["rp"]["id"], _WITH_KEY) + bytes(16) + len(self._id).to_bytes(2) + self._id + self._cose()
        )
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(self._client("webauthn.create", asked["challenge"]), attestationObject=_text(attested))

    def sign_in(self, options: str) -> str:
        """The answer to options of the node that ask who is there."""
        asked = json.loads(options)
        self.count += 1
        client, data = self._client("webauthn.get", asked["challenge"]), self._data(asked["rpId"], 0)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(client, authenticatorData=_text(data), signature=_text(signature))

    def _data(self, site: str, more: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([self._flags | more]) + self.count.to_bytes(4)

    def _cose(self) -> bytes:
        point = self._key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})

    def _client(self, kind: str, challenge: str) -> bytes:
        members = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(members).encode()

    def _answer(self, client: bytes, **response: str) -> str:
        members: dict[str, Any] = {"id": _text(self._id), "rawId": _text(self._id), "type": "public-key"}
        return json.dumps(members | {"response": {"clientDataJSON": _text(client), **response}})


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
