"""Comparing stored times with the present. The clock may have been wrong when a time was stored, or may be now."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, CursorResult, exists, select, update
from sqlalchemy.orm import Session

from .database import Base, Past, Writing, writing


class Stopwatch:
    """Counts the time that passes while this process runs, whatever becomes of its clock."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._last = seconds, seconds()

    def lap(self) -> timedelta:
        """The time since the last lap; the first one began with the process."""
        before, self._last = self._last, self._seconds()
        return timedelta(seconds=self._last - before)


def is_within(moment: datetime | None, span: timedelta, now: datetime) -> bool:
    """Whether `moment` lies less than `span` back. A future moment does not: a wrong clock stored it."""
    return moment is not None and timedelta(0) <= now - moment < span


def mend(session: Session, now: datetime) -> int:
    """Correct the times that were stored while the clock was ahead, and return how many there were.

    The caller has no transaction open, and a clock that others vouch for. By a clock that is behind, every stored time
    would lie ahead.
    """
    columns = [column for table in Base.metadata.sorted_tables for column in table.c if isinstance(column.type, Past)]
    wrong = [column for column in columns if session.scalar(select(exists().where(column > now)))]
    if wrong:
        with writing(session) as transaction:
            return sum(_mend(transaction, column, now) for column in wrong)
    return 0


def _mend(session: Writing, column: "Column[datetime]", now: datetime) -> int:
    is_forgotten = isinstance(column.type, Past) and column.type.is_forgotten
    statement = update(column.table).where(column > now).values({column.name: None if is_forgotten else now})
    done: CursorResult[Any] = session.connection().execute(statement)
    return done.rowcount
