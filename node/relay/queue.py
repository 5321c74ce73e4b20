"""The queue of changes that other nodes must hear of, written in the transaction of the change (PROTOCOL.md §13)."""

import logging
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ..config import Settings
from ..database import Writing
from ..directory import chapters
from ..handle import wake_courier
from ..models import HeldRoot, RelayItem, RelayReceipt

log = logging.getLogger(__name__)

#: Where there are no more other nodes than these, each of them is told.
ALL_UP_TO = 12
#: Documents of another chapter that are passed on within an hour. The feed carries any more.
PASSED_ON_AN_HOUR = 6
#: Tries for each wanted acknowledgement, and tries for one node, which take three quarters of an hour.
_TRIES = 4
_TRIES_A_NODE = 8
_KEPT = timedelta(days=1)

_OPEN = select(RelayItem).where(RelayItem.done_at.is_(None)).order_by(RelayItem.id)


@dataclass(frozen=True)
class Progress:
    """How far our newest urgent change has come.

    `hq`: whether the seed has it; None without a seed. `acknowledged` of `of` other chapters' nodes have it. `done`: no
    more nodes are tried. `is_everybody`: this node tells all others itself.
    """

    hq: bool | None
    acknowledged: int
    of: int
    done: bool
    is_everybody: bool = True


def wanted_of(others: int) -> int:
    """How many of `others` nodes are to acknowledge an urgent change (PROTOCOL.md §13.2)."""
    return others if others <= ALL_UP_TO else math.ceil(math.log(others)) + 4


def add_urgent(session: Writing, settings: Settings, changed: Iterable[str], now: datetime) -> None:
    """Queue an urgent change of each chapter in `changed` for as many nodes as §13.2 asks."""
    _forget_old(session, now)
    everybody = _everybody(session, settings)
    for chapter in changed:
        # The author's own node is no target. Of few nodes that one would be missed; among many it does not matter.
        others = everybody if everybody > ALL_UP_TO + 1 else len(targets(session, settings, chapter))
        _replace(session, chapter, wanted_of(others), now, urgent=True)


def pass_on(session: Writing, settings: Settings, changed: Iterable[str], now: datetime) -> None:
    """Queue urgent changes of other chapters that were news here.

    The feed carries what is more than PASSED_ON_AN_HOUR of one chapter.
    """
    due = [chapter for chapter in changed if _queued_lately(session, chapter, now) < PASSED_ON_AN_HOUR]
    if due:
        add_urgent(session, settings, due, now)


def add_for_seed(session: Writing, settings: Settings, chapter: str, now: datetime) -> None:
    """Queue a change of our own that can wait, for one node: the seed, if it answers.

    No node may be reading our feed yet, but nodes that read the seed find the change there.
    """
    _replace(session, chapter, min(1, _everybody(session, settings)), now, urgent=False)


def targets(session: Session, settings: Settings, chapter: str) -> list[str]:
    """Addresses that may be told of a document of `chapter`: the seed, then the others in random order."""
    seed = chapters.seed(session, settings)
    hosts = {url for id_, url in chapters.hosts(session) if id_ != chapter} - {settings.base_url, seed}
    return ([seed] if seed else []) + random.sample(sorted(hosts), k=len(hosts))


def _everybody(session: Session, settings: Settings, but: str = "", most: int | None = None) -> int:
    """How many other nodes there are, `but` for one chapter's. `most`: beside the seed no more of them are counted."""
    seed = chapters.seed(session, settings)
    homes = chapters.homes(session).where(HeldRoot.author != but)
    others = homes.where(HeldRoot.base_url.not_in([url for url in (settings.base_url, seed) if url]))
    hosts = others.with_only_columns(HeldRoot.base_url).distinct().limit(most).subquery()
    return bool(seed) + (session.scalar(select(func.count()).select_from(hosts)) or 0)


def progress(session: Session, settings: Settings, now: datetime) -> Progress | None:
    """How far our own newest urgent change has come, or None if there was none within a day."""
    own = chapters.own_id(session)
    urgent = select(RelayItem).where(RelayItem.chapter == own, RelayItem.urgent, RelayItem.queued_at > now - _KEPT)
    item = session.scalars(urgent.order_by(RelayItem.id.desc())).first()
    if own is None or item is None:
        return None
    acknowledged = {url for url, row in receipts_of(session, item).items() if row.acknowledged_at}
    seed = chapters.seed(session, settings)
    others = len(acknowledged - {seed})
    # While the seed does not answer, other nodes are told in its place: then more have it than were wanted.
    of = max(item.wanted - (1 if seed else 0), others)
    is_everybody = _everybody(session, settings) <= ALL_UP_TO
    return Progress(seed in acknowledged if seed else None, others, of, is_done(session, settings, item), is_everybody)


def _replace(session: Writing, chapter: str, wanted: int, now: datetime, *, urgent: bool) -> None:
    """Put a newer document in the place of a queued older one. Its reach is at least what the older one still had."""
    for item in session.scalars(_OPEN.where(RelayItem.chapter == chapter)):
        wanted, urgent, item.done_at = max(wanted, item.wanted), urgent or item.urgent, now
    if wanted:
        tries = _TRIES * wanted
        session.add(RelayItem(chapter=chapter, urgent=urgent, queued_at=now, wanted=wanted, tries_left=tries))
        wake_courier(session)


def open_items(session: Session) -> list[RelayItem]:
    """Documents that some node may still be told of, the oldest first."""
    return list(session.scalars(_OPEN))


def open_targets(session: Session, settings: Settings, item: RelayItem) -> list[str]:
    """Addresses that may still be told of `item`, now or later. Without any, the item is done.

    The seed gets an urgent change however many others have it, since every node reads the seed.
    """
    receipts = receipts_of(session, item)
    if missing_of(item, receipts) > 0:
        return [url for url in targets(session, settings, item.chapter) if is_open(receipts.get(url))]
    seed = chapters.seed(session, settings)
    return [seed] if seed and item.urgent and is_open(receipts.get(seed)) else []


def is_done(session: Session, settings: Settings, item: RelayItem) -> bool:
    """Whether no target is left. Does not go through all nodes where many are left."""
    receipts = receipts_of(session, item)
    told = len(receipts)
    if missing_of(item, receipts) > 0 and _everybody(session, settings, item.chapter, told + 1) > told:
        return False
    return not open_targets(session, settings, item)


def missing_of(item: RelayItem, receipts: dict[str, RelayReceipt]) -> int:
    """How many acknowledgements are still wanted."""
    acknowledged = sum(row.acknowledged_at is not None for row in receipts.values())
    return min(item.wanted - acknowledged, item.tries_left)


def is_open(receipt: RelayReceipt | None) -> bool:
    """Whether the node of this receipt has not acknowledged, and may be tried again."""
    return receipt is None or (receipt.acknowledged_at is None and receipt.tries < _TRIES_A_NODE)


def receipts_of(session: Session, item: RelayItem) -> dict[str, RelayReceipt]:
    """What was tried for `item`, by the node's address."""
    rows = session.scalars(select(RelayReceipt).where(RelayReceipt.item_id == item.id))
    return {row.base_url: row for row in rows}


def _queued_lately(session: Session, chapter: str, now: datetime) -> int:
    query = select(func.count()).where(RelayItem.chapter == chapter, RelayItem.queued_at > now - timedelta(hours=1))
    return session.scalar(query) or 0


def _forget_old(session: Writing, now: datetime) -> None:
    session.execute(delete(RelayItem).where(RelayItem.queued_at < now - _KEPT))
