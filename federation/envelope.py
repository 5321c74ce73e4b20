"""The signed envelope (PROTOCOL.md §3, §4): DSSE's signing, with the payload as a JSON string.

Verify the bytes before parsing them; store and relay exactly that payload; never re-serialise it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Collection
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from .errors import Malformed, TooLarge, UnknownType, WrongSignature
from .keys import SigningKey, verifies
from .strict_json import parse

Kind = Literal["hq-root", "registry", "chapter-root", "chapter"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MAX_PAYLOAD = 64 * 1024
MAX_ENVELOPE = 128 * 1024
MAX_SIGNATURES = 8

#: A payload type of this version, or of one to come.
_TYPE = re.compile(r"application/vnd\.runtalkrun\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]{0,3}\+json\Z")
_KEY_ID = re.compile(r"^[0-9a-f]{16}\Z")
_SIGNATURE = 64  # bytes


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """A sealed document whose signatures are not verified yet. `signatures`: (key id hint, 64 bytes)."""

    kind: Kind
    payload: str
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def digest(self) -> str:
        """SHA-256 over the UTF-8 payload, 64 hex digits: the document's identity, whatever wraps it (§3.3)."""
        return digest(self.payload)

    def to_bytes(self) -> bytes:
        """This envelope as one line of JSON, without the newline."""
        signatures = [_Signature(hint, raw) for hint, raw in self.signatures]
        return msgspec.json.encode(_Written(self.payload, payload_type(self.kind), signatures))


class _Glance(msgspec.Struct, gc=False):
    payload: str
    payloadType: str


class _Signature(msgspec.Struct, gc=False):
    keyid: Annotated[str, Meta(pattern=_KEY_ID.pattern)]
    sig: Annotated[bytes, Meta(min_length=_SIGNATURE, max_length=_SIGNATURE)]


class _Written(msgspec.Struct, gc=False):
    """The members of an envelope in the order in which they are written. msgspec writes bytes as base64."""

    payload: str
    payloadType: str
    signatures: Annotated[list[_Signature], Meta(min_length=1, max_length=MAX_SIGNATURES)]


_GLANCE = msgspec.json.Decoder(_Glance)
_WRITTEN = msgspec.json.Decoder(_Written)


def payload_type(kind: Kind) -> str:
    """The media type that is signed together with the payload."""
    return f"application/vnd.runtalkrun.{kind}.v1+json"


_KINDS = {payload_type(kind): kind for kind in KINDS}


def digest(payload: str) -> str:
    """SHA-256 over the UTF-8 bytes of `payload`, 64 lower hex digits."""
    return hashlib.sha256(payload.encode()).hexdigest()


def pae(kind: Kind, payload: str) -> bytes:
    """DSSE v1.0.2 pre-authentication encoding: the bytes that are signed (§4.3)."""
    media_type, body = payload_type(kind).encode(), payload.encode()
    return b"DSSEv1 %d %s %d %s" % (len(media_type), media_type, len(body), body)


def seal(kind: Kind, payload: str, keys: Collection[SigningKey]) -> Envelope:
    """`payload` signed by every key of `keys`."""
    if len(payload.encode()) > MAX_PAYLOAD:
        raise TooLarge(f"a payload over {MAX_PAYLOAD} bytes")
    message = pae(kind, payload)
    return Envelope(kind, payload, tuple((key.id, key.sign(message)) for key in keys))


def read(data: bytes | str) -> Envelope:
    """The envelope in `data` (at most 128 KiB, its payload at most 64 KiB). Nothing in it is trusted yet.

    Raises Malformed or TooLarge. The payload stays a string: it is parsed only by `open_sealed`.
    """
    return _as_we_write(data) or _strictly(data)


def _as_we_write(data: bytes | str) -> Envelope | None:
    """The envelope in bytes that are, one by one, what `to_bytes` makes of it. Else None.

    Such bytes have no member twice. `_strictly` reads any other spelling; both accept and refuse the same.
    """
    try:
        raw = data.encode() if isinstance(data, str) else data
        written = _WRITTEN.decode(raw)
        kind = _read_kind(written.payloadType)
    except (msgspec.DecodeError, Malformed, UnicodeError, RecursionError):
        return None
    in_bounds = len(raw) <= MAX_ENVELOPE and len(written.payload.encode()) <= MAX_PAYLOAD
    if not in_bounds or msgspec.json.encode(written) != raw:
        return None
    return Envelope(kind, written.payload, tuple((each.keyid, each.sig) for each in written.signatures))


def _strictly(data: bytes | str) -> Envelope:
    members = parse(data, cap=MAX_ENVELOPE, sealed="payload")
    kind = _read_kind(members.get("payloadType"))  # first: of a later version all else may be another (§18)
    payload, signatures = members.get("payload"), members.get("signatures")
    if not isinstance(payload, str) or not isinstance(signatures, list):
        raise Malformed("an envelope has a payload (text) and signatures (a list)")
    if len(payload.encode()) > MAX_PAYLOAD:
        raise TooLarge(f"a payload over {MAX_PAYLOAD} bytes")
    if not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise Malformed(f"1 to {MAX_SIGNATURES} signatures")
    return Envelope(kind, payload, tuple(map(_read_member, signatures)))


def claimed_digest(line: bytes) -> tuple[str, str] | None:
    """The payload type and digest of what looks like an envelope, unread and unchecked. None if it does not.

    They tell whether the document is held already (§3.3). Then nothing else in the envelope counts.
    """
    try:
        found = _GLANCE.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return found.payloadType, digest(found.payload)


def open_sealed(envelope: Envelope, kind: Kind, public_keys: Collection[str], threshold: int) -> str:
    """The payload, if `threshold` distinct keys of `public_keys` have signed it. Raises WrongSignature.

    Distinct public keys count, not key ids or signatures (§4.4): a key that signs twice counts once.
    """
    if envelope.kind != kind:
        raise Malformed(f"a {envelope.kind} where a {kind} belongs")
    if threshold < 1 or len(signers(envelope, public_keys)) < threshold:
        raise WrongSignature(f"not signed by {threshold} of the {len(set(public_keys))} keys that may")
    return envelope.payload


def signers(envelope: Envelope, public_keys: Collection[str]) -> set[str]:
    """Which of `public_keys` really signed `envelope`."""
    message = pae(envelope.kind, envelope.payload)
    signatures = [signature for _, signature in envelope.signatures]
    return {key for key in set(public_keys) if any(verifies(key, signature, message) for signature in signatures)}


def _read_kind(text: object) -> Kind:
    if not isinstance(text, str) or not _TYPE.match(text):
        raise Malformed("no payloadType")
    if text not in _KINDS:
        raise UnknownType(f"a payloadType that this node does not know: {text}")
    return _KINDS[text]


def _read_member(member: object) -> tuple[str, bytes]:
    if not isinstance(member, dict):
        raise Malformed("a signature is an object")
    return _read_signature(member.get("keyid"), member.get("sig"))


def _read_signature(hint: object, text: object) -> tuple[str, bytes]:
    if not isinstance(hint, str) or not _KEY_ID.match(hint) or not isinstance(text, str):
        raise Malformed("a signature has a keyid (16 hex digits) and a sig")
    return hint, _read_base64(text)


def _read_base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("sig is not base64") from error
    # Four spare bits give one signature 16 spellings; only one of them is the protocol's (§3.2).
    if len(raw) != _SIGNATURE or base64.b64encode(raw).decode() != text:
        raise Malformed(f"sig is {_SIGNATURE} bytes in padded base64, in its one spelling")
    return raw
