"""Long bodies of requests: photos alone, at their one address, and few at a time.

Whoever sends a body need not be signed in, and waitress holds it in memory before the application looks at it. So all
other bodies are short, and those of photos have so few places that they cannot fill the memory. While all places are
taken, a photo is refused like any other body that is too long, and everything else goes on.
"""

import copy
import re
import weakref
from threading import BoundedSemaphore
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from node.members.first_time import MAX_SENT

#: Long bodies at a time.
PLACES = 2
#: Bytes of the longest body: a photo, and the fields beside it.
MAX_LONG_BODY = MAX_SENT + 64 * 1024
_FOR_PHOTOS = re.compile(rb"POST /lead/runs/[A-Za-z0-9]{1,64}/first-time/photos HTTP/")


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Reads one request."""

    adj: Any
    #: Of all requests of this process.
    places = BoundedSemaphore(PLACES)

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, once it is decided how long the body may be."""
        if _FOR_PHOTOS.match(header_plus) and self.places.acquire(blocking=False):
            # The place is free again once waitress has let go of the request, however the connection ends.
            weakref.finalize(self, self.places.release)
            self.adj = _longer(self.adj)
        super().parse_header(header_plus)


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    parser_class = Parser


def _longer(adjustments: Any) -> Any:
    made = copy.copy(adjustments)
    made.max_request_body_size = MAX_LONG_BODY
    # Nothing waits in a file.
    made.inbuf_overflow = MAX_LONG_BODY + made.max_request_header_size
    return made
