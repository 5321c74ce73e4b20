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

#: Documents that are taken under one hold of the write lock, so that a lead's tap waits for no more.
BATCH = 50


@dataclass
class Reader:
    """Reads the blocks of one feed, one after the other. Writes nothing."""

    sessions: sessionmaker[Session]
    settings: Settings
    clock: Callable[[], datetime]
    report: Report
    #: Roots of the previous block, which may not be stored yet.
    _coming: list[Root[ChapterRoot]] = field(default_factory=list)

    def read(self, block: Block) -> tuple[str, list[Prepared]]:
        """The cursor behind the block, and all that is new in the block, prepared."""
        with self.report.timed("held already"):
            lines = self._not_held(block.envelopes)
        with self.report.timed("read"):
            envelopes = self._readable(lines)
        with self.report.timed("verify"), self.sessions() as session:
            found = held.prepare(session, self.settings, envelopes, self.clock(), coming=self._coming)
        self._coming = [one.root for one in found if one.root and not one.document]
        return str(block.cursor), found

    def _not_held(self, lines: list[bytes]) -> list[bytes]:
        """Drop lines whose digests are held, before any is parsed (§14.2). One look-up serves the whole block."""
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
                continue  # a kind of a later version is no fault, and this node cannot pass it on
            except FederationError as error:
                self.report.refused("a line", error)
        return found


def parts(found: list[Prepared]) -> list[list[Prepared]]:
    """Cut `found` into parts of at most BATCH documents, and at most as many roots again.

    Parts go chapter by chapter, since rows that are neighbours in an index are written faster together.
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
    """Yield `items` in order. A thread makes the next item while the caller works with the current one, and no sooner.

    An error of that thread is raised here, where its item would come.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread, closing(_each(thread, items)) as made:
        yield made


def _each(thread: ThreadPoolExecutor, items: Iterator[T]) -> Generator[T]:
    end = object()
    coming = thread.submit(next, items, end)
    while (one := coming.result()) is not end:
        coming = thread.submit(next, items, end)
        yield one  # type: ignore[misc]  # it is not the end
