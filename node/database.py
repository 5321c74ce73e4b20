"""The engine, and the one way to write: a lock file, then BEGIN IMMEDIATE, in every process and thread.

A deferred transaction that reads and then writes fails at once with BUSY_SNAPSHOT whatever busy_timeout says, and
SQLite before 3.51.3 can corrupt a write-ahead log when a checkpoint races a reset. So writers and checkpoints queue
at a lock file (flock: a killed process frees it).

What is written raises the revision, a row, in the same transaction: kept pages are of one revision (web.page_cache).
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

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
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: Seconds to wait for a reader's or checkpoint's lock.
CONNECT_ARGS = {"timeout": 15}
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "wal_autocheckpoint=0")


_AFTERWARDS = "after_writing"
_RAISE = "UPDATE revision SET number = number + 1"
_READ = "SELECT number FROM revision"


class Base(DeclarativeBase):
    """Base of every model. Named constraints, so that migrations can find them."""

    metadata = MetaData(naming_convention=_NAMES)


def seconds(moment: datetime) -> int:
    """An aware time as an Instant is kept."""
    return int(moment.timestamp())


class Instant(TypeDecorator[datetime]):
    """An aware UTC time, kept as whole seconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuses a naive time."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive time is no instant")
        return None if value is None else seconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


def make_engine(path: Path) -> Engine:
    """An engine on the SQLite file `path`: WAL, every commit on the disk, deleted text overwritten."""
    return prepare(create_engine(database_url(path), connect_args=CONNECT_ARGS))


def database_url(path: Path) -> str:
    """The URL of the SQLite file `path`."""
    return f"sqlite:///{path}"


def prepare(engine: Engine) -> Engine:
    """Give an engine that somebody else made (Flask-SQLAlchemy) the pragmas and the transactions of this module."""
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def table_of(model: type[Base]) -> Table:
    """A model's table, for statements that leave the ORM out."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - every model here has one
    return table


def among(column: Column[Any]) -> ColumnElement[bool]:
    """Whether a text is one of the parameter `texts`, a list: one statement, put together once."""
    return column.in_(bindparam("texts", expanding=True))


def put_rows(
    session: Session, table: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]], over: str = ""
) -> None:
    """Insert `rows`, inside writing, their values as the driver takes them; `over`: the column by which a row takes
    the place of a former one, whose other columns stay.

    SQLAlchemy's look at each value took half the time of a sync's ten thousand documents.
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
def writing(session: Session) -> Iterator[Session]:
    """The only way to write: one transaction under the lock, committed at the end, rolled back on any error.

    A read transaction that `session` had open is ended first. Not re-entrant. A block that changed a row has raised
    the revision with it, whichever row: here no writer can forget it, and a page drawn once more costs little.
    """
    session.rollback()
    engine = session.get_bind()
    with _locked(engine):
        try:
            connection = session.connection(execution_options={"rtr_begin": "IMMEDIATE"})
            before = _rows_changed(connection)
            yield session
            session.flush()
            if _rows_changed(connection) != before:
                connection.exec_driver_sql(_RAISE)
            session.commit()
        except BaseException:
            session.rollback()
            session.info.pop(_AFTERWARDS, None)
            raise
    for act in session.info.pop(_AFTERWARDS, ()):
        act()


class RevisionReader:
    """Reads how often anything was changed, by whichever process; for many readers of one process, until closed.

    Over a bare connection of its own: 10 us in a busy server, where the pool takes 40 and the ORM 100.
    """

    def __init__(self, engine: Engine) -> None:
        self._raw = engine.raw_connection()
        self._cursor = self._raw.cursor()
        self._lock = Lock()

    def __call__(self) -> int:
        """The newest committed revision."""
        with self._lock:
            self._cursor.execute(_READ)
            # To the end: an open statement would hold a snapshot, and the write-ahead log with it.
            number: int = self._cursor.fetchall()[0][0]
        return number

    def close(self) -> None:
        """Let go of the connection."""
        self._raw.close()


def after_writing(session: Session, act: Callable[[], object]) -> None:
    """Have `act` called once the `writing` that is open has committed and freed the lock; never if it fails.

    SQLAlchemy's own after_commit fires at a savepoint's end too, before anybody else can see the change.
    """
    session.info.setdefault(_AFTERWARDS, []).append(act)


@contextmanager
def changing_tables(engine: Engine, before: Callable[[sqlite3.Connection], object]) -> Iterator[Connection]:
    """One transaction under the lock in which tables may be made anew, as migrations do it. `before` is called first.

    SQLite changes most of a table by making another one and dropping the first. With foreign keys on, that drop
    deletes the rows of other tables that point to it, or fails because of them. Inside a transaction the pragma does
    nothing, so it is set around it. Whoever changes tables checks the keys at the end.
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


def checkpoint(engine: Engine) -> None:
    """Move the write-ahead log into the database file and cut it, so that deleted text is gone from both."""
    with _locked(engine):
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            raw.close()


@contextmanager
def _locked(bind: Engine | Connection) -> Iterator[None]:
    # A new open file for each lock: flock then excludes threads of one process as well as other processes.
    descriptor = os.open(f"{bind.engine.url.database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _rows_changed(connection: Connection) -> int:
    """Rows that this connection ever inserted, updated or deleted, cascades and taken back savepoints included."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a transaction is open on it
    changed: int = driver.total_changes
    return changed


def _configure(connection: DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, in _begin
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('rtr_begin', 'DEFERRED')}")
