"""An invitation to join: `rtr1.` and base64url of its JSON (PROTOCOL.md §10)."""

import base64
import binascii
import re
import secrets
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from .encodings import Digest, NetworkId
from .errors import Malformed
from .strict_json import parse

_MARK = "rtr1."
_LATER = re.compile(r"rtr([2-9]|[1-9][0-9]+)\.")


class Invitation(Struct, frozen=True):
    """Where HQ is, which HQ (its id and the digest of its root version 1), and 32 secret bytes in hex."""

    hq_url: Annotated[str, Meta(max_length=260)]
    hq: NetworkId
    root_digest: Digest
    secret: Digest

    def __str__(self) -> str:
        return _MARK + base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")

    def __repr__(self) -> str:
        return f"Invitation(hq={self.hq})"


def new_secret() -> str:
    """32 random bytes as 64 hex digits."""
    return secrets.token_hex(32)


def is_of_a_later_program(text: str) -> bool:
    """Whether a program that is newer than this one has written the invitation."""
    return _LATER.match(text) is not None


def read_invitation(text: str) -> Invitation:
    """The invitation in `text`. Raises Malformed."""
    text = text.strip()
    if is_of_a_later_program(text):
        raise Malformed("this invitation is for a newer program than this one: upgrade it first")
    if not text.startswith(_MARK) or len(text) > 2000:
        raise Malformed("an invitation begins with rtr1.")
    body = text[len(_MARK) :]
    try:
        data = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        return msgspec.convert(parse(data, cap=2000), Invitation)
    except (binascii.Error, ValueError, msgspec.ValidationError) as error:
        raise Malformed("this invitation was cut or changed on its way") from error
