"""Nodes in this process: real databases in folders of their own, real applications, a clock that tests set."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from federation.keys import SigningKey
from node import identity, leads, migrations, runs
from node.config import Settings
from node.database import make_engine
from node.models import Chapter, Lead, Run
from node.profile import ProfileInput

#: A Monday.
START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


class Clock:
    """The time as tests set it; the same for every node of a test."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **delta: float) -> datetime:
        """Move on by a timedelta's arguments."""
        self.now += timedelta(**delta)
        return self.now


class LocalNode:
    """One node in this process."""

    def __init__(self, folder: Path, clock: Clock, port: int, **settings: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        url = f"http://127.0.0.1:{port}"
        self.settings = Settings(data=folder, base_url=url, network="loopback", port=port, **settings)
        self.clock = clock
        self.engine = make_engine(self.settings.database)
        migrations.upgrade(self.engine)
        self.sessions = sessionmaker(self.engine)

    @cached_property
    def app(self) -> Flask:
        """This node's web application."""
        from web import create_app

        return create_app(self.settings, self.clock)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of its own, as a job or a command has it."""
        with self.sessions() as session:
            yield session

    def close(self) -> None:
        """Let go of the files."""
        self.engine.dispose()

    def found_chapter(self, profile: ProfileInput) -> Chapter:
        """Make this node a chapter's; the root key is kept in `root_key`."""
        self.root_key = SigningKey.generate()
        with self.session() as session:
            made = identity.create_chapter(
                session, self.settings, profile, SigningKey.generate(), self.root_key, self.clock()
            )
            session.refresh(made)
            session.expunge(made)
            return made

    def add_lead(self, name: str = "Sam") -> Lead:
        """A lead of this chapter."""
        with self.session() as session:
            lead = leads.add(session, name, self.clock())
            session.refresh(lead)
            session.expunge(lead)
            return lead

    def announce(self, run: runs.RunInput) -> Run:
        """A weekly run, signed and listed."""
        with self.session() as session:
            made = runs.announce(session, self.settings, run, None, self.clock())
            session.refresh(made)
            session.expunge(made)
            return made


LONDON = ProfileInput("London", "London", "GB", "Europe/London", "We run from the Monument.")
PETERBOROUGH = ProfileInput("Peterborough", "Peterborough", "GB", "Europe/London")
BRISBANE = ProfileInput("Brisbane", "Brisbane", "AU", "Australia/Brisbane")


def a_run(**changes: Any) -> runs.RunInput:
    """Thursdays 18:30 at the Monument, unless `changes` say otherwise."""
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
