"""An upgrade on a copy of the database while the node serves: every step is taken, and pages are drawn. Nothing stays.

What would fail in an upgrade then fails here, where nobody waits for an answer.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from node import migrations
from node.config import Settings
from node.database import make_engine
from node.errors import NodeError
from node.handle import Node, open_node
from node.members import sign_in
from node.migrations import copies
from node.models import Person
from node.upkeep.room import ROOM, room_in
from node.wire.outbound import Answer, Unreachable
from web import close, create_app

#: What anybody reads first. They ask no other node.
PAGES = ("/", "/runs", "/chapters", "/privacy", "/signin", "/fed/v1/status", "/fed/v1/changes")
#: What whoever leads reads first, and HQ's people.
PRIVATE_PAGES = {"chapter": ("/me", "/lead"), "hq": ("/me", "/hq")}


#: How often the database fits into the room that its upgrade takes: the copy, and what the steps write beside it.
_TIMES = 3


class Failed(NodeError):
    """This version cannot do its work with this database. The message is one line."""


def rehearse(settings: Settings) -> None:
    """Upgrade a copy of the database and draw its pages. Raises Failed, UnknownRevision, sqlite3.Error, OSError."""
    with upgraded_copy(settings, settings.database) as copy:
        engine = make_engine(copy.database)
        try:
            _draw_pages(open_node(copy, engine))
        finally:
            engine.dispose()


@contextmanager
def upgraded_copy(settings: Settings, database: Path) -> Iterator[Settings]:
    """A folder beside the data's own copies with `database` as this version would have it, for the block alone."""
    folder = copies.folder_of(settings.database) / "rehearsal"
    shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
    _require_room(settings, database)
    folder.mkdir(mode=0o700, parents=True)
    try:
        copy = replace(settings, data=folder, keys_folder=str(settings.members_key_file.parent))
        copy.signing_key_file.parent.symlink_to(settings.signing_key_file.parent.absolute())
        _copy(database, copy.database)
        engine = make_engine(copy.database)
        try:
            made = migrations.upgrade(engine, keeps_copy=False)
            assert made is None  # noqa: S101 - the copy itself is one
        finally:
            engine.dispose()
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_room(settings: Settings, database: Path) -> None:
    """Leave the node that serves the room that it needs: a step may write every table anew."""
    needed, free = _TIMES * database.stat().st_size + ROOM, room_in(settings.data)
    if free < needed:
        raise Failed(
            f"the disk that holds {settings.data} has {free >> 20} MB left, and this needs {needed >> 20} MB for a "
            "while: free some space, then do this again"
        )


def _copy(database: Path, to: Path) -> None:
    to.touch(mode=0o600)
    with (
        closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)


def _draw_pages(node: Node) -> None:
    alone = replace(node, wire=_Silent())
    app = create_app(alone)
    try:
        browser, url = app.test_client(), node.settings.base_url
        _require_pages(browser, url, PAGES)
        token = _link_of_a_lead(alone)
        if token:
            # As a lead's phone does it.
            browser.post(f"/signin/{token}", base_url=url, headers={"Origin": url})
            _require_pages(browser, url, PRIVATE_PAGES[node.settings.role])
    finally:
        close(app)


def _require_pages(browser: FlaskClient, url: str, pages: tuple[str, ...]) -> None:
    for page in pages:
        status = browser.get(page, base_url=url).status_code
        if status != HTTPStatus.OK:
            raise Failed(f"this version cannot show {page} with this database (status {status})")


def _link_of_a_lead(node: Node) -> str | None:
    """The token of a sign-in link, in the copy alone. None where nobody leads yet."""
    with node.sessions() as session:
        lead = session.scalars(select(Person.id).where(Person.role == "lead").order_by(Person.id)).first()
        return sign_in.make_link(session, lead, node.clock()) if lead else None


class _Silent:
    """A wire over which nobody can be reached: a rehearsal says nothing to anybody."""

    def send(self, *_: object, **__: object) -> Answer:
        """See node.wire.outbound.Wire."""
        raise Unreachable("a rehearsal asks nobody")
