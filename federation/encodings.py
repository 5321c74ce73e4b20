"""One spelling for each kind of value (PROTOCOL.md §2): times, dates, ids, addresses, recurrence rules."""

import base64
import re
import secrets
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta

from .strict_json import MAX_INTEGER

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

# (?a): without it \d matches the digits of every script, and a time would have many spellings.
Instant = Annotated[str, Meta(pattern=r"(?a)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")]
Date = Annotated[str, Meta(pattern=r"(?a)^\d{4}-\d\d-\d\d\Z")]
LocalTime = Annotated[str, Meta(pattern=r"(?a)^\d{4}-\d\d-\d\dT\d\d:\d\d\Z")]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
NetworkId = Annotated[str, Meta(pattern=r"^[a-z2-7]{24}\Z")]
ListingId = Annotated[str, Meta(pattern=r"^[a-z2-7]{8}\Z")]
Prefix = Annotated[str, Meta(pattern=r"^[a-z2-7]{0,24}\Z")]
Zone = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9+_-]*(/[A-Za-z0-9+_-]+){0,2}\Z", max_length=64)]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
PositiveInt = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]

Network = Literal["internet", "loopback"]

_DATE = re.compile(r"(?a)\d{4}-\d\d-\d\d\Z")
_LOCAL = re.compile(r"(?a)\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d\Z")
_INSTANT = re.compile(r"(?a)\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\dZ\Z")
_HTTPS = re.compile(r"https://(?=[^/]{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])\Z")
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]{0,4})\Z")


def to_instant(moment: datetime) -> str:
    """`moment` (aware) as `YYYY-MM-DDTHH:MM:SSZ`, without fractions."""
    if moment.tzinfo is None:
        raise ValueError("a naive time is no instant")
    return moment.astimezone(UTC).isoformat()[:19] + "Z"


@lru_cache(maxsize=4096)
def from_instant(text: str) -> datetime:
    """The UTC time in `text`. Raises ValueError, also for a day that does not exist."""
    if not _INSTANT.match(text):  # fromisoformat takes many spellings; strptime takes one, and twenty times as long
        raise ValueError(f"{text!r} is no instant")
    return datetime.fromisoformat(text)


@lru_cache(maxsize=4096)  # whoever reads many listings reads the same few days
def from_date(text: str) -> date:
    """The day in `text`. Raises ValueError, also for a day that does not exist."""
    if not _DATE.match(text):
        raise ValueError(f"{text!r} is no date")
    return date.fromisoformat(text)


@lru_cache(maxsize=4096)
def from_local(text: str) -> datetime:
    """The wall-clock time in `text`, naive. The zone stands beside it in the document."""
    if not _LOCAL.match(text):
        raise ValueError(f"{text!r} is no local time")
    return datetime.fromisoformat(text)


def new_listing_id() -> str:
    """Eight random letters of ALPHABET."""
    return "".join(secrets.choice(ALPHABET) for _ in range(8))


@lru_cache(maxsize=1024)  # a root is asked for its id when it says whose it is, and when it is verified
def network_id(genesis_digest: str) -> str:
    """The id of a chapter or an HQ: base32 of the digest of its root version 1, first 24 characters (§5.1)."""
    # 24 letters hold 15 of its 32 bytes.
    return base64.b32encode(bytes.fromhex(genesis_digest)[:15]).decode().lower()


def is_base_url(text: str, network: Network) -> bool:
    """`https://<lower-case host>` with no port and no path; in a loopback network `http://127.0.0.1:<port>` (§5.4)."""
    if network == "loopback":
        match = _LOOPBACK.match(text)
        return match is not None and int(match[1]) < 65536
    return _HTTPS.match(text) is not None
