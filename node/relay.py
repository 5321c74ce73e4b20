"""Urgent changes on their way to the other nodes: a queue beside the change itself (PROTOCOL.md §13)."""

import math
import random
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from . import directory
from .config import Settings
from .database import writing
from .models import HeldDocument, Hq, RelayItem, RelayReceipt

#: Up to so many other nodes, every one of them is told.
ALL_UP_TO = 12
#: Documents of another chapter that are passed on within an hour; more go by the feed.
PASSED_ON_AN_HOUR = 6
_TRIES = 4
_AT_ONCE = 8
_KEPT = timedelta(days=1)

#: Set after each commit that queued something; `rtr serve` waits for it.
pending = threading.Event()

#: Sends a document to a node: (base_url, chapter id, envelope) -> whether that node has it, or a newer one, now.
Send = Callable[[str, str, bytes], bool]


@dataclass(frozen=True)
class Progress:
    """How far our newest urgent change has come. `hq`: whether the seed has it; None for a node without one.

    `acknowledged` of `of` other chapters' nodes have it; `done` once no more are tried.
    """

    hq: bool | None
    acknowledged: int
    of: int
    done: bool


def wanted_of(others: int) -> int:
    """How many of `others` nodes are to acknowledge an urgent change (PROTOCOL.md §13.2)."""
    return others if others <= ALL_UP_TO else math.ceil(math.log(others)) + 4


def enqueue(session: Session, settings: Settings, chapter: str, digest: str, now: datetime) -> None:
    """Queue an urgent change of `chapter`, inside writing, for as many nodes as §13.2 asks."""
    _forget_old(session, now)
    _replace(session, chapter, digest, wanted_of(len(targets(session, settings, chapter))), now, urgent=True)


def pass_on(session: Session, settings: Settings, chapter: str, digest: str, now: datetime) -> None:
    """Queue another chapter's urgent change that was news here; beyond PASSED_ON_AN_HOUR the feed carries it."""
    if _queued_lately(session, chapter, now) < PASSED_ON_AN_HOUR:
        enqueue(session, settings, chapter, digest, now)


def hand_in(session: Session, settings: Settings, chapter: str, digest: str, now: datetime) -> None:
    """Queue a change of our own that can wait, inside writing: one node, the seed if it answers, gets it at once.

    Nobody may be reading our feed yet; whoever polls the seed then finds it there.
    """
    _replace(session, chapter, digest, min(1, len(targets(session, settings, chapter))), now, urgent=False)


def targets(session: Session, settings: Settings, chapter: str) -> list[str]:
    """Every other node that may be told of a document of `chapter`: the seed first, then the rest in random order."""
    hq = session.get(Hq, 1)
    hosts = {url for id_, url in directory.hosts(session) if id_ != chapter} - {settings.base_url}
    seed = [hq.url] if hq and hq.url != settings.base_url else []
    return seed + random.sample(sorted(hosts - set(seed)), k=len(hosts - set(seed)))


def deliver(sessions: sessionmaker[Session], settings: Settings, send: Send, now: datetime) -> int:
    """One round over the queue: tell whoever has not acknowledged yet. How many acknowledged. Never raises for a peer.

    The network is used outside any transaction; what came of it is written in one.
    """
    with sessions() as session:
        work = [job for item in _open_items(session) for job in _jobs(session, settings, item)]
    if not work:
        return 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda job: send(job.base_url, job.chapter, job.envelope), work))
    with sessions() as session, writing(session):
        _record(session, zip(work, answers, strict=True), now)
    return sum(answers)


def progress(session: Session, settings: Settings) -> Progress | None:
    """How far our own newest urgent change has come, or None if there was none lately."""
    own = directory.own_id(session)
    urgent = select(RelayItem).where(RelayItem.chapter == own, RelayItem.urgent)
    item = session.scalars(urgent.order_by(RelayItem.id.desc())).first()
    if own is None or item is None:
        return None
    told = _acknowledged(session, item.id)
    hq = session.get(Hq, 1)
    seed = hq.url if hq and hq.url != settings.base_url else None
    others = item.wanted - (1 if seed else 0)
    return Progress(seed in told if seed else None, len(told - {seed}), max(others, 0), item.done_at is not None)


def _replace(session: Session, chapter: str, digest: str, wanted: int, now: datetime, *, urgent: bool) -> None:
    """A newer document takes an older one's place in the queue, and keeps the reach that was still owed to it."""
    for item in _open_items(session):
        if item.chapter == chapter:
            wanted, urgent, item.done_at = max(wanted, item.wanted), urgent or item.urgent, now
    if wanted:
        item = RelayItem(chapter=chapter, digest=digest, urgent=urgent, queued_at=now, wanted=wanted)
        item.tries_left = _TRIES * wanted
        session.add(item)
        event.listen(session, "after_commit", lambda _: pending.set(), once=True)


@dataclass(frozen=True)
class _Job:
    item_id: int
    base_url: str
    chapter: str
    envelope: bytes


def _open_items(session: Session) -> list[RelayItem]:
    return list(session.scalars(select(RelayItem).where(RelayItem.done_at.is_(None)).order_by(RelayItem.id)))


def _jobs(session: Session, settings: Settings, item: RelayItem) -> list[_Job]:
    held = session.get(HeldDocument, item.chapter)
    if held is None or held.envelope is None:
        return []
    told = _acknowledged(session, item.id)
    missing = min(item.wanted - len(told), item.tries_left)
    left = [url for url in targets(session, settings, item.chapter) if url not in told]
    return [_Job(item.id, url, item.chapter, held.envelope) for url in left[: max(missing, 0)]]


def _acknowledged(session: Session, item_id: int) -> set[str]:
    query = select(RelayReceipt.base_url).where(
        RelayReceipt.item_id == item_id, RelayReceipt.acknowledged_at.is_not(None)
    )
    return set(session.scalars(query))


def _record(session: Session, results: Iterable[tuple[_Job, bool]], now: datetime) -> None:
    for job, acknowledged in results:
        item = session.get(RelayItem, job.item_id)
        if item is None:
            continue
        receipt = session.get(RelayReceipt, (job.item_id, job.base_url))
        if receipt is None:
            receipt = RelayReceipt(item_id=job.item_id, base_url=job.base_url, tries=0)
            session.add(receipt)
        receipt.tries += 1
        receipt.acknowledged_at = now if acknowledged else receipt.acknowledged_at
        item.tries_left -= 1
        session.flush()
        if item.tries_left <= 0 or len(_acknowledged(session, item.id)) >= item.wanted:
            item.done_at = item.done_at or now


def _queued_lately(session: Session, chapter: str, now: datetime) -> int:
    query = select(func.count()).where(RelayItem.chapter == chapter, RelayItem.queued_at > now - timedelta(hours=1))
    return session.scalar(query) or 0


def _forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(RelayItem).where(RelayItem.queued_at < now - _KEPT))
