"""A block of another node's feed: what is new in it, prepared for the one road in, and cut into parts.

While one block is stored, the next one is verified, and the one after that is on its way (`one_ahead`).
"""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from sqlalchemy.orm import Session, sessionmaker

from federation.documents import ChapterRoot
from federation.envelope import Envelope, claimed_digest, read
from federation.errors import FederationError, UnknownType
from federation.feed import Block
from federation.trust import Root

from ..config import Settings
from ..directory import held
from ..directory.held import Prepared
from .report import Report

T = TypeVar("T")

#: Documents taken under one hold of the write lock: a lead's tap waits for no more.
BATCH = 50


@dataclass
class Reader:
    """Reads the blocks of one feed, one after the other; writes nothing."""

    sessions: sessionmaker[Session]
    settings: Settings
    clock: Callable[[], datetime]
    report: Report
    #: Roots of the block before this one: they may not be stored yet.
    _coming: list[Root[ChapterRoot]] = field(default_factory=list)

    def read(self, block: Block) -> tuple[str, list[Prepared]]:
        """(where the feed goes on, all that is new in the block)."""
        with self.report.timed("held already"):
            lines = self._not_held(block.envelopes)
        with self.report.timed("read"):
            envelopes = self._readable(lines)
        with self.report.timed("verify"), self.sessions() as session:
            found = held.prepare(session, self.settings, envelopes, self.clock(), coming=self._coming)
        self._coming = [one.root for one in found if one.root and not one.document]
        return str(block.cursor), found

    def _not_held(self, lines: list[bytes]) -> list[bytes]:
        """By digest first: a re-read costs a glance and a look-up for the whole block, not a reading each (§14.2)."""
        glances = [claimed_digest(line) for line in lines]
        with self.sessions() as session:
            known = held.held_among(session, {glance for glance in glances if glance})
        return [line for line, glance in zip(lines, glances, strict=True) if glance not in known]

    def _readable(self, lines: list[bytes]) -> list[Envelope]:
        found = []
        for line in lines:
            try:
                found.append(read(line))
            except UnknownType:
                continue  # of a later version: no fault, and nothing that this one could pass on
            except FederationError as error:
                self.report.refused("a line", error)
        return found


def parts(found: list[Prepared]) -> list[list[Prepared]]:
    """`found` in parts of at most BATCH documents; roots go with them, as many again.

    Chapter by chapter, each in its own order: what lies together in the tables' indexes is written together.
    """
    cut: list[list[Prepared]] = []
    documents = BATCH
    for one in sorted(found, key=attrgetter("chapter")):
        if documents == BATCH or len(cut[-1]) == 2 * BATCH:
            cut.append([])
            documents = 0
        cut[-1].append(one)
        documents += one.document is not None
    return cut


@contextmanager
def one_ahead(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """`items` in order: each is made in a thread, while the caller works with the one before it, and no sooner.

    What goes wrong there is raised here, in its turn.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread, closing(_each(thread, items)) as made:
        yield made


def _each(thread: ThreadPoolExecutor, items: Iterator[T]) -> Generator[T]:
    end = object()
    coming = thread.submit(next, items, end)
    while (one := coming.result()) is not end:
        coming = thread.submit(next, items, end)
        yield one  # type: ignore[misc]  # it is not the end
