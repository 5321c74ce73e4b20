"""Chapters on paper: really signed, listed by HQ, in its node before the others start; no process of their own."""

from itertools import islice

from node import directory
from node.database import writing
from node.hq import register

from ..commands.folder import opened, utc_now
from .corpus import make_chapters
from .nodes import DemoNode

_RUNS_EACH = 3
#: Taken in under one hold of the write lock.
_BATCH = 500


def list_paper_chapters(hq: DemoNode, count: int) -> int:
    """Sign `count` chapters, let HQ list them, and put their documents into HQ's node; how many listings they have.

    HQ's own address is the address of each: its node answers for them, so that no other one asks where nobody is.
    """
    now = utc_now()
    with opened(hq.folder, {}) as folder:
        signed = list(make_chapters(count, _RUNS_EACH, now, at=lambda _: hq.url))
        with folder.sessions() as session, writing(session):
            listed = register.entries(session) | {chapter.id: chapter.entry(now) for chapter in signed}
            register.sign_registry(session, folder.settings, listed, now)
        chapters = iter(signed)
        while batch := list(islice(chapters, _BATCH)):
            with folder.sessions() as session, writing(session):
                for chapter in batch:
                    directory.receive_root(session, folder.settings, chapter.id, chapter.root)
                    directory.receive_document(session, folder.settings, chapter.document, now)
    return count * _RUNS_EACH
