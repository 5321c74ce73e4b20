"""A chapter that moves: the former server says nothing any more, and keeps showing what the new one says."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from node import jobs
from node.chapter import dates, publishing, rivals
from node.chapter.home import moving, rotation
from node.chapter.home.rotation import Changes
from node.database import writing
from node.directory import listings
from node.errors import InvalidInput, MovedAway
from node.models import Run

from ....support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run, held_digests
from ..test_two_servers import copy_of

FIRST, SECOND = date(2026, 6, 4), date(2026, 6, 11)


class Move:
    """London's former server, and the new one with a copy of its folder."""

    def __init__(self, federation: LocalFederation, folder: Path) -> None:
        self.federation, self.clock = federation, federation.clock
        self.old, self.brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
        self.run = self.old.announce(a_run())
        federation.settle()
        self.folder = folder

    def leave(self, address: str = "") -> None:
        with self.old.session() as session, writing(session) as transaction:
            moving.leave(transaction, self.old.settings, address or self.old.settings.base_url)

    def arrive(self) -> LocalNode:
        """The new server at the same address. Other nodes reach it from now on."""
        self.new = copy_of(self.old, self.folder)
        self.new.root_key = self.old.root_key
        self.federation.wire.nodes[self.new.settings.base_url] = self.new
        return self.new

    def arrive_at(self, port: int) -> LocalNode:
        """The new server at another address, which the next root names."""
        new = copy_of(self.old, self.folder)
        address = f"http://127.0.0.1:{port}"
        with new.session() as session:
            changes = Changes(address=address, new_signing_key=True)
            signers = {"this key": self.old.root_key}
            rotation.sign_next_root(session, new.settings, signers, changes, self.clock.tick(minutes=5))
        new.close()
        shutil.copy(self.old.settings.members_key_file, new.settings.members_key_file)
        self.new = LocalNode(self.folder, self.clock, port, self.federation.wire)
        self.new.chapter_id = self.old.chapter_id
        self.federation.wire.nodes[address] = self.new
        return self.new

    def cancel(self, node: LocalNode, day: date = FIRST) -> None:
        with node.session() as session:
            dates.cancel(session, node.settings, self.run.id, day, "lead", "", self.clock.tick(minutes=1))

    def state(self, node: LocalNode, day: date = FIRST) -> str:
        with node.session() as session:
            view = listings.listing(session, self.old.chapter_id, self.run.id, self.clock())
            return next(one.state for one in view.coming if one.day == day)


@pytest.fixture
def move(federation: LocalFederation, tmp_path: Path) -> Iterator[Move]:
    made = Move(federation, tmp_path / "copy")
    yield made
    for node in (made.old, made.__dict__.get("new")):
        if node:
            node.close()


def test_nothing_is_said_on_the_former_server_and_nothing_is_lost_silently(move: Move) -> None:
    move.cancel(move.old)
    move.leave()
    with pytest.raises(MovedAway, match="another server"):
        move.cancel(move.old, SECOND)
    assert move.state(move.old) == "cancelled"
    assert move.state(move.old, SECOND) != "cancelled"


def test_the_mark_does_not_travel_in_the_database(move: Move) -> None:
    move.leave()
    new = move.arrive()
    move.cancel(new)
    move.federation.settle()
    assert move.state(move.brisbane) == "cancelled"


def test_a_mark_that_came_along_with_a_copied_folder_is_taken_away(move: Move) -> None:
    move.leave()
    new = move.arrive()
    shutil.copy(move.old.settings.data / "moved.json", new.settings.data)
    with pytest.raises(MovedAway):
        move.cancel(new)
    assert moving.come_back(new.settings)
    assert not moving.come_back(new.settings)
    move.cancel(new)


def test_a_new_address_makes_the_former_server_one_that_only_shows(move: Move) -> None:
    move.leave("http://127.0.0.1:8990")
    new = move.arrive_at(8990)
    with pytest.raises(MovedAway):
        move.cancel(move.old)
    move.cancel(new)
    move.federation.settle()
    for node in (move.federation.hq, move.brisbane, move.old):
        move.federation.poll(node, only=move.federation.hq)
        assert move.state(node) == "cancelled"
    with move.old.session() as session:
        assert moving.away(session, move.old.settings) == moving.Move("http://127.0.0.1:8990", is_here=False)
        assert not rivals.has_rival(session)
        assert session.get_one(Run, move.run.id).withdrawn_at is None
    assert moving.come_back(move.old.settings)
    with pytest.raises(MovedAway):
        move.cancel(move.old, SECOND)


def test_the_former_server_takes_over_what_the_new_one_says_and_signs_nothing(move: Move) -> None:
    move.leave()
    new = move.arrive()
    for day in (FIRST, SECOND):
        move.cancel(new, day)
        move.federation.relay(new)
        move.federation.poll(move.old, only=move.federation.hq)
        assert move.state(move.old, day) == "cancelled"
        assert held_digests(move.old)[new.chapter_id] == held_digests(new)[new.chapter_id]
    with move.old.session() as session:
        move.clock.tick(hours=30)
        assert not publishing.resign_if_due(session, move.old.settings, move.clock())
        assert not rivals.has_rival(session)


def test_jobs_that_speak_for_the_chapter_rest_on_the_former_server(move: Move) -> None:
    done: list[str] = []
    tried = [replace(job, run=lambda _, name=job.name: done.append(name)) for job in jobs.JOBS]
    move.leave()
    for job in tried:
        jobs._safely(job, move.old.handle)
    assert {job.name for job in tried} - set(done) == {"ask", "sign", "cover", "facts", "tell"}
    moving.come_back(move.old.settings)
    done.clear()
    for job in tried:
        jobs._safely(job, move.old.handle)
    assert len(done) == len(tried)


def test_an_address_that_is_none_is_refused_and_the_server_goes_on(move: Move) -> None:
    with pytest.raises(InvalidInput, match="no_address"):
        move.leave("https://London.example.org/")
    move.cancel(move.old)


def test_a_mark_that_cannot_be_written_leaves_the_server_as_it_is(move: Move) -> None:
    (move.old.settings.data / "moved.growing").mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - whichever the system says
        move.leave()
    move.cancel(move.old)
