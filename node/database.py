"""The engine, and the one way to write: each thread of each process takes a lock file, then BEGIN IMMEDIATE.

A deferred transaction that reads and then writes fails at once with BUSY_SNAPSHOT, whatever busy_timeout says. SQLite
before 3.51.3 can corrupt a write-ahead log when a checkpoint races a reset. So writers and checkpoints queue at a lock
file. They wait fifteen seconds at most, since a thread that waits for ever is lost. No thread holds the lock while it
waits for a reader or for the network.

Each transaction that changes something raises the revision, which is a row. Cached pages are of one revision
(web.http.page_cache).
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import Any, NewType

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Table,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from .errors import NodeError
from .file_lock import FairLock, NotFree

log = logging.getLogger(__name__)

_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: Seconds to wait for the write lock, and in SQLite for a program that does not know it.
PATIENCE = 15.0
#: Values stay out of errors, and so out of the log: they may be what somebody wrote, or a sign-in token's hash.
ENGINE_OPTIONS: dict[str, Any] = {"connect_args": {"timeout": PATIENCE}, "hide_parameters": True}
_PRAGMAS = (
    "journal_mode=WAL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "wal_autocheckpoint=0",
    # Else SQLite makes an index of a whole table for one question: 80 ms for a map that an index answers in one.
    "automatic_index=OFF",
)

#: KiB of the file that each connection keeps. A serving node has some eight, and the kernel has the file, too. With
#: 10,000 chapters the 2,000 that SQLite takes by itself took 10 MB more, and no page was faster.
_CACHE_KIB = 500
#: For a large reading of others, which is slower by a twentieth with less.
LARGE_CACHE_KIB = 2000

#: Milliseconds that a checkpoint, which holds the lock, waits for readers.
_READERS_MS = 250

#: A session inside `writing`. Whatever must be inside takes one, so that mypy finds a caller that is outside.
Writing = NewType("Writing", Session)

_AFTERWARDS, _FOLLOWING = "after_writing", "follow_writing"
_RAISE = "UPDATE revision SET number = number + 1"
_READ = "SELECT number FROM revision"


class CannotWrite(NodeError):
    """The lock was not free in time, or the disk took nothing. Nothing was changed, and another try may succeed."""

    code = "cannot-write"


class Base(DeclarativeBase):
    """Base of every model. Constraints have names, so that migrations can find them."""

    metadata = MetaData(naming_convention=_NAMES)


def seconds(moment: datetime) -> int:
    """The number by which an Instant column stores an aware time."""
    return int(moment.timestamp())


class Instant(TypeDecorator[datetime]):
    """An aware UTC time, stored as whole seconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """The stored number. Raises ValueError for a naive time."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive time is no instant")
        return None if value is None else seconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """The time, aware and in UTC."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Past(Instant):
    """A time that had come when it was stored. One that lies ahead was stored by a wrong clock (node.clocks mends it).

    `is_forgotten`: mending empties such a column. Otherwise mending sets it to the present.
    """

    cache_ok = True

    def __init__(self, *, is_forgotten: bool = False) -> None:
        super().__init__()
        self.is_forgotten = is_forgotten


def make_engine(path: Path, *, syncs_commits: bool = True, cache_kib: int = _CACHE_KIB) -> Engine:
    """An engine on the SQLite file `path`. It has a WAL and overwrites deleted text.

    `syncs_commits`: each commit is on the disk when it returns. Otherwise it is there with the next commit that is
    synced, in whatever process, since all share one log. A power cut before that takes back the commit and all that
    came after it; it damages nothing (sqlite.org/pragma.html, "synchronous").
    """
    engine = create_engine(database_url(path), **ENGINE_OPTIONS)
    return prepare(engine, syncs_commits=syncs_commits, cache_kib=cache_kib)


def database_url(path: Path) -> str:
    """The URL of the SQLite file `path`."""
    return f"sqlite:///{path}"


def prepare(engine: Engine, *, syncs_commits: bool = True, cache_kib: int = _CACHE_KIB) -> Engine:
    """Give the pragmas and transactions of this module to an engine, such as the one that Flask-SQLAlchemy makes."""
    own = (f"synchronous={'FULL' if syncs_commits else 'NORMAL'}", f"cache_size=-{cache_kib}")
    event.listen(engine, "connect", partial(_configure, (*_PRAGMAS, *own)))
    event.listen(engine, "begin", _begin)
    return engine


#: The values of a row, as the driver takes them.
Stored = tuple[object, ...]


def table_of(model: type[Base]) -> Table:
    """A model's table, for statements without the ORM."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - every model here has one
    return table


def among(column: Column[Any]) -> ColumnElement[bool]:
    """Whether `column` is one of the list parameter `texts`. The statement is compiled once for every list."""
    return column.in_(bindparam("texts", expanding=True))


def put_rows(session: Writing, table: str, columns: tuple[str, ...], rows: Sequence[Stored], over: str = "") -> None:
    """Insert `rows`, whose values are as the driver takes them.

    `over`: the key column. A row with the same key is updated, and its columns that are not in `columns` stay. Without
    SQLAlchemy's processing of each value a sync of ten thousand documents takes half the time.
    """
    if rows:
        session.connection().exec_driver_sql(_put(table, columns, over), list(rows))


@lru_cache(maxsize=16)
def _put(table: str, columns: tuple[str, ...], over: str) -> str:
    taken = ",".join(f"{column}=excluded.{column}" for column in columns if column != over)
    clash = f" ON CONFLICT ({over}) DO UPDATE SET {taken}" if over else ""
    places = ",".join("?" * len(columns))
    return f"INSERT INTO {table} ({','.join(columns)}) VALUES ({places}){clash}"  # noqa: S608 - names of ours


@contextmanager
def writing(session: Session, patience: float | None = None, *, is_private: bool = False) -> Iterator[Writing]:
    """The only way to write: one transaction under the lock, committed at the end, rolled back on any error.

    It yields `session` as a Writing, for the block alone. First it ends a read transaction that `session` has open.
    Inside another `writing` of this thread it raises RuntimeError, since it would wait for itself. It raises
    CannotWrite if the lock is not free within `patience` seconds (PATIENCE).

    A block that changes any row raises the revision, too. No writer can forget that here, and it costs little to draw a
    page once more. Where `is_private`, nothing changes that a public page shows, and the revision stays: a page that
    has to be drawn anew takes longer, and would tell a stranger each time that somebody has said "I'm coming".
    """
    engine = session.get_bind().engine
    with _locked(engine, patience, before=session.rollback):
        with _transaction(session, is_private) as transaction:
            yield transaction
        afterwards = session.info.pop(_AFTERWARDS, ())
        for follow in session.info.pop(_FOLLOWING, {}).values():
            _follow(session, follow)
    for act in afterwards:
        act()


@contextmanager
def _transaction(session: Session, is_private: bool) -> Iterator[Writing]:
    """One transaction, committed at the end, rolled back on any error. The caller holds the lock."""
    try:
        connection = session.connection(execution_options={"rtr_begin": "IMMEDIATE"})
        before = _rows_changed(connection)
        yield Writing(session)
        session.flush()
        if not is_private and _rows_changed(connection) != before:
            connection.exec_driver_sql(_RAISE)
        session.commit()
    except BaseException as error:
        session.rollback()
        for name in (_AFTERWARDS, _FOLLOWING):
            session.info.pop(name, None)
        if isinstance(error, OperationalError):
            raise CannotWrite(f"the database takes nothing: {error.orig}") from error
        raise


def _follow(session: Session, act: Callable[[Writing], object]) -> None:
    try:
        with _transaction(session, is_private=True) as transaction:
            act(transaction)
    except Exception:
        log.exception("a change is kept, and what follows from it was not written")


class RevisionReader:
    """Reads the revision, for many threads of one process, until it is closed.

    It has a bare connection of its own. A read takes 10 us in a busy server. Through the pool it takes 40, and through
    the ORM 100.
    """

    def __init__(self, engine: Engine) -> None:
        self._raw = engine.raw_connection()
        self._cursor = self._raw.cursor()
        self._lock = Lock()

    def __call__(self) -> int:
        """The newest committed revision."""
        with self._lock:
            self._cursor.execute(_READ)
            # All rows are read: an open statement would hold a snapshot, and the write-ahead log with it.
            number: int = self._cursor.fetchall()[0][0]
        return number

    def close(self) -> None:
        """Close the connection."""
        self._raw.close()


def after_writing(session: Writing, act: Callable[[], object]) -> None:
    """Call `act` once this transaction is committed and the lock is free. If the transaction fails, never call it.

    SQLAlchemy's own after_commit fires at the end of a savepoint, too, before others can see the change.
    """
    session.info.setdefault(_AFTERWARDS, []).append(act)


def follow_writing(session: Writing, name: str, act: Callable[[Writing], object]) -> None:
    """Call `act` in a private transaction of its own right after this one, before anybody else writes.

    For what must not stop the change that it follows from. A nearly full disk has room for a cancellation and not for
    its letters, and a savepoint does not part the two: the log is written when the whole transaction commits. Whatever
    goes wrong in `act` is logged, and this process may end before it. So a job must find later what `act` left undone.
    If this transaction fails, `act` is never called. A second `act` of one `name` takes the first one's place.
    """
    session.info.setdefault(_FOLLOWING, {})[name] = act


@contextmanager
def changing_tables(engine: Engine, before: Callable[[sqlite3.Connection], object]) -> Iterator[Connection]:
    """One transaction under the lock in which migrations may replace tables. It calls `before` first.

    For most changes of a table SQLite needs a new table in place of the old one. With foreign keys on, dropping the old
    table deletes the rows of other tables that point to it, or fails because of them. The pragma does nothing inside a
    transaction, so it is set around it. The caller checks the foreign keys at the end.
    """
    with _locked(engine), engine.connect().execution_options(rtr_begin="IMMEDIATE") as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - PostgreSQL will need none of this
        before(driver)
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def checkpoint(engine: Engine) -> bool:
    """Move the write-ahead log into the database file and empty it, so that deleted text is gone from both.

    False if an old read transaction is open. Then the log stays as it is, since writers wait for no reader.
    """
    with _locked(engine):
        raw = engine.raw_connection()
        cursor = raw.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout={_READERS_MS}")
            is_busy: int = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}")
            raw.close()
    return not is_busy


def fold(session: Session) -> None:
    """Empty the write-ahead log after something was erased. Where an old reader is in its way, the job `fold` does it
    within the minute.
    """
    engine = session.get_bind().engine
    session.close()
    try:
        checkpoint(engine)
    except CannotWrite:
        log.exception("the log could not be emptied after something was erased; it is tried again each minute")


@contextmanager
def waiting_for_nobody(engine: Engine) -> Iterator[None]:
    """For the end of a process: while the block runs, every thread that waits for the write lock gets CannotWrite."""
    with _lock_of(engine).given_up():
        yield


#: For the whole process: the pages and the jobs have an engine each, and their threads queue in one row.
_locks: dict[str, FairLock] = {}


def _lock_of(engine: Engine) -> FairLock:
    path = f"{engine.url.database}.lock"
    return _locks.setdefault(path, FairLock(Path(path)))


@contextmanager
def _locked(
    engine: Engine, patience: float | None = None, before: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Hold the write lock while the block runs. Call `before` before waiting. Raises CannotWrite.

    Raises RuntimeError, and does not call `before`, if this thread holds the lock already.
    """
    lock = _lock_of(engine)
    if lock.is_mine:
        raise RuntimeError("writing inside writing: this thread holds the lock already")
    before()
    with ExitStack() as until_the_end:
        try:
            until_the_end.enter_context(lock.held(PATIENCE if patience is None else patience))
        except (NotFree, OSError) as error:
            raise CannotWrite(f"the write lock cannot be had: {error}") from error
        yield


def _rows_changed(connection: Connection) -> int:
    """How many rows this connection ever inserted, updated or deleted, with cascades and rolled back savepoints."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a transaction is open on it
    changed: int = driver.total_changes
    return changed


def _configure(pragmas: Sequence[str], connection: DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, in _begin
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('rtr_begin', 'DEFERRED')}")
