"""Hand queued documents to other nodes, several at a time (PROTOCOL.md §13)."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..config import Settings
from ..database import Writing
from ..directory import chapters
from ..handle import Node
from ..models import HeldDocument, RelayItem, RelayReceipt
from .queue import is_done, is_open, missing_of, open_items, open_targets, receipts_of

log = logging.getLogger(__name__)

_AT_ONCE = 8

#: Sends a document to a node: (base_url, chapter id, envelope) -> whether that node has it, or a newer one, now.
Send = Callable[[str, str, bytes], bool]


class Courier:
    """Hands queued documents to other nodes. Each node has one delivery at a time: a slow one holds up no other."""

    def __init__(self, node: Node, send: Send) -> None:
        self._node, self._send = node, send
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="relay")
        self._lock = threading.Lock()
        # One answer at a time asks for the write lock: a dozen at once would be in the way of a lead's tap.
        self._receipts = threading.Lock()
        self._busy: set[str] = set()
        self._waiting: set[str] = set()

    def round(self) -> list[Future[bool]]:
        """Begin a delivery to each due node that has none under way. Does not wait for the answers."""
        now = self._node.clock()
        with self._node.sessions() as session:
            work = [job for item in open_items(session) for job in _jobs(session, self._node.settings, item, now)]
        return [self._submit(job) for job in work if self._begin(job.base_url)]

    def close(self) -> None:
        """Begin no more deliveries. Those under way end by their own deadline."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, job: "_Job") -> Future[bool]:
        try:
            return self._pool.submit(self._tell, job)
        except RuntimeError:
            self._end(job.base_url)
            raise

    def _tell(self, job: "_Job") -> bool:
        """Deliver outside any transaction, then record the receipt.

        If the receipt cannot be recorded, the node is told again at a later round.
        """
        acknowledged = is_recorded = False
        try:
            acknowledged = self._sent(job)
            with self._receipts, self._node.writing() as transaction:
                _record(transaction, self._node.settings, job, acknowledged, self._node.clock())
            is_recorded = True
        except Exception:
            log.exception("what %s answered could not be kept: it will be told again", job.base_url)
        finally:
            self._end(job.base_url, is_recorded=is_recorded)
        return acknowledged

    def _sent(self, job: "_Job") -> bool:
        try:
            return self._send(job.base_url, job.chapter, job.envelope)
        except Exception:
            log.exception("telling %s failed", job.base_url)
            return False

    def _begin(self, base_url: str) -> bool:
        with self._lock:
            if base_url in self._busy:
                self._waiting.add(base_url)
                return False
            self._busy.add(base_url)
            return True

    def _end(self, base_url: str, *, is_recorded: bool = False) -> None:
        """Free an address. After a failed write nobody is woken, or the node would be told without end."""
        with self._lock:
            self._busy.discard(base_url)
            is_awaited = base_url in self._waiting
            self._waiting.discard(base_url)
        if is_awaited and is_recorded:
            self._node.queued.set()


@dataclass(frozen=True)
class _Job:
    item_id: int
    base_url: str
    chapter: str
    envelope: bytes


def _jobs(session: Session, settings: Settings, item: RelayItem, now: datetime) -> list[_Job]:
    held = session.get(HeldDocument, item.chapter)
    if held is None or held.envelope is None:
        return []
    receipts = receipts_of(session, item)
    due = [
        url
        for url in open_targets(session, settings, item)
        if _is_due(item, receipts.get(url), settings.relay_seconds, now)
    ]
    missing, seed = missing_of(item, receipts), chapters.seed(session, settings)
    # A seed that has not answered is told again beside the others, and takes no other node's place.
    seed_again = [url for url in due if url == seed and (url in receipts or missing <= 0)]
    chosen = seed_again + [url for url in due if url not in seed_again][: max(missing, 0)]
    return [_Job(item.id, url, item.chapter, held.envelope) for url in chosen]


def _is_due(item: RelayItem, receipt: RelayReceipt | None, relay_seconds: int, now: datetime) -> bool:
    """Whether a node is to be told now: at once, then after one, three, seven … times `relay_seconds`."""
    if receipt is None:
        return True
    wait = timedelta(seconds=relay_seconds * ((1 << receipt.tries) - 1))
    return is_open(receipt) and now >= item.queued_at + wait


def _record(session: Writing, settings: Settings, job: _Job, acknowledged: bool, now: datetime) -> None:
    item = session.get(RelayItem, job.item_id)
    if item is None:
        return
    receipt = session.get(RelayReceipt, (job.item_id, job.base_url))
    if receipt is None:
        receipt = RelayReceipt(item_id=job.item_id, base_url=job.base_url, tries=0)
        session.add(receipt)
    receipt.tries += 1
    receipt.acknowledged_at = now if acknowledged else receipt.acknowledged_at
    item.tries_left -= 1
    session.flush()
    if is_done(session, settings, item):
        item.done_at = item.done_at or now
