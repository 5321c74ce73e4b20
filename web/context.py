"""What every view needs: the request's database session, the node's settings, the time."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from node.config import Settings
from node.database import Base
from node.wire.outbound import Outbound, Wire

Clock = Callable[[], datetime]
#: What a view shows: a page, and its status where that is not 200.
Page = str | tuple[str, int]

db = SQLAlchemy(metadata=Base.metadata)


def session() -> Session:
    """The database session of this request. It closes with the request."""
    return db.session()


def settings() -> Settings:
    """The node's settings, which `create_app` was given."""
    found: Settings = current_app.config["NODE_SETTINGS"]
    return found


def now() -> datetime:
    """The time (aware, UTC), from the clock that `create_app` was given."""
    return clock()()


def clock() -> Clock:
    """The clock that `create_app` was given, for work that goes on after this request."""
    found: Clock = current_app.config["NODE_CLOCK"]
    return found


def wire() -> Wire:
    """The way to other nodes."""
    found: Wire = current_app.config.get("NODE_WIRE") or Outbound(settings().network, settings().speaks_from)
    return found


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)
