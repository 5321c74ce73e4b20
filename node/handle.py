"""The one handle on this node: what its pages, its jobs, its commands and the reading of others work with."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Event, Lock
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from . import config
from .clocks import Stopwatch
from .config import Settings
from .database import CannotWrite, Writing, after_writing, writing
from .seen import Seen
from .wire.outbound import Outbound, Wire

if TYPE_CHECKING:
    from email.message import EmailMessage

Clock = Callable[[], datetime]
#: Writes the letter with this id to this address, from what is true now; None if it would no longer be true.
Render = Callable[[int, str], "EmailMessage | None"]
#: Called in the transaction of a signed document: tells everybody whom it concerns what it changes, right after it
#: (node.members.telling).
News = Callable[[Writing, Settings, datetime], None]

_QUEUED, _NEWS = "queued_for_peers", "news"


@dataclass(eq=False)
class Node:
    """One node in one process. What it knows in memory alone is here, too: two nodes of a process share nothing.

    Pages, jobs and the courier of a process share one, so that settings which are changed on a page count at once.
    """

    settings: Settings
    engine: Engine
    wire: Wire
    clock: Clock
    #: When this process began.
    began: datetime
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    #: Set when the node is to end: no job begins any more.
    stopping: Event = field(default_factory=Event)
    #: Set after each commit that queued a change for other nodes: the courier waits for it.
    queued: Event = field(default_factory=Event)
    #: Set once this node is seen to have a chapter: before that it is being set up.
    is_founded: Event = field(default_factory=Event)
    #: Set once others have said, since `began`, what they hold of our chapter (node.sync.own_document).
    is_answered: Event = field(default_factory=Event)
    #: Held by the thread that asks others what they hold of our chapter.
    asking: Lock = field(default_factory=Lock)
    #: Set once another node has said, since `began`, which registry of ours it holds (node.hq.take_over).
    is_registry_answered: Event = field(default_factory=Event)
    seen: Seen = field(default_factory=Seen)
    #: Writes letters (web.letters), where this process sends them.
    render: Render | None = None
    news: News | None = None

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        """Makes sessions of the jobs and commands; what is queued in one of them wakes the courier, and is told."""
        return sessionmaker(self.engine, info={_QUEUED: self.queued, _NEWS: self.news})

    @cached_property
    def seldom(self) -> sessionmaker[Session]:
        """Makes sessions of jobs that ask much, and seldom. What their statements compile to is not kept: 1.5 MB."""
        return sessionmaker(self.engine.execution_options(compiled_cache=None), info=self.sessions.kw["info"])

    @contextmanager
    def writing(self, *, is_private: bool = False) -> Iterator[Writing]:
        """One transaction in a session of its own (node.database.writing)."""
        with self.sessions() as session, writing(session, is_private=is_private) as transaction:
            yield transaction

    def change_settings(self, values: Mapping[str, str]) -> None:
        """Keep settings in settings.env, by the names of config.SETTINGS, and go by them from now on.

        Raises SettingsError, and CannotWrite where the disk takes nothing.
        """
        changed = config.changed(self.settings, values)
        try:
            config.change(self.settings.data, values)
        except OSError as error:
            raise CannotWrite(f"the settings cannot be written: {error.strerror}") from error
        self.settings = changed

    def adopt(self, session: Session) -> Session:
        """The same session, which somebody else has made: what is queued in it wakes the courier, too, and is told."""
        session.info.update({_QUEUED: self.queued, _NEWS: self.news})
        return session


def open_node(settings: Settings, engine: Engine, news: News | None = None) -> Node:
    """The node of `settings` on the network and on the system's clock; its database is `engine`."""
    wire = Outbound(settings.network, settings.speaks_from)
    return Node(settings, engine, wire, utc_now, utc_now(), stopping=wire.stopping, news=news)


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


def wake_courier(session: Writing) -> None:
    """Let the courier look into the queue once this transaction is committed; where there is none, nothing happens."""
    queued: Event | None = session.info.get(_QUEUED)
    if queued is not None:
        after_writing(session, queued.set)


def spread_news(session: Writing, settings: Settings, now: datetime) -> None:
    """Have everybody told whom this transaction concerns what it changes; where nobody tells, nothing happens."""
    news: News | None = session.info.get(_NEWS)
    if news is not None:
        news(session, settings, now)
