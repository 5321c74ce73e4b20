"""Ask another chapter's own node before a run, in the background: a page shows at once what is known (§13.4).

Visitors decide how often pages are opened. The limits of this module keep them from making this node press another one.
"""

import logging
import threading
from collections import deque
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from cachetools import LRUCache

from federation.errors import FederationError

from ..clocks import is_within
from ..directory import chapters
from ..handle import Node
from ..wire import deadlines
from ..wire.client import Allowance, Peer, PeerRefused
from ..wire.outbound import Unreachable
from . import intake

log = logging.getLogger(__name__)

AT_ONCE = 2
A_MINUTE = 30
#: For so long no second check begins, whether or not the first was answered.
KEPT = timedelta(seconds=60)
_REMEMBERED = 500
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Checked:
    """The last time a chapter's own node was asked, and whether it answered with its document."""

    at: datetime
    answered: bool

    def is_good(self, now: datetime) -> bool:
        """Whether it is too early for another check."""
        return is_within(self.at, KEPT, now)


class Checker:
    """The live checks of one process. `pool` runs them; without one, two threads that begin with the first check."""

    def __init__(self, node: Node, pool: Executor | None = None) -> None:
        self._node = node
        self._pool = pool or ThreadPoolExecutor(AT_ONCE, thread_name_prefix="live-check")
        self._lock = threading.Lock()
        self._known: LRUCache[str, Checked] = LRUCache(_REMEMBERED)
        self._asking: set[str] = set()
        self._begun: deque[datetime] = deque(maxlen=A_MINUTE)
        self._is_closed = False

    def ask(self, chapter_id: str, now: datetime) -> Checked | None:
        """The last check that is known, if any. Where another one is due, it begins in the background."""
        with self._lock:
            known = self._known.get(chapter_id)
            if (known is None or not known.is_good(now)) and self._may_begin(chapter_id, now):
                self._begin(chapter_id, now)
            return known

    def close(self) -> None:
        """Begin no more checks, and wait for the running ones, which end by their deadline."""
        with self._lock:
            self._is_closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, chapter_id: str, now: datetime) -> None:
        self._asking.add(chapter_id)
        self._begun.append(now)
        try:
            self._pool.submit(self._check, chapter_id)
        except RuntimeError:
            # No thread could be started. The page is shown all the same, and the next page may ask.
            self._asking.discard(chapter_id)
            log.exception("no live check of %s", chapter_id)

    def _may_begin(self, chapter_id: str, now: datetime) -> bool:
        spent = len(self._begun) == A_MINUTE and is_within(self._begun[0], _MINUTE, now)
        if self._is_closed or chapter_id in self._asking:
            return False
        return len(self._asking) < AT_ONCE and not spent

    def _check(self, chapter_id: str) -> None:
        answered = False
        try:
            answered = self._ask_its_node(chapter_id)
        except (Unreachable, PeerRefused, FederationError) as error:
            log.info("live check of %s: %s", chapter_id, error)
        except Exception:
            log.exception("live check of %s failed", chapter_id)
        finally:
            self._note(chapter_id, Checked(self._node.clock(), answered))

    def _ask_its_node(self, chapter_id: str) -> bool:
        with self._node.sessions() as session:
            base_url = chapters.base_url_of(session, chapter_id)
        if base_url is None or base_url == self._node.settings.base_url:
            return False
        host = Peer(self._node.wire, base_url, deadlines.LIVE_CHECK, Allowance(deadlines.LIVE_CHECK))
        # Every node gives every chapter's document. Only the chapter's own node counts as an answer (§14.5).
        envelope = host.document(chapter_id) if host.is_home_of(chapter_id) else None
        if envelope is None:
            return False
        with self._node.sessions() as session:
            # The usual answer has nothing new and writes nothing, so that cached pages stay good.
            intake.receive(session, self._node.settings, envelope, self._node.clock(), chapter_id)
        return True

    def _note(self, chapter_id: str, checked: Checked) -> None:
        with self._lock:
            self._asking.discard(chapter_id)
            self._known[chapter_id] = checked
