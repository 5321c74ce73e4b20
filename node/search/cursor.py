"""Where a page of results ended, so that the next one begins there though documents change between the two."""

import base64
import binascii
import json
from datetime import date
from typing import NamedTuple

from ..errors import InvalidInput

_MOST = 200


class Place(NamedTuple):
    """The order of results: start (seconds since 1970), metres, chapter, listing, the day it is held for."""

    starts: int
    distance_m: int
    chapter: str
    listing: str
    day: str


def write(place: Place) -> str:
    """As it travels in an address. It says nothing that the page did not show."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read(text: str) -> Place | None:
    """The place, or None for no cursor; raises InvalidInput (`after`: `malformed`)."""
    if not text:
        return None
    try:
        padded = text[:_MOST] + "=" * (-len(text) % 4)
        starts, distance, chapter, listing, day = json.loads(base64.b64decode(padded, b"-_", validate=True))
        date.fromisoformat(day)
        return Place(_whole(starts), _whole(distance), str(chapter), str(listing), day)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput({"after": "malformed"}) from error


def _whole(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**40:
        raise ValueError("not a place in any list")
    return value
