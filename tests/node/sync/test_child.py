"""A large reading in a process of its own: it ends well, is killed in the middle, and goes on (real processes)."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

from deploy.demo.corpus import make_chapters
from federation.keys import SigningKey
from node import config, jobs, migrations
from node.chapter import identity
from node.chapter.profile import ProfileInput
from node.database import checkpoint, make_engine, writing
from node.directory import registry
from node.handle import Node, open_node
from node.models import KnownPeer
from node.wire.outbound import Outbound, Unreachable

from ...benchmarks.servers import served
from ...support.federation_makers import HqMaker
from ...support.processes import free_port_base, wait_until

CHAPTERS = 700


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[tuple[HqMaker, str]]:
    """A real HTTP server that gives a directory of 700 chapters."""
    now = datetime.now(UTC).replace(microsecond=0)
    hq, port = HqMaker(), free_port_base()
    url = f"http://127.0.0.1:{port}"
    served.prepare(tmp_path / "served", hq, list(make_chapters(CHAPTERS, 1, now, at=lambda _: url)), now)
    command = [sys.executable, "-m", "tests.benchmarks.servers.served", str(tmp_path / "served"), str(port)]
    with subprocess.Popen(command) as process, ExitStack() as at_the_end:
        at_the_end.callback(process.terminate)
        wire = Outbound("loopback")
        wait_until(lambda: _answers(wire, url), "the served peer")
        yield hq, url


def _answers(wire: Outbound, url: str) -> bool:
    try:
        return wire.send("GET", url, "/fed/v1/status", cap=65_536).status == 200
    except Unreachable:
        return False


@pytest.fixture
def reader(tmp_path: Path, peer: tuple[HqMaker, str]) -> Iterator[Node]:
    """A new node's folder that has joined that HQ, as its serving process works with it."""
    hq, url = peer
    folder = tmp_path / "node"
    folder.mkdir()
    config.write(folder, {"BASE_URL": "http://127.0.0.1:8100", "NETWORK": "loopback", "PORT": "8100"})
    settings = config.load(folder, {})
    engine = make_engine(settings.database)
    migrations.upgrade(engine)
    now = datetime.now(UTC)
    with sessionmaker(engine)() as session:
        profile = ProfileInput("Leeds", "Leeds", "GB", "Europe/London")
        identity.create_chapter(session, settings, profile, SigningKey.generate(), SigningKey.generate(), now)
        with writing(session):
            registry.pin(session, url, hq.roots, hq.id, hq.roots[0].digest)
    # The wire is not told: else the poll would end before there is a child.
    yield replace(open_node(settings, engine), stopping=Event())
    engine.dispose()


def counted(context: Node) -> tuple[int, int]:
    """(documents of others, listings)"""
    with sqlite3.connect(context.settings.database, timeout=15) as database:
        documents = database.execute("SELECT count(*) FROM held_document").fetchone()[0] - 1
        listings = database.execute("SELECT count(*) FROM held_listing").fetchone()[0]
    database.close()
    return documents, listings


def test_the_job_leaves_a_large_reading_to_a_child_that_reads_all_of_it(reader: Node) -> None:
    jobs.poll(reader)
    assert counted(reader) == (CHAPTERS, CHAPTERS)


def test_a_child_killed_in_the_middle_leaves_a_whole_database_and_the_next_goes_on(reader: Node) -> None:
    command = [sys.executable, "-m", "node.sync", str(reader.settings.data)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child, ExitStack() as at_the_end:
        at_the_end.callback(child.kill)
        wait_until(lambda: counted(reader)[0] > 0, "the first documents", pause=0.001)
    documents, listings = counted(reader)
    assert 0 < documents < CHAPTERS
    assert listings == documents
    with sqlite3.connect(reader.settings.database) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        seqs = [row[0] for row in database.execute("SELECT seq FROM held_root UNION ALL SELECT seq FROM held_document")]
        assert max(filter(None, seqs)) <= database.execute("SELECT seq FROM counter").fetchone()[0]
    database.close()
    jobs.poll(reader)
    assert counted(reader) == (CHAPTERS, CHAPTERS)


def test_a_power_cut_takes_back_the_cursor_with_the_documents_that_the_disk_did_not_get(reader: Node) -> None:
    """The child syncs none of its commits, so that the log may end anywhere."""
    checkpoint(reader.engine)
    subprocess.run(
        [sys.executable, "-m", "node.sync", str(reader.settings.data)], check=True, stdout=subprocess.DEVNULL
    )
    database = reader.settings.database
    log = database.with_name(database.name + "-wal").read_bytes()
    found = [_after_power_cut(database, log[: len(log) * part // 10]) for part in range(1, 11)]
    assert all(items >= cursor for items, cursor in found), found
    assert found == sorted(found)
    assert 0 < found[4][1] < found[-1][1] == 2 * CHAPTERS


def _after_power_cut(database: Path, log: bytes) -> tuple[int, int]:
    """(roots and documents of others, how far the cursor is) in a copy whose write-ahead log is `log`."""
    copy = database.parent / "cut.sqlite"
    copy.write_bytes(database.read_bytes())
    copy.with_name("cut.sqlite-wal").write_bytes(log)
    with sqlite3.connect(copy) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        count = "SELECT (SELECT count(*) FROM held_document) + (SELECT count(*) FROM held_root) - 2"
        items = opened.execute(count).fetchone()[0]
        cursor = opened.execute("SELECT cursor FROM peer").fetchone()
    opened.close()
    return items, int(cursor[0].partition(".")[2] or 0) if cursor else 0


def test_a_node_that_stops_ends_its_child(reader: Node) -> None:
    reader.stopping.set()
    jobs.poll(reader)
    with reader.sessions() as session:
        assert all(peer.failures == 0 for peer in session.scalars(select(KnownPeer)))
    assert counted(reader)[0] < CHAPTERS
