"""Chapters on paper: really signed, and listed by HQ before the other nodes start, but without a node of their own."""

from datetime import datetime

from node.directory import held
from node.handle import Node, utc_now
from node.hq import registry
from node.sync import intake
from node.sync.blocks import parts

from ..commands.folder import opened
from .corpus import SignedChapter, make_chapters
from .nodes import DemoNode

_RUNS_EACH = 3


def list_paper_chapters(hq: DemoNode, count: int) -> int:
    """Sign so many chapters, let HQ list them, and put their documents into HQ's node. How many listings they have.

    Each has HQ's own address, so that HQ's node answers for them. No node asks an address where nothing listens.
    """
    now = utc_now()
    signed = list(make_chapters(count, _RUNS_EACH, now, at=lambda _: hq.url))
    with opened(hq.folder, {}) as node:
        with node.writing() as transaction:
            listed = registry.entries(transaction) | {chapter.id: chapter.entry(now) for chapter in signed}
            registry.sign_registry(transaction, node.settings, listed, now)
        _take_in(node, signed, now)
    return count * _RUNS_EACH


def _take_in(node: Node, signed: list[SignedChapter], now: datetime) -> None:
    """Take the documents in as if they had come in a block of another node's feed."""
    envelopes = [envelope for chapter in signed for envelope in (chapter.root, chapter.document)]
    with node.sessions() as session:
        for part in parts(held.prepare(session, node.settings, envelopes, now)):
            for result in intake.take(session, node.settings, part, now):
                held.received(result)
