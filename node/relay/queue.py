"""Urgent changes on their way to the other nodes: a queue beside the change itself (PROTOCOL.md §13)."""

import logging
import math
import random
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Subquery, delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from ..config import Settings
from ..database import after_writing, writing
from ..directory import chapters
from ..directory import held as directory
from ..models import HeldDocument, HeldRoot, RelayItem, RelayReceipt

log = logging.getLogger(__name__)

#: Up to so many other nodes, every one of them is told.
ALL_UP_TO = 12
#: Documents of another chapter that are passed on within an hour; more go by the feed.
PASSED_ON_AN_HOUR = 6
#: For all nodes together four times as many as are wanted; for one of them so many, over three quarters of an hour.
_TRIES = 4
_TRIES_A_NODE = 8
_AT_ONCE = 8
_KEPT = timedelta(days=1)

_OPEN = select(RelayItem).where(RelayItem.done_at.is_(None)).order_by(RelayItem.id)

#: Set after each commit that queued something; `rtr serve` waits for it.
pending = threading.Event()

#: Sends a document to a node: (base_url, chapter id, envelope) -> whether that node has it, or a newer one, now.
Send = Callable[[str, str, bytes], bool]
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Progress:
    """How far our newest urgent change has come. `hq`: whether the seed has it; None for a node without one.

    `acknowledged` of `of` other chapters' nodes have it; `done` once no more are tried. `is_everybody`: no node is told
    by others alone.
    """

    hq: bool | None
    acknowledged: int
    of: int
    done: bool
    is_everybody: bool = True


def wanted_of(others: int) -> int:
    """How many of `others` nodes are to acknowledge an urgent change (PROTOCOL.md §13.2)."""
    return others if others <= ALL_UP_TO else math.ceil(math.log(others)) + 4


def enqueue(session: Session, settings: Settings, chapter: str, digest: str, now: datetime) -> None:
    """Queue an urgent change of `chapter`, inside writing, for as many nodes as §13.2 asks."""
    _forget_old(session, now)
    _queue(session, settings, chapter, digest, _everybody(session, settings), now)


def pass_on(session: Session, settings: Settings, changes: Iterable[tuple[str, str]], now: datetime) -> None:
    """Queue urgent changes (chapter, digest) of others that were news here, inside writing; beyond PASSED_ON_AN_HOUR of
    a chapter the feed carries them. The nodes are counted once for all.
    """
    due = [one for one in changes if _queued_lately(session, one[0], now) < PASSED_ON_AN_HOUR]
    if due:
        _forget_old(session, now)
        everybody = _everybody(session, settings)
        for chapter, digest in due:
            _queue(session, settings, chapter, digest, everybody, now)


def _queue(session: Session, settings: Settings, chapter: str, digest: str, everybody: int, now: datetime) -> None:
    # Of many nodes the author's own matters nothing; of few it would be waited for in vain.
    others = everybody if everybody > ALL_UP_TO + 1 else len(targets(session, settings, chapter))
    _replace(session, chapter, digest, wanted_of(others), now, urgent=True)


def hand_in(session: Session, settings: Settings, chapter: str, digest: str, now: datetime) -> None:
    """Queue a change of our own that can wait, inside writing: one node, the seed if it answers, gets it at once.

    Nobody may be reading our feed yet; whoever polls the seed then finds it there.
    """
    _replace(session, chapter, digest, min(1, _everybody(session, settings)), now, urgent=False)


def targets(session: Session, settings: Settings, chapter: str) -> list[str]:
    """Every other node that may be told of a document of `chapter`: the seed first, then the rest in random order."""
    seed = chapters.seed(session, settings)
    hosts = {url for id_, url in chapters.hosts(session) if id_ != chapter} - {settings.base_url, seed}
    return ([seed] if seed else []) + random.sample(sorted(hosts), k=len(hosts))


def _everybody(session: Session, settings: Settings) -> int:
    """How many nodes there are beside this one."""
    seed = chapters.seed(session, settings)
    return (1 if seed else 0) + (session.scalar(select(func.count()).select_from(_hosts(session, settings, seed))) or 0)


def _is_anybody_left(session: Session, settings: Settings, chapter: str, told: int) -> bool:
    """Whether there are more targets than `told`: no more of them are read than that takes."""
    seed = chapters.seed(session, settings)
    hosts = _hosts(session, settings, seed, but=chapter, most=told + 1)
    return (1 if seed else 0) + (session.scalar(select(func.count()).select_from(hosts)) or 0) > told


def _hosts(session: Session, settings: Settings, seed: str | None, but: str = "", most: int | None = None) -> Subquery:
    """Addresses of listed chapters `but` one; not ours, nor the seed's."""
    homes = chapters.homes(session).where(HeldRoot.author != but)
    others = homes.where(HeldRoot.base_url.not_in([url for url in (settings.base_url, seed) if url]))
    return others.with_only_columns(HeldRoot.base_url).distinct().limit(most).subquery()


class Courier:
    """Tells other nodes of what is queued. A slow one holds nobody else up: each has one delivery at a time."""

    def __init__(self, sessions: sessionmaker[Session], settings: Settings, send: Send, clock: Clock) -> None:
        self._sessions, self._settings, self._send, self._clock = sessions, settings, send, clock
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="relay")
        self._lock = threading.Lock()
        # A dozen answers that come at once would all look for the write lock, in the way of a lead's tap.
        self._receipts = threading.Lock()
        self._busy: set[str] = set()
        self._waiting: set[str] = set()

    def round(self) -> list[Future[bool]]:
        """Begin telling whoever has not acknowledged yet and is not being told just now. Waits for nobody."""
        now = self._clock()
        with self._sessions() as session:
            work = [job for item in _open_items(session) for job in _jobs(session, self._settings, item, now)]
        return [self._submit(job) for job in work if self._begin(job.base_url)]

    def close(self) -> None:
        """Begin nothing more; what is under way ends by its own deadline."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, job: "_Job") -> Future[bool]:
        try:
            return self._pool.submit(self._tell, job)
        except RuntimeError:
            self._end(job.base_url)
            raise

    def _tell(self, job: "_Job") -> bool:
        """The network is used outside any transaction; what came of it is written at once.

        A receipt that cannot be written is none: the node is told again at a later round.
        """
        acknowledged = is_kept = False
        try:
            acknowledged = self._sent(job)
            with self._receipts, self._sessions() as session, writing(session):
                _record(session, self._settings, job, acknowledged, self._clock())
            is_kept = True
        except Exception:
            log.exception("what %s answered could not be kept: it will be told again", job.base_url)
        finally:
            self._end(job.base_url, is_kept=is_kept)
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

    def _end(self, base_url: str, *, is_kept: bool = False) -> None:
        """The address is free again. After a write that failed nobody is woken: it would be told without end."""
        with self._lock:
            self._busy.discard(base_url)
            is_awaited = base_url in self._waiting
            self._waiting.discard(base_url)
        if is_awaited and is_kept:
            pending.set()


def progress(session: Session, settings: Settings, now: datetime) -> Progress | None:
    """How far our own newest urgent change has come, or None if there was none within a day."""
    own = directory.own_id(session)
    urgent = select(RelayItem).where(RelayItem.chapter == own, RelayItem.urgent, RelayItem.queued_at > now - _KEPT)
    item = session.scalars(urgent.order_by(RelayItem.id.desc())).first()
    if own is None or item is None:
        return None
    told = _acknowledged(session, item.id)
    seed = chapters.seed(session, settings)
    others = len(told - {seed})
    # Where the seed does not answer, others are told in its place: then more of them have it than were wanted.
    of = max(item.wanted - (1 if seed else 0), others)
    is_everybody = _everybody(session, settings) <= ALL_UP_TO
    is_done = _is_done(session, settings, item)
    return Progress(seed in told if seed else None, others, of, is_done, is_everybody)


def _replace(session: Session, chapter: str, digest: str, wanted: int, now: datetime, *, urgent: bool) -> None:
    """A newer document takes an older one's place in the queue, and keeps the reach that was still owed to it."""
    for item in session.scalars(_OPEN.where(RelayItem.chapter == chapter)):
        wanted, urgent, item.done_at = max(wanted, item.wanted), urgent or item.urgent, now
    if wanted:
        item = RelayItem(chapter=chapter, digest=digest, urgent=urgent, queued_at=now, wanted=wanted)
        item.tries_left = _TRIES * wanted
        session.add(item)
        after_writing(session, pending.set)


@dataclass(frozen=True)
class _Job:
    item_id: int
    base_url: str
    chapter: str
    envelope: bytes


def _open_items(session: Session) -> list[RelayItem]:
    return list(session.scalars(_OPEN))


def _jobs(session: Session, settings: Settings, item: RelayItem, now: datetime) -> list[_Job]:
    held = session.get(HeldDocument, item.chapter)
    if held is None or held.envelope is None:
        return []
    receipts = _receipts(session, item)
    due = [
        url
        for url in _open_targets(session, settings, item)
        if _is_due(item, receipts.get(url), settings.relay_seconds, now)
    ]
    missing, seed = _missing(item, receipts), chapters.seed(session, settings)
    # A seed that has not answered is asked again beside the others: it takes nobody's place.
    beside = [url for url in due if url == seed and (url in receipts or missing <= 0)]
    chosen = beside + [url for url in due if url not in beside][: max(missing, 0)]
    return [_Job(item.id, url, item.chapter, held.envelope) for url in chosen]


def _open_targets(session: Session, settings: Settings, item: RelayItem) -> list[str]:
    """Who may still be told of this item, now or later; none: it is done.

    The seed is owed an urgent change whatever the others have said: whoever reads nobody else reads the seed.
    """
    receipts = _receipts(session, item)
    if _missing(item, receipts) > 0:
        return [url for url in targets(session, settings, item.chapter) if _is_open(receipts.get(url))]
    seed = chapters.seed(session, settings)
    return [seed] if seed and item.urgent and _is_open(receipts.get(seed)) else []


def _is_done(session: Session, settings: Settings, item: RelayItem) -> bool:
    """Whether nobody is left to be told, without going through all nodes where many are left."""
    receipts = _receipts(session, item)
    if _missing(item, receipts) > 0 and _is_anybody_left(session, settings, item.chapter, len(receipts)):
        return False
    return not _open_targets(session, settings, item)


def _missing(item: RelayItem, receipts: dict[str, RelayReceipt]) -> int:
    """How many acknowledgements are still to be had."""
    told = sum(row.acknowledged_at is not None for row in receipts.values())
    return min(item.wanted - told, item.tries_left)


def _is_due(item: RelayItem, receipt: RelayReceipt | None, relay_seconds: int, now: datetime) -> bool:
    """At once, then after one, three, seven … times `relay_seconds`: other changes that wake us burn no tries."""
    if receipt is None:
        return True
    wait = timedelta(seconds=relay_seconds * ((1 << receipt.tries) - 1))
    return _is_open(receipt) and now >= item.queued_at + wait


def _is_open(receipt: RelayReceipt | None) -> bool:
    return receipt is None or (receipt.acknowledged_at is None and receipt.tries < _TRIES_A_NODE)


def _receipts(session: Session, item: RelayItem) -> dict[str, RelayReceipt]:
    rows = session.scalars(select(RelayReceipt).where(RelayReceipt.item_id == item.id))
    return {row.base_url: row for row in rows}


def _acknowledged(session: Session, item_id: int) -> set[str]:
    query = select(RelayReceipt.base_url).where(
        RelayReceipt.item_id == item_id, RelayReceipt.acknowledged_at.is_not(None)
    )
    return set(session.scalars(query))


def _record(session: Session, settings: Settings, job: _Job, acknowledged: bool, now: datetime) -> None:
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
    if _is_done(session, settings, item):
        item.done_at = item.done_at or now


def _queued_lately(session: Session, chapter: str, now: datetime) -> int:
    query = select(func.count()).where(RelayItem.chapter == chapter, RelayItem.queued_at > now - timedelta(hours=1))
    return session.scalar(query) or 0


def _forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(RelayItem).where(RelayItem.queued_at < now - _KEPT))
