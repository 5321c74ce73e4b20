"""Stored times that are compared with now. A clock may have been wrong when one was stored, or may be wrong now."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, CursorResult, exists, select, update
from sqlalchemy.orm import Session

from .database import Base, Past, Writing, writing


def is_within(moment: datetime | None, span: timedelta, now: datetime) -> bool:
    """Whether `moment` lies less than `span` back. One to come does not: a clock was wrong when it was noted."""
    return moment is not None and timedelta(0) <= now - moment < span


def mend(session: Session, now: datetime) -> int:
    """Take back what was noted while the clock was ahead: how many such times there were. Inside no transaction.

    Only for a clock that others vouch for: by one that is behind, all that was noted would lie ahead.
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
