"""The position where a page of results ended. The next page begins there though documents may have changed."""

import base64
import binascii
import json
from datetime import date
from typing import NamedTuple

from ..errors import InvalidInput

_MOST = 200
#: No run that can be found starts later (the year 9000): whoever wrote a later start into an address ran off the
#: calendar. Half round the Earth, nothing is farther (metres).
_LAST_START, _FARTHEST_M = 221_845_392_000, 21_000_000


class Position(NamedTuple):
    """A position in the order of results: start (seconds since 1970), metres, chapter, listing, day."""

    starts: int
    distance_m: int
    chapter: str
    listing: str
    day: str


def write(position: Position) -> str:
    """The cursor for a position, as an address carries it. It says nothing that the page did not show."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def read(text: str) -> Position | None:
    """The position, or None for no cursor. Raises InvalidInput (`after`: `malformed`)."""
    if not text:
        return None
    try:
        padded = text[:_MOST] + "=" * (-len(text) % 4)
        starts, distance, chapter, listing, day = json.loads(base64.b64decode(padded, b"-_", validate=True))
        date.fromisoformat(day)
        return Position(_whole(starts, _LAST_START), _whole(distance, _FARTHEST_M), str(chapter), str(listing), day)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput({"after": "malformed"}) from error


def _whole(value: object, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError("no position in any list")
    return value
