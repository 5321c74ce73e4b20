"""What every view needs: the request's database session, the node's settings, the time."""

from datetime import datetime

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from node.config import Settings
from node.database import Base
from node.handle import Node

#: What a view shows: a page, and its status where that is not 200.
Page = str | tuple[str, int]

db = SQLAlchemy(metadata=Base.metadata)


def session() -> Session:
    """The database session of this request. It closes with the request."""
    return node().adopt(db.session())


def node_of(app: Flask) -> Node:
    """The node whose pages `app` shows."""
    found: Node = app.config["NODE"]
    return found


def node() -> Node:
    """The node whose page is asked for."""
    return node_of(current_app)


def settings() -> Settings:
    """The node's settings."""
    return node().settings


def now() -> datetime:
    """The time (aware, UTC), from the node's clock."""
    return node().clock()
