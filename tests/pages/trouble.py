"""What can be the matter with a node's folder or clock, for as long as a page is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from federation.words import Status
from node.database import writing
from node.hq import registry
from node.models import Chapter, KnownPeer, RestoreQuestion
from node.sync import restored_folder

from .world import World


@dataclass(frozen=True)
class Trouble:
    """What befalls a node. `off`: how far its clock is ahead of all others'."""

    node: str
    off: timedelta = timedelta(0)

    @contextmanager
    def two_servers(self, world: World) -> Iterator[None]:
        """Another server speaks in the same name."""
        with world.nodes[self.node].session() as session:
            with writing(session):
                session.get_one(Chapter, 1).rival_since = world.clock()
            yield
            with writing(session):
                session.get_one(Chapter, 1).rival_since = None

    @contextmanager
    def nobody_answers(self, world: World) -> Iterator[None]:
        """It has just been started, perhaps from a copy, and no other node can be reached."""
        node = world.nodes[self.node]
        with node.session() as session:
            restored_folder.open_question(session, node.settings, world.clock() + timedelta(seconds=1))
            yield
            with writing(session):
                session.execute(delete(RestoreQuestion))

    @contextmanager
    def clock(self, world: World) -> Iterator[None]:
        """More others than are in its list of chapters say that its clock is off."""
        urls = [f"https://{number}.example.org" for number in range(20)]
        with world.nodes[self.node].session() as session:
            with writing(session):
                seconds = -round(self.off.total_seconds())
                session.add_all(
                    KnownPeer(base_url=url, status_at=world.clock(), clock_off_seconds=seconds) for url in urls
                )
            yield
            with writing(session):
                session.execute(delete(KnownPeer).where(KnownPeer.base_url.in_(urls)))

    @contextmanager
    def paused_by_hq(self, world: World) -> Iterator[None]:
        """HQ has paused the chapter, and its node has heard so."""
        self._set_status(world, "paused")
        yield
        self._set_status(world, "active")

    def _set_status(self, world: World, status: Status) -> None:
        node, hq = world.nodes[self.node], world.federation.hq
        with hq.session() as session:
            registry.set_status(session, hq.settings, node.chapter_id, status, world.clock())
        world.federation.poll(node, only=hq)


@contextmanager
def signing_key_missing(world: World) -> Iterator[None]:
    """London's site cannot sign."""
    file = world.nodes["london"].settings.signing_key_file
    elsewhere = file.rename(file.with_suffix(".elsewhere"))
    yield
    elsewhere.rename(file)


@contextmanager
def members_key_missing(world: World) -> Iterator[None]:
    """Brisbane's site cannot open what people gave it."""
    file = world.nodes["brisbane"].settings.members_key_file
    elsewhere = file.rename(file.with_suffix(".elsewhere"))
    yield
    elsewhere.rename(file)
