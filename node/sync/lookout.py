"""Look at another chapter's host for it, as its visitors see it, when its node asks (PROTOCOL.md §11.1).

Anybody may ask. So the address is that of the chapter's newest held root, or of the HQ that this node has joined, and
never one of the request; and the limits of this module keep strangers from making this node press another one.
"""

import threading
from collections import deque
from datetime import datetime, timedelta

from cachetools import LRUCache
from sqlalchemy.orm import Session

from federation.encodings import from_instant

from ..clocks import is_within
from ..directory import chapters
from ..errors import Busy, NotFound
from ..handle import Node
from ..models import Hq
from ..wire.looks import Look, look_at

#: Looks that begin within a minute, at whatever host. One at a time: it holds one of the few threads.
A_MINUTE = 12
#: For so long the same host is not looked at again: whoever asks gets the last look.
KEPT = timedelta(seconds=60)
_REMEMBERED = 200
_MINUTE = timedelta(minutes=1)


class Lookout:
    """The looks that one process takes for others."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._known: LRUCache[str, Look] = LRUCache(_REMEMBERED)
        self._begun: deque[datetime] = deque(maxlen=A_MINUTE)

    def look(self, session: Session, author: str) -> Look:
        """The look of now, or of the minute before. Raises Busy, NotFound, UnknownChapter, NotActive."""
        base_url, is_hq = self._home_of(session, author)
        # The read ends before the network is used: a slow host must hold no view of the database.
        session.rollback()
        if not self._lock.acquire(blocking=False):
            raise Busy("this node looks at another host just now: try again in a few seconds")
        try:
            return self._kept(author) or self._take(author, base_url, is_hq)
        finally:
            self._lock.release()

    def _kept(self, author: str) -> Look | None:
        known = self._known.get(author)
        return known if known and is_within(from_instant(known.at), KEPT, self._node.clock()) else None

    def _take(self, author: str, base_url: str, is_hq: bool) -> Look:
        now = self._node.clock()
        if len(self._begun) == A_MINUTE and is_within(self._begun[0], _MINUTE, now):
            raise Busy("this node has looked at many hosts within this minute: try again in a minute")
        self._begun.append(now)
        found = self._known[author] = look_at(self._node.wire, author, base_url, is_hq, now)
        return found

    def _home_of(self, session: Session, author: str) -> tuple[str, bool]:
        """Where a chapter, or our HQ, lives, and whether it is HQ. Nobody sees itself from outside."""
        hq, own = session.get(Hq, 1), self._node.settings.base_url
        is_hq = hq is not None and hq.id == author
        if not is_hq:
            chapters.require_listed(session, author)
        base_url = hq.url if hq and is_hq else chapters.base_url_of(session, author)
        if base_url is None or base_url == own:
            raise NotFound("no other node of this name is known here: another node can look at this one")
        return base_url, is_hq
