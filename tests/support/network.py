"""Nodes in this process: real databases, real applications, and a clock that tests set."""

import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.listening import listening
from deploy.server import create_server
from federation.keys import SigningKey
from federation.words import Status
from node import jobs, migrations, sealed_fields
from node.chapter import identity, leads, runs
from node.chapter.profile import ProfileInput
from node.config import Settings
from node.database import make_engine, writing
from node.directory import feed
from node.handle import Node
from node.hq import admissions, founding, registry
from node.members import telling
from node.models import Chapter, HeldDocument, HeldRegistry, Person, Run
from node.sync import Report, Sync, joining
from node.wire.outbound import Answer, Outbound, Unreachable, Wire

from .compiled_once import TEMPLATES

#: Ports of nodes that are not served.
_USUAL_PORTS = range(8100, 8300)
#: A Monday.
START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


class Clock:
    """The time as a test sets it. All nodes of a test have the same clock."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **delta: float) -> datetime:
        """Move the clock on, by the arguments of a timedelta."""
        self.now += timedelta(**delta)
        return self.now


@cache
def _empty_database() -> bytes:
    """An empty database of the newest version. It is migrated once for all nodes of a test run."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "node.sqlite"
        engine = make_engine(database)
        migrations.upgrade(engine)
        engine.dispose()
        return database.read_bytes()


class LocalNode:
    """One node in this process."""

    chapter_id: str

    def __init__(self, folder: Path, clock: Clock, port: int, wire: Wire | None = None, **settings: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        url = f"http://127.0.0.1:{port}"
        settings = {"mail": f"folder:{self.letters_folder(folder)}"} | settings
        self.settings = Settings(data=folder, base_url=url, network="loopback", port=port, **settings)
        if not self.settings.database.exists():
            self.settings.database.write_bytes(_empty_database())
        self._open(clock, wire or Outbound("loopback"))
        with self._made.writing() as transaction:
            sealed_fields.make_if_new(transaction, self.settings)

    def _open(self, clock: Clock, wire: Wire) -> None:
        self.clock, self.wire = clock, wire
        self.engine = make_engine(self.settings.database)
        self._made = Node(self.settings, self.engine, wire, clock, clock(), news=telling.tell)
        self.sessions = self._made.sessions

    def copied(self, folder: Path, clock: Clock, wire: Wire) -> "LocalNode":
        """The same node again, with the same keys and the same address, in files of its own."""
        # What is only in the log beside the database comes into it.
        self.engine.dispose()
        copied = copy(self)
        copied.__dict__.pop("app", None)
        data = self.settings.data
        # Beside it are its letters and the members' key.
        for end in ("", "-letters", "-keys"):
            if (made := data.with_name(data.name + end)).exists():
                shutil.copytree(made, folder.with_name(folder.name + end))
        mail = self.settings.mail.replace(str(self.letters_folder(data)), str(self.letters_folder(folder)))
        copied.settings = replace(self.settings, data=folder, mail=mail)
        copied._open(clock, wire)
        return copied

    @staticmethod
    def letters_folder(folder: Path) -> Path:
        """Where the node whose data folder is `folder` puts its letters."""
        return folder.with_name(f"{folder.name}-letters")

    @cached_property
    def app(self) -> Flask:
        """This node's web application."""
        from web import create_app

        app = create_app(self.handle)
        app.config.update(RATELIMIT_ENABLED=False)
        app.jinja_env.bytecode_cache = TEMPLATES
        return app

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session such as a job or a command has."""
        with self.sessions() as session:
            yield session

    @property
    def handle(self) -> Node:
        """What jobs, commands and the pages get: of one process, with the clock and the wire of this moment."""
        return replace(self._made, clock=self.clock, wire=self.wire, render=self._render)

    def _render(self, letter_id: int, address: str) -> Any:
        from web import letters

        return letters.renderer(self.app)(letter_id, address)

    def restarted(self, **changes: Any) -> Node:
        """The handle of another process, which begins now: nobody has answered it for a chapter yet."""
        fresh: dict[str, Any] = {"began": self.clock(), "is_answered": Event(), "stopping": Event()}
        return replace(self.handle, **fresh | changes)

    def close(self) -> None:
        """Close the files, and end what the application runs in other threads."""
        if "app" in self.__dict__:
            from web import close

            close(self.app)
        self.engine.dispose()

    def found_chapter(self, profile: ProfileInput) -> Chapter:
        """Found the chapter of this node. The test finds its root key in `root_key`."""
        self.root_key = SigningKey.generate()
        with self.session() as session:
            made = identity.create_chapter(
                session, self.settings, profile, SigningKey.generate(), self.root_key, self.clock()
            )
            session.refresh(made)
            session.expunge(made)
            self.chapter_id = made.id
            return made

    def add_lead(self, name: str = "Sam", role: str = "lead") -> Person:
        """Add a lead, or a person of another role."""
        with self.session() as session:
            with writing(session) as transaction:
                lead = leads.enter(transaction, name, self.clock(), role)
            session.refresh(lead)
            session.expunge(lead)
            return lead

    def announce(self, run: runs.RunInput) -> Run:
        """Announce a run."""
        with self.session() as session:
            made = runs.announce(session, self.settings, run, None, self.clock())
            session.refresh(made)
            session.expunge(made)
            return made


LONDON = ProfileInput("London", "London", "GB", "Europe/London", "We run from the Monument.")
PETERBOROUGH = ProfileInput("Peterborough", "Peterborough", "GB", "Europe/London")
BRISBANE = ProfileInput("Brisbane", "Brisbane", "AU", "Australia/Brisbane")


def a_run(**changes: Any) -> runs.RunInput:
    """A run on Thursdays at 18:30 at the Monument, unless `changes` say otherwise."""
    values: dict[str, Any] = {
        "name": "Thursday evening run",
        "kind": "run-walk",
        "timezone": "Europe/London",
        "starts_on": date(2026, 6, 4),
        "starts_at": time(18, 30),
        "point_name": "The Monument",
        "lat_e4": 515101,
        "lon_e4": -860,
        "address": "Fish Street Hill, London EC3R",
        "directions": "At the foot of the column, by the steps.",
        "distance_m": 5000,
    }
    return runs.RunInput(**values | changes)


class LocalWire:
    """Carries requests between the nodes of this process. A node in `down` does not answer."""

    def __init__(self) -> None:
        self.nodes: dict[str, LocalNode] = {}
        self.down: set[str] = set()
        self.sent: list[tuple[str, str]] = []

    def send(
        self,
        method: str,
        base_url: str,
        path: str,
        *,
        cap: int,
        body: bytes | None = None,
        etag: str = "",
        deadline: float = 10.0,
    ) -> Answer:
        """See node.wire.outbound.Wire."""
        self.sent.append((method, base_url + path))
        if base_url in self.down or base_url not in self.nodes:
            raise Unreachable(f"{base_url}: nobody there")
        headers = {"If-None-Match": f'"{etag}"'} if etag else {}
        response = self.nodes[base_url].app.test_client().open(
            path, method=method, base_url=base_url, data=body, headers=headers,
            content_type="application/json" if body is not None else None,
        )  # fmt: skip
        if len(response.data) > cap:
            raise Unreachable(f"over {cap} bytes")
        etag = response.headers.get("ETag", "").strip('"')
        return Answer(response.status_code, response.data, etag, response.mimetype)


class LocalFederation:
    """HQ and chapters in this process, with one clock."""

    london: LocalNode

    def __init__(
        self, folder: Path, clock: Clock, ports: Iterator[int] | None = None, wire: LocalWire | None = None
    ) -> None:
        """`ports`: free ports, where nodes are to be `served`."""
        self.folder, self.clock, self.wire, self._ports = folder, clock, wire or LocalWire(), ports or count(8200)
        self.nodes: dict[str, LocalNode] = {}
        self.hq = self._add("hq", role="hq")
        with self.hq.session() as session:
            self.hq_root_keys = founding.create_hq(
                session, self.hq.settings, founding.HqInput("HQ", "hq@example.org"), clock()
            )

    def copied(self, folder: Path) -> "LocalFederation":
        """The same federation again, in files of its own. Tests of a file share what took seconds to make."""
        made = copy(self)
        made.folder, made.clock, made.wire, made._ports = folder, Clock(self.clock.now), LocalWire(), copy(self._ports)
        made.nodes = {}
        for name, node in self.nodes.items():
            made._enter(name, node.copied(folder / name, made.clock, made.wire))
        made.hq = made.nodes["hq"]
        # Blocks are cached by the feed's name, which both have.
        feed._cache.clear()
        return made

    def add_chapter(self, profile: ProfileInput, *, admit: bool = True) -> LocalNode:
        """A chapter's node. If `admit`, the chapter has joined with an invitation of HQ."""
        node = self._add(profile.name.lower(), role="chapter")
        node.found_chapter(profile)
        if admit:
            assert self.join(node) == "admitted"
        return node

    def join(self, node: LocalNode, *, needs_a_person: bool = False) -> str:
        """Ask to join with a new invitation. HQ's answer."""
        with self.hq.session() as session:
            invitation = admissions.invite(session, self.hq.settings, "", not needs_a_person, self.clock())
        return joining.join(node.handle, invitation)

    def set_status(self, node: LocalNode, status: Status) -> None:
        """Let HQ list the node's chapter so."""
        with self.hq.session() as session:
            now = self.clock.tick(seconds=5)
            registry.set_status(session, self.hq.settings, node.chapter_id, status, now)

    def poll(self, node: LocalNode, only: LocalNode | None = None) -> Report:
        """One round of reading other nodes (or `only` one)."""
        return Sync(node.handle).round(only=only.settings.base_url if only else None)

    def relay(self, node: LocalNode) -> int:
        """One round of the relay. How many nodes it has told."""
        carrying = jobs.courier(node.restarted())
        told = sum(future.result() for future in carrying.round())
        carrying.close()
        return told

    def settle(self, rounds: int = 3) -> None:
        """Let every node relay and then read every other one, in a fixed order, until all hold the same."""
        up = [node for url, node in self.wire.nodes.items() if url not in self.wire.down]
        for _ in range(rounds):
            before = [_held(node) for node in up]
            told = 0
            for node in up:
                told += self.relay(node)
                for other in up:
                    if other is not node:
                        self.poll(node, only=other)
            after = [_held(node) for node in up]
            # A round that brought nobody anything is followed by others like it.
            if (not told and before == after) or all(one == after[0] for one in after):
                return

    def close(self) -> None:
        """Close every node's files."""
        for node in self.wire.nodes.values():
            node.close()

    def _add(self, name: str, role: Any) -> LocalNode:
        return self._enter(name, LocalNode(self.folder / name, self.clock, next(self._ports), self.wire, role=role))

    def _enter(self, name: str, node: LocalNode) -> LocalNode:
        self.nodes[name] = self.wire.nodes[node.settings.base_url] = node
        return node


def free_ports(number: int) -> list[int]:
    """So many ports that are free now."""
    with ExitStack() as found:
        sockets = [found.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def served(node: LocalNode) -> Iterator[None]:
    """The node behind its own port, on the server that `rtr serve` uses."""
    assert node.settings.port not in _USUAL_PORTS, "another test may serve there: give the node one of free_ports()"
    server = create_server(node.app, listening("127.0.0.1", node.settings.port))
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield
    finally:
        server.close()
        serving.join(10)


def held_digests(node: LocalNode) -> dict[str, str | None]:
    """The digest of every document that the node holds, by chapter id."""
    with node.session() as session:
        return {row.chapter: row.digest for row in session.scalars(select(HeldDocument))}


def _held(node: LocalNode) -> tuple[str | None, dict[str, str | None]]:
    """The digests of HQ's registry and of every document."""
    with node.session() as session:
        return session.scalar(select(HeldRegistry.digest)), held_digests(node)
